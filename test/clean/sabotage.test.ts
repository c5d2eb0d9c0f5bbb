// A proof that cannot fail is worth nothing: the written result is tampered with in every way, and each time the right check says so.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Applied, applyPlan } from '../../src/clean/apply/apply-plan.ts';
import { makePlan } from '../../src/clean/plan/make-plan.ts';
import { prove } from '../../src/clean/prove/prove.ts';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import type { Proof } from '../../src/model/clean-report.ts';
import { digestOf } from '../../src/model/digest.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { parseReference } from '../../src/model/reference.ts';
import { scanStore } from '../../src/scan/scan.ts';
import { openStore } from '../../src/store/open.ts';
import { parseOutput, stageOutput } from '../../src/store/output.ts';
import { archive, docker25Archive } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken, npmToken, password } from '../support/planted.ts';
import { directory, end, file, hardlink, tar, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleanOptions } from './cleaning.ts';
import { gathered } from './removed.ts';

const token = githubToken('sabotage');
const other = npmToken('sabotage');

/** The first layer is not touched; in the second `srv/.env` is written over, in the third `opt/.npmrc` is dropped. */
const layers = [
  [directory('etc'), file('etc/passwd', 'root:x:0:0::/root:/bin/sh\n')],
  [directory('srv'), file('srv/.env', `GITHUB_TOKEN=${token}\n`, { mode: 0o600, uid: 7 }), file('srv/app.js', 'run();\n'), file('srv/last', 'z')],
  [file('opt/.npmrc', `//registry.npmjs.org/:_authToken=${other}\n`), file('opt/keep', 'keep\n'), hardlink('opt/link', 'opt/keep')],
  [whiteout('opt/.npmrc'), file('etc/motd', 'hello\n')],
];
/** The second layer as it should become. */
const redactedEntries = [
  layers[1][0],
  file('srv/.env', `GITHUB_TOKEN=${'x'.repeat(token.length)}\n`, { mode: 0o600, uid: 7 }),
  ...layers[1].slice(2),
];

/** What is written, and believed to be right, instead of what was made. */
type Tampering = (applied: Applied) => Applied;

describe('the proof', () => {
  const place = scratch();

  async function proofOf(tamper: Tampering, damage?: (path: string) => void, tarLayers = layers): Promise<Proof> {
    const image = assemble({
      tags: ['app:1'],
      layers: tarLayers.map((entries) => ({ entries })),
      config: { Env: ['PATH=/bin', `API_TOKEN=${token}`], Labels: { kept: 'as it is' } },
    });
    const source = place.file(archive(docker25Archive(image)));
    const scanning = await cleanOptions();
    const hold = async (chunks: AsyncIterable<Uint8Array>): Promise<Blob> => blobOf(await gathered(chunks));
    const reading = { limits: scanning.limits, hold, scratch: () => ({ hold, close: async () => {} }) };
    const store = await openStore(parseReference(source), scanning);
    try {
      const scanned = await scanStore(store, source, scanning);
      const planning = { ...reading, modes: [], paths: [], sparesGuesses: false, version: '0', reference: source };
      const made = await makePlan(store, scanned, scanned.report.findings, planning);
      const applied = tamper(await applyPlan(store, scanned, made, made.planned, { ...reading, isDockerArchive: true }));
      const output = await stageOutput(parseOutput(join(place.newFolder(), 'out.tar'), 'docker-archive'), applied.contents, { replaces: 'all' });
      try {
        damage?.(output.reference);
        const options = { ...scanning, ...reading };
        return await prove({ ...applied, reference: output.reference, scanned, made, planned: made.planned, keptValues: new Set(), options });
      } finally {
        await output.discard();
      }
    } finally {
      await store.close();
    }
  }

  const failed = ({ checks }: Proof) => checks.filter(({ isPassed }) => !isPassed).map(({ name }) => name);

  /** The same with other texts for config and manifest, everything that names them made to fit. */
  function withDocuments(applied: Applied, change: { config?: (text: string) => string; manifest?: (text: string) => string }): Applied {
    const [image] = applied.images;
    const changed = (bytes: Buffer, edit: (text: string) => string = (text) => text) => {
      const now = Buffer.from(edit(bytes.toString()));
      return { bytes: now, digest: digestOf(now) };
    };
    const config = changed(image.config.bytes, change.config);
    const named = (text: string) =>
      text.replace(`"${image.config.digest}","size":${image.config.bytes.length}`, `"${config.digest}","size":${config.bytes.length}`);
    const manifest = changed(Buffer.from(named(image.manifest.bytes.toString())), change.manifest);
    const { blobs, index, docker } = applied.contents;
    const contents = {
      blobs: new Map([...blobs].filter(([name]) => name !== image.config.digest && name !== image.manifest.digest))
        .set(config.digest, blobOf(config.bytes))
        .set(manifest.digest, blobOf(manifest.bytes)),
      index: Buffer.from(
        index
          .toString()
          .replace(`"${image.manifest.digest}","size":${image.manifest.bytes.length}`, `"${manifest.digest}","size":${manifest.bytes.length}`),
      ),
      docker: docker.map((each) => ({ ...each, config: config.digest })),
    };
    return {
      ...applied,
      contents,
      images: [{ ...image, config, manifest }],
      documents: new Set([...applied.documents, config.digest, manifest.digest]),
    };
  }

  /** The same with another tar as a layer. */
  function withLayer(position: number, entries: readonly Buffer[]): Tampering {
    return (applied) => {
      const bytes = Buffer.concat([...entries, end()]);
      const digest = digestOf(bytes);
      const old = applied.images[0].layers[position];
      const fitted = withDocuments(applied, {
        config: (text) => text.replace(old.diffId, digest),
        manifest: (text) => text.replace(`"${old.digest}","size":${old.blob.size}`, `"${digest}","size":${bytes.length}`),
      });
      const [image] = fitted.images;
      const layer = { ...old, blob: blobOf(bytes), digest, diffId: digest };
      return {
        ...fitted,
        contents: {
          ...fitted.contents,
          blobs: new Map([...fitted.contents.blobs].filter(([name]) => name !== old.digest)).set(digest, blobOf(bytes)),
          docker: fitted.contents.docker.map((each) => ({ ...each, layers: each.layers.map((one) => (one === old.digest ? digest : one)) })),
        },
        images: [{ ...image, layers: image.layers.with(position, layer) }],
        touched: new Map(
          [...applied.touched].map(([key, each]) => [
            key,
            each.result.digest === old.digest ? { ...each, result: { ...each.result, digest, diffId: digest } } : each,
          ]),
        ),
      };
    };
  }

  it('is given for a result that is what the plan says', async () => {
    assert.deepEqual(failed(await proofOf((applied) => applied)), []);
  });

  const encodings: Readonly<Record<string, (value: string) => Buffer>> = {
    'as it is': (value) => Buffer.from(value),
    'in base64': (value) => Buffer.from(Buffer.from(`key ${value}`).toString('base64')),
    'in hexadecimal digits': (value) => Buffer.from(Buffer.from(value).toString('hex')),
    'in UTF-16': (value) => Buffer.from(value, 'utf16le'),
    'in a gzip file': (value) => gzipSync(value),
    'in a tar in a gzip file': (value) => gzipSync(tar(file('inner', value))),
  };
  for (const [how, encode] of Object.entries(encodings)) {
    it(`fails when a value is put back ${how}`, async () => {
      const names = failed(await proofOf(withLayer(1, [...redactedEntries, file('srv/back', encode(token))])));
      assert.ok(names.includes('values'), names.join());
    });
  }

  it('fails when a finding is put back, or a new one', async () => {
    assert.ok(failed(await proofOf(withLayer(1, layers[1]))).includes('rescan'));
    assert.ok(failed(await proofOf(withLayer(1, [...redactedEntries, file('srv/new', `DB_PASSWORD=${password('new')}\n`)]))).includes('rescan'));
  });

  it('fails when the file systems differ where no step says so', async () => {
    assert.ok(failed(await proofOf(withLayer(1, [...redactedEntries, file('srv/added', 'new\n')]))).includes('trees'));
    assert.ok(failed(await proofOf(withLayer(1, redactedEntries.slice(0, 3)))).includes('trees'));
  });

  it('lets a file whose name held the value have another name, and nothing that only looks like it', async () => {
    const named = [[file(`srv/${token}`, 'A'), file('srv/keep', 'B')]];
    const renamed = [file(`srv/${'x'.repeat(token.length)}`, 'A'), file('srv/keep', 'B')];
    assert.deepEqual(failed(await proofOf(withLayer(0, renamed), undefined, named)), []);
    const names = failed(await proofOf(withLayer(0, [...renamed, file('srv/xxx-added', 'new\n')]), undefined, named));
    assert.ok(names.includes('trees') && names.includes('bytes'), names.join());
  });

  const changes: Readonly<Record<string, readonly Buffer[]>> = {
    'another byte is changed': redactedEntries.with(3, file('srv/last', 'y')),
    'a byte beside the value is changed': redactedEntries.with(
      1,
      file('srv/.env', `GITHUB_TOKEN:${'x'.repeat(token.length)}\n`, { mode: 0o600, uid: 7 }),
    ),
    'an entry is added': [...redactedEntries, file('srv/added', 'new\n')],
    'an entry is removed': redactedEntries.slice(0, 3),
    'an entry is renamed': redactedEntries.with(3, file('srv/lost', 'z')),
    'entries are exchanged': [redactedEntries[0], redactedEntries[1], redactedEntries[3], redactedEntries[2]],
    'the owner of an entry is changed': redactedEntries.with(3, file('srv/last', 'z', { uid: 1 })),
    'the owner of a planned entry is changed': redactedEntries.with(
      1,
      file('srv/.env', `GITHUB_TOKEN=${'x'.repeat(token.length)}\n`, { mode: 0o600 }),
    ),
    'the mode of an entry is changed': redactedEntries.with(3, file('srv/last', 'z', { mode: 0o755 })),
    'the time of an entry is changed': redactedEntries.with(3, file('srv/last', 'z', { mtime: 5 })),
    'a planned file is longer': redactedEntries.with(1, file('srv/.env', `GITHUB_TOKEN=${'x'.repeat(600)}\n`, { mode: 0o600, uid: 7 })),
    'the padding of an entry is changed': redactedEntries.with(
      3,
      Buffer.concat([redactedEntries[3].subarray(0, 1000), Buffer.from('tampered'.padEnd(24))]),
    ),
    'something is put behind the end': [...redactedEntries, end(), Buffer.alloc(512, 'behind ')],
  };
  for (const [what, entries] of Object.entries(changes)) {
    it(`fails when ${what}`, async () => {
      const names = failed(await proofOf(withLayer(1, entries)));
      assert.ok(names.includes('bytes'), names.join());
    });
  }

  it('fails when a layer that was not to be touched is another one', async () => {
    const names = failed(await proofOf(withLayer(0, [layers[0][0], file('etc/passwd', 'root::0:0::/root:/bin/sh\n')])));
    assert.notDeepEqual(names, []);
  });

  it('fails when two layers change places', async () => {
    const proof = await proofOf((applied) => {
      const { layers: made } = applied.images[0];
      const swap = (text: string, a: string, b: string) => text.replace(a, '#').replace(b, a).replace('#', b);
      const descriptor = ({ digest, blob }: (typeof made)[number]) => `"${digest}","size":${blob.size}`;
      return withDocuments(applied, {
        config: (text) => swap(text, made[0].diffId, made[3].diffId),
        manifest: (text) => swap(text, descriptor(made[0]), descriptor(made[3])),
      });
    });
    assert.notDeepEqual(failed(proof), []);
  });

  it('fails when a value stands in the config, the manifest or the index again', async () => {
    const note = (text: string) => text.replace(/\}$/, `,"note":"${token}"}`);
    for (const which of ['config', 'manifest']) {
      const names = failed(await proofOf((applied) => withDocuments(applied, { [which]: note })));
      assert.ok(names.includes('values') && names.includes('rescan'), `${which}: ${names}`);
    }
    const names = failed(
      await proofOf((applied) => ({ ...applied, contents: { ...applied.contents, index: Buffer.from(note(applied.contents.index.toString())) } })),
    );
    assert.ok(names.includes('values'), `index: ${names}`);
  });

  it('fails when the image is said to be cleaned from another one, or from none', async () => {
    const annotation = /"dev\.unbake\.cleaned-from":"sha256:[0-9a-f]{64}"/;
    const withIndex = (edit: (text: string) => string) => (applied: Applied) => {
      const text = applied.contents.index.toString();
      assert.match(text, annotation);
      return { ...applied, contents: { ...applied.contents, index: Buffer.from(edit(text)) } };
    };
    const edits: readonly ((text: string) => string)[] = [
      (text) => text.replace(annotation, `"dev.unbake.cleaned-from":"${digestOf(Buffer.from('another'))}"`),
      (text) => text.replace(annotation, '"other":"1"'),
      (text) => text.replace(/("dev\.unbake\.cleaned-from":"sha256:)[0-9a-f]{64}/, '$1none'),
    ];
    for (const edit of edits) {
      const names = failed(await proofOf(withIndex(edit)));
      assert.ok(names.includes('bytes'), names.join());
    }
  });

  it('fails when the config says something else than it said', async () => {
    const edits: readonly ((text: string) => string)[] = [
      (text) => text.replace('"as it is"', '"as it was"'),
      (text) => text.replace('PATH=/bin', 'PATH=/bin:/tmp'),
      (text) => text.replace('"config":{', '"config":{"User":"root",'),
    ];
    for (const config of edits) assert.notDeepEqual(failed(await proofOf((applied) => withDocuments(applied, { config }))), []);
  });

  it('fails when a digest is wrong', async () => {
    const flipped = (digest: string) => digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const which of [0, 1, 2, 3]) {
      const proof = await proofOf((applied) => {
        const { diffId } = applied.images[0].layers[which];
        return withDocuments(applied, { config: (text) => text.replace(diffId, flipped(diffId)) });
      });
      assert.ok(failed(proof).includes('digests'), `diffId of layer ${which}`);
    }
  });

  it('fails when the written bytes are not those that were given', async () => {
    for (const needle of ['run();', 'root:x:0', '"Labels"', '"schemaVersion"']) {
      const damaged = (path: string) => {
        const bytes = readFileSync(path);
        const at = bytes.indexOf(needle);
        assert.ok(at > 0, needle);
        bytes[at] ^= 1;
        writeFileSync(path, bytes);
      };
      const proof = await proofOf((applied) => applied, damaged).catch((thrown: Error) => thrown);
      assert.ok(proof instanceof UnbakeError || (!(proof instanceof Error) && failed(proof).length > 0), needle);
    }
  });
});
