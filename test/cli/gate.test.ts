// What stands before the start of an image: findings refuse it, and an image that was looked at before costs nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, ociLayout } from '../support/forms.ts';
import { type Gated, gated } from '../support/gated.ts';
import { assemble } from '../support/image.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { githubToken, password } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { skip } from '../support/tool.ts';
import { program as commandLine } from '../support/program.ts';
import { spellingsOf, withStore, written } from '../scan/cache/cached.ts';

const program = new URL('../support/gated.ts', import.meta.url).pathname;
const modules = new URL('../support/loaded-modules.ts', import.meta.url).pathname;

describe('gate', function () {
  this.timeout(120_000);
  const place = scratch();
  const variables = ['UNBAKE_CACHE_DIR', 'UNBAKE_FINGERPRINT_KEY'] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);
  let cache = '';

  beforeEach(() => {
    cache = place.newFolder();
    process.env['UNBAKE_CACHE_DIR'] = cache;
    delete process.env['UNBAKE_FINGERPRINT_KEY'];
  });
  after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const leaky = (): string => place.file(archive(ociLayout(leakyImage())));
  const harmless = (): string => place.file(archive(ociLayout(assemble({ layers: [{ entries: [file('srv/readme', 'nothing here')] }] }))));

  it('refuses an image with findings, in a sentence that shows three of them and no value, and says what to do', async () => {
    const { refusal, hint, code } = await gated(leaky());
    assert.equal(code, 'refused');
    assert.match(refusal!, /^the image [0-9a-f]{12} is not started: it has \d+ findings \((\d+ (critical|high|medium|low)(, )?)+\): /);
    assert.equal(refusal!.match(/ in \S+ \(/g)?.length, 3);
    assert.match(refusal!, /and \d+ more$/);
    assert.match(refusal!, /private-key in \/srv\/app\/key:1:1 \(visible\), github-token in config\.Env\[1\] \(visible\)/);
    for (const value of Object.values(secrets)) assert.ok(!refusal!.includes(value));
    for (const way of ['unbake clean', 'unbake scan', '--allow-findings']) assert.ok(hint!.includes(way));
  });

  it('lets an image without findings pass, without a word', async () => {
    assert.deepEqual(await gated(harmless()), { opened: 1 });
  });

  it('opens an image once: after that it knows, and says the same', async () => {
    for (const reference of [leaky(), harmless()]) {
      const first = await gated(reference);
      assert.deepEqual(await gated(reference), { ...first, opened: 0 });
      assert.equal(first.opened, 1);
    }
  });

  it('starts an image with findings when that is allowed, and says so each time', async () => {
    const reference = leaky();
    for (const opened of [1, 0]) {
      const { notice, refusal, ...rest } = await gated(reference, { allowFindings: true });
      assert.equal(refusal, undefined);
      assert.match(notice!, /^the image [0-9a-f]{12} is started all the same: it has \d+ findings/);
      assert.equal(rest.opened, opened);
    }
  });

  it('looks at nothing with --no-scan', async () => {
    assert.deepEqual(await gated(leaky(), { scan: false }), { opened: 0 });
    assert.deepEqual((await gated(leaky())).opened, 1, 'and nothing is known of it');
  });

  it('judges what it knows anew: threshold, severity, ignore file, baseline', async () => {
    const reference = place.file(
      archive(ociLayout(assemble({ layers: [{ entries: [file('srv/.env', `GITHUB_TOKEN=${githubToken('judged anew')}`)] }] }))),
    );
    const refused = await gated(reference);
    assert.match(refused.refusal!, /1 finding \(1 (high|critical)\)/);
    const ignorefile = place.file(Buffer.from('github-token /srv/.env -- known\n'), 'ignored');
    const isSuppressed = ({ notice, ...rest }: Gated) => {
      assert.match(notice ?? '', /1 finding that the ignore file or the baseline suppresses/);
      assert.deepEqual(rest, { opened: 0 });
    };
    isSuppressed(await gated(reference, { ignorefile }));
    assert.deepEqual(await gated(reference, { ignorefile: place.file(Buffer.from('github-token /srv/other\n'), 'others') }), {
      ...refused,
      opened: 0,
    });
    const report = spawnSync(process.execPath, [commandLine, 'scan', reference, '-f', 'json']).stdout;
    isSuppressed(await gated(reference, { baseline: place.file(report, 'baseline.json') }));
    await assert.rejects(async () => {
      const { code } = await gated(reference, { ignorefile: join(place.folder, 'not there') });
      assert.equal(code, 'usage');
      throw new Error('told');
    }, /told/);
    const weak = place.file(archive(ociLayout(assemble({ layers: [{ entries: [file('srv/.env', `API_PASSWORD=${password('weak')}\n`)] }] }))));
    assert.equal((await gated(weak)).code, 'refused');
    assert.deepEqual(await gated(weak, { failOn: 'critical' }), { opened: 0 });
  });

  it('takes nothing from the working folder that another user put there, and says so', async function () {
    if (process.getuid!() !== 0) return skip(this, 'needs root');
    const reference = place.file(
      archive(ociLayout(assemble({ layers: [{ entries: [file('srv/.env', `GITHUB_TOKEN=${githubToken('a stranger')}`)] }] }))),
    );
    const folder = place.newFolder();
    const ran = join(folder, 'ran');
    writeFileSync(join(folder, '.unbakeignore'), '* /** -- mine\n');
    writeFileSync(join(folder, '.secretlintrc.cjs'), `require('fs').writeFileSync(${JSON.stringify(ran)}, ''); module.exports = { rules: [] };`);
    const before = process.cwd();
    process.chdir(folder);
    try {
      // Of root they are used: it is root's own word.
      assert.equal((await gated(reference, { rc: true })).refusal, undefined);
      assert.ok(existsSync(ran));
      rmSync(ran);
      for (const name of ['.unbakeignore', '.secretlintrc.cjs']) chownSync(join(folder, name), 65_534, 65_534);
      const { refusal, hint } = await gated(reference, { rc: true });
      assert.match(refusal ?? '', /1 finding/);
      assert.match(
        hint ?? '',
        /\.secretlintrc\.cjs belongs to another user.*\.unbakeignore of the working folder belongs to another user.*--ignorefile/,
      );
      assert.ok(!existsSync(ran), 'the code of a stranger ran');
      assert.equal((await gated(reference, { rc: true, ignorefile: '.unbakeignore' })).refusal, undefined);
    } finally {
      process.chdir(before);
    }
  });

  it('takes the configuration of the working folder, and says so; not that of another user', async function () {
    const reference = place.file(
      archive(ociLayout(assemble({ layers: [{ entries: [file('srv/.env', `GITHUB_TOKEN=${githubToken('configured')}`)] }] }))),
    );
    const folder = place.newFolder();
    const config = join(folder, 'unbake.config.yml');
    const before = process.cwd();
    process.chdir(folder);
    try {
      assert.match((await gated(reference)).refusal!, /1 finding/);
      writeFileSync(config, 'rules: { enable: [jwt] }\n');
      for (const opened of [1, 0]) {
        const notice = 'unbake.config.yml: this configuration of the working folder is used; --no-config leaves it out';
        assert.deepEqual(await gated(reference), { opened, notice }, 'other rules are another scan, which is kept');
      }
      assert.match((await gated(reference, { config: false })).refusal!, /1 finding/);
      writeFileSync(config, 'failOn: critical\nrules: { grade: { "**": { severity: low } } }\n');
      assert.equal((await gated(reference)).refusal, undefined);
      assert.match((await gated(reference, { failOn: 'low' })).refusal!, /1 finding \(1 low\)/, 'a flag wins');
      writeFileSync(config, 'failOn: bad\n');
      assert.equal((await gated(reference)).code, 'usage');
      if (process.getuid!() !== 0) return skip(this, 'needs root');
      writeFileSync(config, 'failOn: critical\nrules: { grade: { "**": { severity: low } } }\n');
      chownSync(config, 65_534, 65_534);
      const { refusal, hint } = await gated(reference);
      assert.match(refusal!, /1 finding \(1 (?:high|critical)\)/);
      assert.match(hint!, /^unbake\.config\.yml of the working folder belongs to another user.*--config unbake\.config\.yml uses it all the same/);
      assert.equal((await gated(reference, { config: 'unbake.config.yml' })).refusal, undefined);
    } finally {
      process.chdir(before);
    }
  });

  it('takes failOnIncomplete of the configuration', async () => {
    const folder = place.newFolder();
    writeFileSync(join(folder, 'unbake.config.json'), '{"failOnIncomplete": true, "limits": {"entryBytes": 3}}');
    const before = process.cwd();
    process.chdir(folder);
    try {
      assert.match((await gated(harmless())).refusal!, /could not be read completely/);
      assert.equal((await gated(harmless(), { config: false })).refusal, undefined);
    } finally {
      process.chdir(before);
    }
  });

  it('scans anew when a rule, a limit, the key of fingerprints or unbake itself is another', async () => {
    const reference = harmless();
    const rules = place.newFolder();
    const rule = (severity: string): void =>
      writeFileSync(
        join(rules, 'own.yml'),
        `rules:
  - id: own-word
    name: A word of ours
    pattern: '(?<secret>nothing) here'
    keywords: ['nothing']
    severity: ${severity}
    confidence: high
    description: A word that nobody may know.
    advice: Forget it.
    examples:
      - 'nothing here'
      - 'and nothing here'
    counterExamples:
      - 'nothing there'
`,
      );
    rule('high');
    const opened = async (changes: Parameters<typeof gated>[1] = {}, version?: string): Promise<number> =>
      (await gated(reference, changes, 0, version)).opened;
    assert.deepEqual([await opened(), await opened()], [1, 0]);
    assert.deepEqual([await opened({}, '0.0.1'), await opened({}, '0.0.1')], [1, 0]);
    assert.deepEqual([await opened({ limit: ['findings=7'] }), await opened({ limit: ['findings=7'] })], [1, 0]);
    assert.deepEqual([await opened({ disable: ['github-token'] }), await opened({ disable: ['github-token'] })], [1, 0]);
    const withOwn = await gated(reference, { rules: [rules] });
    assert.match(withOwn.refusal!, /own-word in \/srv\/readme/);
    assert.deepEqual(await gated(reference, { rules: [rules] }), { ...withOwn, opened: 0 });
    rule('info');
    assert.deepEqual(await gated(reference, { rules: [rules] }), { opened: 1 });
    process.env['UNBAKE_FINGERPRINT_KEY'] = 'a key';
    assert.deepEqual([await opened(), await opened()], [1, 0]);
  });

  it('keeps nothing where rules may be code', async () => {
    const folder = place.newFolder();
    writeFileSync(join(folder, '.secretlintrc.json'), '{"rules": []}');
    const was = process.cwd();
    process.chdir(folder);
    try {
      const reference = harmless();
      for (const opened of [1, 1]) assert.deepEqual(await gated(reference, { rc: true }), { opened });
      for (const opened of [1, 0]) assert.deepEqual(await gated(reference, { rc: false }), { opened });
    } finally {
      process.chdir(was);
    }
  });

  it('refuses an image that cannot be read completely, and starts it when that is allowed', async () => {
    const built = assemble({ layers: [{ entries: [file('srv/a', 'a')] }, { entries: [file('srv/b', 'b'.repeat(5000))], compression: 'gzip' }] });
    const [, layer] = built.layers;
    const members = ociLayout(built).filter(({ name }) => !name.endsWith(layer.blob.digest.slice(7)));
    const reference = place.file(archive(members));
    const { code, refusal } = await gated(reference);
    assert.equal(code, 'refused');
    assert.match(refusal!, /is not started: it could not be read completely, 1 part not: missing: manifest\.layers\[1\]: /);
    assert.match((await gated(reference, { allowFindings: true })).notice!, /started all the same/);
    const whole = place.file(archive(ociLayout(built)));
    assert.deepEqual(await gated(whole), { opened: 1 }, 'the same image, whole again');
  });

  it('scans that image of a store alone', async () => {
    const clean = assemble({ layers: [{ entries: [file('srv/a', 'a')] }], tags: ['clean:1'] });
    const reference = place.file(archive(ociLayout(leakyImage(), clean)));
    assert.deepEqual(await gated(reference, {}, 1), { opened: 1 });
    assert.equal((await gated(reference, {}, 0)).code, 'refused');
  });

  it('has a layer that it knows from another image not scanned once more', async () => {
    await gated(leaky());
    const reference = place.file(
      archive(ociLayout(leakyImage(undefined, { tags: ['other:1'], config: { Env: [`A_TOKEN=${githubToken('another')}`] } }))),
    );
    const known = await gated(reference);
    process.env['UNBAKE_CACHE_DIR'] = place.newFolder();
    assert.deepEqual(known, await gated(reference), 'and says the same as without');
  });

  it('writes no value, and misses what was damaged', async () => {
    const reference = leaky();
    const first = await gated(reference);
    const { raw, opened } = await withStore(reference, (store) => written(cache, store.images));
    assert.equal(opened.length, 4, 'three layers and a verdict');
    assert.ok(opened.some((bytes) => bytes.includes('"findings":[{"fingerprint"')));
    for (const bytes of [...raw, ...opened]) {
      for (const value of Object.values(secrets)) for (const spelling of spellingsOf(value)) assert.ok(!bytes.includes(spelling));
    }
    const { readdirSync } = await import('node:fs');
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), readFileSync(join(cache, name)).subarray(0, 100));
    assert.deepEqual(await gated(reference), first);
  });

  it('goes on without a cache, and says why', async () => {
    const folder = place.newFolder();
    mkdirSync(join(folder, 'open'), { mode: 0o777 });
    spawnSync('chmod', ['777', join(folder, 'open')]);
    process.env['UNBAKE_CACHE_DIR'] = join(folder, 'open');
    const { notice, opened } = await gated(harmless());
    assert.equal(opened, 1);
    assert.match(notice!, /is not used as a cache/);
  });

  it('loads neither rules nor secretlint nor a scanner for an image that it knows', () => {
    const reference = leaky();
    const listFile = join(place.folder, 'modules');
    const inChild = (): { said: Gated; loaded: readonly string[] } => {
      const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', modules, program, reference], {
        env: { ...process.env, UNBAKE_CACHE_DIR: cache, UNBAKE_TEST_MODULES_FILE: listFile },
      });
      assert.equal(status, 0, stderr.toString());
      return { said: JSON.parse(stdout.toString()) as Gated, loaded: readFileSync(listFile, 'utf8').split('\n') };
    };
    const heavy = /@secretlint\/(?!.*\/package\.json$)|\/yaml\/|fast-glob|\/rule\/(?:ruleset|rule-file|preset-table)\.ts|\/scan\/scan(?:-layer)?\.ts/;
    const first = inChild();
    assert.ok(first.loaded.filter((url) => heavy.test(url)).length > 20, 'what is looked for is found where it is loaded');
    const second = inChild();
    assert.deepEqual(second.said, { ...first.said, opened: 0 });
    assert.deepEqual(
      second.loaded.filter((url) => heavy.test(url)),
      [],
    );
  });
});
