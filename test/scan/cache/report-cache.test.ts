// A scan of a known image: the same report in every format, without rules and without its layers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { buildFixture, type Form, formNames } from '../../../fixtures/build.ts';
import { fixtureNames, readFixture } from '../../../fixtures/fixture.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { CacheFolder } from '../../../src/scan/cache/cache-folder.ts';
import type { ScanTerms } from '../../../src/scan/cache/cache-key.ts';
import { type CachedScanOptions, ScanCache, type ScanCacheUse } from '../../../src/scan/cache/scan-cache.ts';
import { type Scanned, scan } from '../../../src/scan/scan.ts';
import { packagedRuleset } from '../../clean/cleaning.ts';
import { archive, classicArchive, docker25Archive, docker29Archive, type Member, ociLayout } from '../../support/forms.ts';
import { assemble, type ImagePlan } from '../../support/image.ts';
import { leakyImage, secrets } from '../../support/leaky.ts';
import { githubToken, password } from '../../support/planted.ts';
import { file } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { inAllFormats, spellingsOf, terms, withStore, written } from './cached.ts';

const options: CachedScanOptions = { limits: defaultLimits, platform: 'all', version: terms.version };

interface Cached {
  readonly formats: Record<string, string>;
  /** How often rules were asked for: not at all when the whole report is known. */
  readonly loads: number;
  readonly report: Scanned['report'];
}

describe('a scan with a cache', function () {
  this.timeout(240_000);
  const place = scratch();
  let count = 0;

  async function cached(
    reference: string,
    folder: string,
    {
      changes = {},
      use = {},
      more = {},
    }: { readonly changes?: Partial<ScanTerms>; readonly use?: Partial<ScanCacheUse>; readonly more?: Partial<CachedScanOptions> } = {},
  ): Promise<Cached> {
    const cache = new ScanCache(new CacheFolder(folder), { ...terms, ...changes }, { needsValues: false, verifies: false, ...use });
    let loads = 0;
    const load = async () => {
      loads++;
      return packagedRuleset();
    };
    const key = changes.fingerprintKey === undefined ? {} : { fingerprintKey: changes.fingerprintKey };
    const limits = changes.limits === undefined ? {} : { limits: changes.limits };
    const scanned = await cache.scan(reference, { ...options, ...key, ...limits, ...more }, load);
    return { formats: await formatsOf(scanned), loads, report: scanned.report };
  }

  const plain = async (reference: string, more: Partial<CachedScanOptions> = {}): Promise<Record<string, string>> =>
    formatsOf(await scan(reference, { ...options, ...more, ruleset: await packagedRuleset() }));

  const formatsOf = (scanned: Scanned) => inAllFormats(scanned as Parameters<typeof inAllFormats>[0]);

  /** Not known, known, known layers alone, known and hashed: always the report of a scan without a cache. */
  async function assertSame(reference: string, fingerprintKey?: string): Promise<{ readonly loads: number; readonly folder: string }> {
    const key = fingerprintKey === undefined ? {} : { fingerprintKey };
    const folder = place.newFolder();
    const expected = await plain(reference, key);
    assert.deepEqual((await cached(reference, folder, { changes: key })).formats, expected, 'the first time');
    const second = await cached(reference, folder, { changes: key });
    assert.deepEqual(second.formats, expected, 'the second time');
    assert.deepEqual((await cached(reference, folder, { changes: key, use: { verifies: true } })).formats, expected, 'with --verify');
    return { loads: second.loads, folder };
  }

  for (const name of fixtureNames()) {
    it(`gives the same report of ${name} in every form of archive, and loads no rules the second time`, async () => {
      for (const form of formNames) {
        const reference = join(place.folder, `${name}-${form}`);
        buildFixture(name, reference, form as Form);
        const { loads, folder } = await assertSame(reference, form === 'oci' ? 'a key of the user' : undefined);
        await withStore(reference, async ({ images }) => {
          const isTold = images.every(({ layers }) => layers.every(({ announced }) => announced.digest !== undefined));
          if (isTold) assert.equal(loads, 0, form);
          const { raw } = isTold ? await written(folder, images) : { raw: readdirSync(folder).map((each) => readFileSync(join(folder, each))) };
          for (const value of Object.values(readFixture(name).secrets))
            for (const spelling of spellingsOf(value)) assert.ok(!raw.some((bytes) => bytes.includes(spelling)), `${form}: a value was written`);
        });
      }
    });
  }

  it('knows layers that are stored as they are by their diffId alone, as archives of docker and skopeo have them', async () => {
    const image = assemble({ tags: ['a:1'], layers: [{ entries: [file('a', githubToken('as it is'))] }, { entries: [file('b', 'nothing')] }] });
    const reference = place.file(archive(classicArchive(image)));
    assert.equal((await assertSame(reference)).loads, 0);
    const folder = place.newFolder();
    await cached(place.file(archive(ociLayout(image))), folder);
    const before = readdirSync(folder).filter((name) => name.startsWith('layer-'));
    await cached(reference, folder);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('layer-')),
      before,
      'the same blob in a layout and in an archive is one',
    );
  });

  it('does not take a compressed layer for the blob whose digest is its diffId', async () => {
    const body = file('a', githubToken('compressed in an archive of docker'));
    const folder = place.newFolder();
    await cached(place.file(archive(classicArchive(assemble({ layers: [{ entries: [body] }] })))), folder);
    const reference = place.file(archive(classicArchive(assemble({ layers: [{ entries: [body], compression: 'gzip' }] }))));
    const { formats, loads } = await cached(reference, folder);
    assert.deepEqual([formats, loads], [await plain(reference), 1]);
    assert.equal((await cached(reference, folder)).loads, 1, 'nothing tells which blob it is, so it is not kept');
  });

  it('keeps compressed forms of one layer apart: their reports differ', async () => {
    const folder = place.newFolder();
    for (const compression of ['gzip', 'zstd', undefined] as const) {
      const entries = [file('a', githubToken('in three forms'))];
      const reference = place.file(
        archive(ociLayout(assemble({ layers: [{ entries, ...(compression && { compression }) }] }))),
        `form-${count++}.tar`,
      );
      const expected = await plain(reference);
      assert.deepEqual((await cached(reference, folder)).formats, expected);
      assert.deepEqual((await cached(reference, folder)).formats, expected);
    }
    assert.equal(readdirSync(folder).filter((name) => name.startsWith('layer-')).length, 3);
  });

  it('does not take a report for another name, another rule, limit, key or version', async () => {
    const reference = place.file(archive(ociLayout(leakyImage())));
    const folder = place.newFolder();
    await cached(reference, folder);
    assert.equal((await cached(reference, folder)).loads, 0);
    for (const changes of [
      { ruleset: 'others' },
      { version: '0.0.1' },
      { fingerprintKey: 'k' },
      { limits: { ...defaultLimits, entryBytes: defaultLimits.entryBytes - 1 } },
    ])
      assert.equal((await cached(reference, folder, { changes })).loads, 1, JSON.stringify(changes));
    const renamed = place.file(readFileSync(reference), 'renamed.tar');
    const { report, loads } = await cached(renamed, folder);
    assert.deepEqual([loads, report.reference], [1, renamed]);
  });

  /** The image again, under the same name, with another thing beside its layers. */
  const neighbours: Readonly<Record<string, (plan: ImagePlan) => readonly Member[]>> = {
    'another tag': (plan) => ociLayout(assemble({ ...plan, tags: ['a:2'] })),
    'another variable': (plan) => ociLayout(assemble({ ...plan, config: { Env: [`TOKEN=${githubToken('another variable')}`] } })),
    'another instruction': (plan) => ociLayout(assemble({ ...plan, emptyLayers: [{ before: 0, createdBy: `ENV T=${githubToken('instruction')}` }] })),
    'a member that nothing names': (plan) => [...ociLayout(assemble(plan)), { name: 'left', bytes: Buffer.from(githubToken('left')) }],
    'an attestation': (plan) => docker29Archive(assemble(plan), { note: githubToken('attested') }),
    'a manifest of docker': (plan) => docker25Archive(assemble(plan)),
    'an image beside it': (plan) => ociLayout(assemble(plan), assemble({ layers: [{ entries: [file('c', githubToken('beside'))] }] })),
    'its layers the other way around': (plan) => ociLayout(assemble({ ...plan, layers: [...plan.layers].reverse() })),
  };
  for (const [what, members] of Object.entries(neighbours)) {
    it(`sees ${what} beside layers that it knows`, async () => {
      const plan: ImagePlan = { tags: ['a:1'], layers: [{ entries: [file('a', githubToken('first'))] }, { entries: [file('a', 'overwritten')] }] };
      const path = join(place.folder, `changing-${count++}.tar`);
      const folder = place.newFolder();
      writeFileSync(path, archive(ociLayout(assemble(plan))));
      await cached(path, folder);
      writeFileSync(path, archive(members(plan)));
      const expected = await plain(path);
      const { formats, loads } = await cached(path, folder);
      assert.deepEqual([formats, loads], [expected, 1]);
      const again = await cached(path, folder);
      assert.deepEqual([again.formats, again.loads], [expected, 0]);
    });
  }

  it('keeps nothing of an image that is not what it announces', async () => {
    const image = leakyImage();
    const [, layer] = image.layers;
    const changed = Buffer.from(layer.blob.bytes);
    changed[changed.length >> 1] ^= 1;
    const members = ociLayout(image).map((member) =>
      member.name.endsWith(layer.blob.digest.slice(7)) ? { name: member.name, bytes: changed } : member,
    );
    const path = join(place.folder, 'not-what-it-says.tar');
    writeFileSync(path, archive(members));
    const folder = place.newFolder();
    for (let time = 0; time < 2; time++) {
      const { report, loads, formats } = await cached(path, folder);
      assert.ok(report.skipped.some(({ reason }) => reason === 'mismatch'));
      assert.deepEqual([loads, formats], [1, await plain(path)]);
    }
    assert.ok(!readdirSync(folder).some((name) => name.startsWith('report-')));
    writeFileSync(path, archive(ociLayout(image)));
    assert.equal((await cached(path, folder)).loads, 1);
    writeFileSync(path, archive(members));
    const { report } = await cached(path, folder);
    assert.ok(
      report.skipped.some(({ reason }) => reason === 'mismatch'),
      'all of a small layer is in its samples',
    );
  });

  it('gives values where they are needed, and keeps what it found all the same', async () => {
    const reference = place.file(archive(ociLayout(leakyImage())));
    const folder = place.newFolder();
    for (let time = 0; time < 2; time++) {
      const { report, loads } = await cached(reference, folder, { use: { needsValues: true } });
      assert.equal(loads, 1);
      const values = report.findings.map(({ secret }) => secret.reveal());
      for (const value of [secrets.visible, secrets.variable]) assert.ok(values.some((each) => each.includes(value)));
    }
    const { report, loads } = await cached(reference, folder);
    assert.equal(loads, 0);
    for (const { secret } of report.findings) assert.throws(() => secret.reveal(), RangeError);
  });

  it('marks what is inherited of a base, and keeps no such report', async () => {
    const base = { entries: [file('base', githubToken('base'))] };
    const lower = place.file(archive(ociLayout(assemble({ layers: [base] }))));
    const reference = place.file(archive(ociLayout(assemble({ layers: [base, { entries: [file('own', githubToken('own'))] }] }))));
    const folder = place.newFolder();
    await cached(reference, folder);
    for (let time = 0; time < 2; time++) {
      const { formats, report } = await cached(reference, folder, { more: { base: lower } });
      assert.deepEqual(formats, await plain(reference, { base: lower }));
      assert.deepEqual(report.findings.map(({ inherited }) => inherited).sort(), [false, true]);
    }
  });

  it('writes no report with a value in it, wherever that would stand', async () => {
    const value = password('short one');
    const reference = place.file(
      archive(
        ociLayout(
          assemble({
            tags: [`app:${value}`],
            config: { Labels: { [`label-${value}`]: 'x' }, Env: [`DB_PASSWORD=${value}`] },
            layers: [{ entries: [file(`srv/${value}`, `DB_PASSWORD=${value}\n`)], createdBy: `RUN echo ${value}` }],
          }),
        ),
      ),
    );
    const { folder } = await assertSame(reference);
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).subarray(32));
    const { opened } = await withStore(reference, ({ images }) => written(folder, images));
    const texts = [...files, ...opened, ...files.flatMap((bytes) => unpacked(bytes))];
    for (const bytes of texts) for (const spelling of spellingsOf(value)) assert.ok(!bytes.includes(spelling));
  });

  it('says of rules that they are known only after they were loaded with the same terms', async () => {
    const folder = place.newFolder();
    const use = { needsValues: false, verifies: false };
    const asked = async (changes: Partial<ScanTerms> = {}): Promise<number> => {
      let loads = 0;
      await new ScanCache(new CacheFolder(folder), { ...terms, ...changes }, use).assertRules(async () => (loads++, packagedRuleset()));
      return loads;
    };
    const wrong = new ScanCache(new CacheFolder(folder), terms, use);
    await assert.rejects(
      wrong.assertRules(() => Promise.reject(new Error('no such rule'))),
      /no such rule/,
    );
    assert.deepEqual([await asked(), await asked(), await asked({ ruleset: 'others' }), await asked()], [1, 0, 1, 0]);
  });
});

function unpacked(bytes: Buffer): Buffer[] {
  try {
    return [zstdDecompressSync(bytes)];
  } catch {
    return [];
  }
}
