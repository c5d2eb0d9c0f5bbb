// The same report, byte for byte, whether a layer was scanned or its scan was kept; and nothing kept that is secret.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { buildFixture } from '../../../fixtures/build.ts';
import { fixtureNames, readFixture } from '../../../fixtures/fixture.ts';
import { wholePath } from '../../../src/model/finding.ts';
import type { LayerScan } from '../../../src/scan/layer-scan.ts';
import { archive, docker29Archive, ociLayout } from '../../support/forms.ts';
import { assemble, type ImagePlan, type LayerPlan } from '../../support/image.ts';
import { leakyImage, secrets } from '../../support/leaky.ts';
import { githubToken, npmToken, password, privateKey, slackToken, stripeKey } from '../../support/planted.ts';
import { directory, file, hardlink, opaque, symlink, whiteout } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { rawZip } from '../../view/nested/raw-zip.ts';
import { countingCache, inAllFormats, scanned, spellingsOf, withStore, written } from './cached.ts';

describe('a scan with a cache of layers', function () {
  this.timeout(120_000);
  const place = scratch();
  let count = 0;

  const imageOf = (plan: ImagePlan): string => place.file(archive(ociLayout(assemble(plan))));

  /** Without a cache, with an empty one and with a filled one; gives the digests that were known the last time. */
  async function assertSame(
    reference: string,
    folder = place.newFolder(),
    fingerprintKey?: string,
  ): Promise<{ known: readonly string[]; folder: string }> {
    const key = fingerprintKey === undefined ? {} : { fingerprintKey };
    const plain = await inAllFormats(await scanned(reference, key));
    assert.deepEqual(await inAllFormats(await scanned(reference, { ...key, cache: countingCache(folder, key) })), plain);
    const cache = countingCache(folder, key);
    assert.deepEqual(await inAllFormats(await scanned(reference, { ...key, cache })), plain);
    const verified = countingCache(folder, key);
    assert.deepEqual(await inAllFormats(await scanned(reference, { ...key, cache: verified, isVerified: true })), plain);
    assert.deepEqual(verified.known, cache.known);
    return { known: cache.known, folder };
  }

  async function assertHidden(folder: string, reference: string, values: readonly string[]): Promise<readonly Buffer[]> {
    const { raw, opened } = await withStore(reference, (store) => written(folder, store.images));
    for (const [index, bytes] of [...raw, ...opened].entries()) {
      for (const value of values) {
        for (const spelling of spellingsOf(value)) assert.ok(!bytes.includes(spelling), `a value stands in file ${index}`);
      }
    }
    return opened;
  }

  for (const name of fixtureNames()) {
    it(`gives the same report of ${name}, and writes no value of it`, async () => {
      const path = join(place.folder, `fixture-${count++}`);
      buildFixture(name, path, 'oci-archive');
      const { folder } = await assertSame(path);
      await assertHidden(folder, path, Object.values(readFixture(name).secrets));
    });
  }

  it('gives the same report of a leaky image, its layers all known, with and without a key for fingerprints', async () => {
    const reference = place.file(archive(ociLayout(leakyImage())));
    for (const key of [undefined, 'a key of the user']) {
      const { known, folder } = await assertSame(reference, undefined, key);
      assert.equal(known.length, 3);
      const opened = await assertHidden(folder, reference, Object.values(secrets));
      assert.equal(opened.length, 3);
      assert.ok(
        opened.some((bytes) => bytes.includes('srv/app/key-link-of-link')),
        'what was searched is what was kept',
      );
    }
  });

  it('gives the same fates when a lower layer was kept under another image', async () => {
    const base: LayerPlan = {
      createdBy: 'COPY base /',
      compression: 'gzip',
      entries: [
        directory('srv/'),
        file('srv/kept', githubToken('kept')),
        file('srv/deleted', githubToken('deleted')),
        directory('srv/below/'),
        file('srv/below/hidden', githubToken('hidden')),
        file('srv/overwritten', githubToken('overwritten')),
        hardlink('srv/link', 'srv/deleted'),
        symlink('srv/elsewhere', 'kept'),
        file('srv/name-é', githubToken('accent')),
      ],
    };
    const folder = place.newFolder();
    assert.equal((await assertSame(imageOf({ layers: [base], tags: ['first:1'] }), folder)).known.length, 1);
    const upper = [whiteout('srv/deleted'), opaque('srv/below'), file('srv/overwritten', 'nothing'), hardlink('srv/late', 'srv/kept')];
    const reference = imageOf({ layers: [base, { entries: upper, createdBy: 'RUN tidy' }], tags: ['second:1'] });
    const cache = countingCache(folder);
    const { report } = await scanned(reference, { cache });
    assert.equal(cache.known.length, 1);
    assert.deepEqual(report.findings.map(({ place: found, fate }) => ['path' in found && found.path, fate.kind]).sort(), [
      ['/srv/below/hidden', 'hidden'],
      ['/srv/kept', 'visible'],
      ['/srv/link', 'visible'],
      ['/srv/name-é', 'visible'],
      ['/srv/overwritten', 'overwritten'],
    ]);
    assert.deepEqual((await assertSame(reference, folder)).known.length, 2);
  });

  it('tells a value of a known layer in every other text: instructions, names, tags, a fresh layer with the same value', async () => {
    const value = password('told everywhere');
    const base: LayerPlan = { entries: [file('srv/.env', `DB_PASSWORD=${value}\n`)], createdBy: 'COPY .env /srv' };
    const folder = place.newFolder();
    await assertSame(imageOf({ layers: [base] }), folder);
    const reference = imageOf({
      tags: [`app:${value}`],
      layers: [
        base,
        { entries: [file(`opt/${value}`, 'x')], createdBy: `RUN echo ${value}` },
        { entries: [file('etc/also.env', `DB_PASSWORD=${value}\nOTHER=1\n`), whiteout('srv/.env')], createdBy: `RUN echo -${value}-` },
      ],
    });
    const cache = countingCache(folder);
    const reports = await inAllFormats(await scanned(reference, { cache }));
    assert.equal(cache.known.length, 1);
    for (const text of Object.values(reports)) assert.ok(!text.includes(value));
    assert.deepEqual(reports, await inAllFormats(await scanned(reference)));
    const { report } = await scanned(reference, { cache: countingCache(folder) });
    const inFiles = report.findings.filter((finding) => finding.place.kind === 'file');
    assert.deepEqual([inFiles.length, new Set(inFiles.map(({ secretId }) => secretId)).size], [2, 1], 'one known, one fresh, the same value');
    await assertSame(reference, folder);
  });

  it('does not keep a layer with a value in a name, whoever holds the value', async () => {
    const token = githubToken('in a name');
    const value = password('in a name elsewhere');
    const reference = imageOf({
      layers: [
        { entries: [file(`srv/${token}`, 'x')] },
        { entries: [symlink('srv/link', `to-${token}`)] },
        { entries: [file('srv/.env', `DB_PASSWORD=${value}\n`)] },
        { entries: [file(`opt/${value}`, 'x')] },
        { entries: [file('srv/harmless', 'x')] },
      ],
    });
    const { known, folder } = await assertSame(reference);
    assert.equal(known.length, 2, 'the one with the value in a body, and the harmless one');
    await assertHidden(folder, reference, [token, value]);
  });

  it('does not take what was kept with other rules, limits, keys or versions', async () => {
    const reference = place.file(archive(ociLayout(leakyImage())));
    const folder = place.newFolder();
    await scanned(reference, { cache: countingCache(folder) });
    const { limits } = await import('./cached.ts').then(({ terms }) => terms);
    for (const changes of [{ ruleset: 'others' }, { limits: { ...limits, entryBytes: 5 } }, { fingerprintKey: 'k' }, { version: '0.0.1' }]) {
      const cache = countingCache(folder, changes);
      await scanned(reference, { cache, ...('fingerprintKey' in changes ? { fingerprintKey: 'k' } : {}) });
      assert.deepEqual([cache.known.length, cache.unknown.length], [0, 3], JSON.stringify(changes));
    }
  });

  it('does not take the kept scan for a blob with other bytes under the same digest, and tells the mismatch', async () => {
    const built = leakyImage();
    const folder = place.newFolder();
    await scanned(place.file(archive(ociLayout(built))), { cache: countingCache(folder) });
    const [, layer] = built.layers;
    const changed = Buffer.from(layer.blob.bytes);
    changed[changed.length >> 1] ^= 1;
    const members = ociLayout(built).map((member) =>
      member.name.endsWith(layer.blob.digest.slice(7)) ? { name: member.name, bytes: changed } : member,
    );
    const reference = place.file(archive(members));
    assert.deepEqual(await inAllFormats(await scanned(reference, { cache: countingCache(folder) })), await inAllFormats(await scanned(reference)));
    const { report } = await scanned(reference, { cache: countingCache(folder) });
    assert.ok(report.skipped.some(({ reason }) => reason === 'mismatch'));
  });

  it('reads little of a verified layer that is known', async () => {
    const noise = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7919) % 251));
    const reference = imageOf({ layers: [{ entries: [file('srv/.env', secrets.visible), file('noise', noise)] }] });
    const folder = place.newFolder();
    await scanned(reference, { cache: countingCache(folder) });
    const cache = countingCache(folder);
    let read = 0;
    await withStore(reference, async ({ images: [{ layers }] }) => {
      const { blob } = layers[0];
      async function* open(start = 0): AsyncGenerator<Uint8Array> {
        for await (const chunk of blob.open(start)) {
          for (let at = 0; at < chunk.length; at += 512) {
            read += 512;
            yield chunk.subarray(at, at + 512);
          }
        }
      }
      assert.equal((await cache.get({ ...layers[0], blob: { size: blob.size, open } }))?.entries.length, 2);
    });
    assert.equal(read, 16 * 512);
  });

  it('never gives a value back', async () => {
    const reference = place.file(archive(ociLayout(leakyImage())));
    const folder = place.newFolder();
    await scanned(reference, { cache: countingCache(folder) });
    const { layers } = await scanned(reference, { cache: countingCache(folder) });
    const all = [...layers.values()].flatMap(({ sightings }) => sightings.map(({ detection }) => detection.secret));
    assert.ok(all.length > 5);
    for (const secret of all) assert.throws(() => secret.reveal(), RangeError);
  });

  it('keeps everything else of the scan of a layer', async () => {
    const reference = place.file(archive(docker29Archive(leakyImage())));
    const folder = place.newFolder();
    const fresh = await scanned(reference, { cache: countingCache(folder) });
    const kept = await scanned(reference, { cache: countingCache(folder) });
    const bare = (scan: LayerScan) => ({
      ...scan,
      sightings: scan.sightings.map(({ detection, ...rest }) => ({ ...rest, detection: { ...detection, secret: detection.secret.mask } })),
    });
    for (const [key, scan] of fresh.layers) assert.deepEqual(bare(kept.layers.get(key)!), bare(scan));
  });

  it('gives the same report of what is packed, encoded, in git and broken, and writes no value of it', async () => {
    const values = [githubToken('in a jar'), npmToken('encoded'), slackToken('in git'), stripeKey('short')] as const;
    const zip = rawZip({
      members: [
        { name: 'lib/a.properties', data: `github.token=${values[0]}\n` },
        { name: 'locked', data: 'xxxxxxxxxxxxxxxx', flags: 1 },
      ],
    });
    const blob = `slack=${values[2]}\n`;
    const content = Buffer.from(`blob ${blob.length}\0${blob}`);
    const id = createHash('sha1').update(content).digest('hex');
    const tree = Buffer.concat([Buffer.from('100644 bot.env\0'), Buffer.from(id, 'hex')]);
    const object = (body: Buffer) => {
      const name = createHash('sha1').update(body).digest('hex');
      return { name, entry: file(`srv/.git/objects/${name.slice(0, 2)}/${name.slice(2)}`, deflateSync(body)) };
    };
    const treeObject = object(Buffer.concat([Buffer.from(`tree ${tree.length}\0`), tree]));
    const text = `tree ${treeObject.name}\nauthor a <a@example.org> 1 +0000\ncommitter a <a@example.org> 1 +0000\n\nfirst\n`;
    const entries = [
      file('srv/app.jar', zip),
      file('srv/run', rawZip({ members: [{ name: 'in', data: `key=${values[3]}\n` }], prefix: Buffer.from(`#!/bin/sh\n${'#'.repeat(1000)}\n`) })),
      file('srv/encoded', `value: ${Buffer.from(`//registry.npmjs.org/:_authToken=${values[1]}`).toString('base64')}\n`),
      file('srv/broken.gz', gzipSync(Buffer.alloc(5000, 'abc')).subarray(0, 30)),
      object(content).entry,
      treeObject.entry,
      object(Buffer.from(`commit ${text.length}\0${text}`)).entry,
    ];
    const reference = imageOf({ layers: [{ entries }, { entries: [whiteout('srv/app.jar')] }] });
    const { known, folder } = await assertSame(reference);
    assert.equal(known.length, 2);
    await assertHidden(folder, reference, values);
    const { report } = await scanned(reference, { cache: countingCache(folder) });
    const told = report.findings.map(({ place: at }) => (at.kind === 'file' ? wholePath(at) : at.kind)).sort();
    assert.deepEqual(told, [
      `/srv/.git/objects/${id.slice(0, 2)}/${id.slice(2)}!/git object ${id}`,
      '/srv/app.jar!/lib/a.properties',
      '/srv/encoded',
      '/srv/run!/in',
    ]);
    assert.ok(report.findings.some(({ place: at }) => at.kind === 'file' && at.git?.path === 'bot.env'));
    assert.deepEqual(report.skipped.map(({ reason }) => reason).sort(), ['damaged', 'encrypted']);
  });

  it('gives the same report of any image whose lower layers are known', async () => {
    const name = fc.constantFrom('a', 'a/b', 'a/b/c', 'd', '.wh.a', 'a/.wh.b', 'a/.wh..wh..opq', 'é', '../x', './a');
    const body = fc.constantFrom(
      '',
      'plain',
      githubToken('p'),
      npmToken('q'),
      `k=${stripeKey('r')}`,
      privateKey('ed25519', 's'),
      `PASSWORD=${password('t')}`,
    );
    const entry = fc.oneof(
      fc.tuple(name, body).map(([path, text]) => file(path, text)),
      fc.tuple(name, name).map(([path, target]) => hardlink(path, target)),
      fc.tuple(name, fc.constantFrom('a', githubToken('p'))).map(([path, target]) => symlink(path, target)),
      name.map((path) => directory(`${path}/`)),
    );
    const layer = fc.record({
      entries: fc.array(entry, { maxLength: 6 }),
      createdBy: fc.constantFrom('RUN x', `RUN ${password('t')}`, `ARG A=${npmToken('q')}`),
    });
    let known = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), fc.array(layer, { minLength: 1, maxLength: 2 }), async (lower, upper) => {
        const folder = place.newFolder();
        const path = join(place.folder, 'random.tar');
        writeFileSync(path, archive(ociLayout(assemble({ layers: lower }))));
        await scanned(path, { cache: countingCache(folder) });
        writeFileSync(path, archive(ociLayout(assemble({ layers: [...lower, ...upper] }))));
        const plain = await inAllFormats(await scanned(path));
        const cache = countingCache(folder);
        assert.deepEqual(await inAllFormats(await scanned(path, { cache })), plain);
        known += cache.known.length;
      }),
      { numRuns: 60 },
    );
    assert.ok(known > 20, `${known} layers were known`);
  });
});
