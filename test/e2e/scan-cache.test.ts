// `unbake scan` twice: the second time it knows. Whatever becomes of the cache, the report is that of a scan without one.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Outcome, run, type RunOptions } from '../support/cli.ts';
import { exposedIn } from '../support/exposed.ts';
import { archive, classicArchive, ociLayout, writeFolder } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { skip } from '../support/tool.ts';

const hook = new URL('../support/loaded-modules.ts', import.meta.url).href;
const searching = /\basync function (?:loadRuleset|scanLayer|scanStore)\(/;

/** 1 MiB. */
function noiseOf(seed: number): Buffer {
  const next = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length: 1 << 20 }, () => next() * 256));
}

describe('unbake scan with its cache', function () {
  this.timeout(240_000);
  const files = scratch();
  let count = 0;
  let leaky = '';
  before(() => {
    leaky = files.file(archive(ociLayout(leakyImage())), 'leaky.tar');
  });

  /** In a folder without configuration, with the cache in `folder`. */
  const cached = (folder: string, args: readonly string[], { env, ...options }: RunOptions = {}): Promise<Outcome> =>
    run(args, { cwd: files.folder, ...options, env: { UNBAKE_CACHE_DIR: folder, ...env } });

  const newCache = (): string => join(files.folder, `cache-${count++}`);

  /** Of a report in JSON or SARIF. */
  const timeless = (report: string): string => report.replace(/"(startedAt|finishedAt|startTimeUtc|endTimeUtc)": ?"[^"]*"/g, '');

  const withoutCache = new Map<string, Promise<Outcome>>();

  async function assertReports(folder: string, reference: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
    const key = JSON.stringify([reference, args]);
    if (!withoutCache.has(key)) withoutCache.set(key, run(['scan', reference, '-f', 'json', ...args], { cwd: files.folder }));
    const expected = await withoutCache.get(key)!;
    assert.notEqual(expected.stdout, '', expected.stderr);
    const outcome = await cached(folder, ['scan', reference, '-f', 'json', ...args], options);
    assert.deepEqual([timeless(outcome.stdout), outcome.code], [timeless(expected.stdout), expected.code]);
    return outcome;
  }

  /** A run, and how many modules it loaded that load rules or search with them: told by their text, for in a bundle they have no names. */
  async function watched(folder: string, args: readonly string[], { env, ...options }: RunOptions = {}): Promise<Outcome & { searchers: number }> {
    const list = join(files.folder, `modules-${count++}`);
    const outcome = await cached(folder, args, { ...options, env: { ...env, UNBAKE_TEST_MODULES_FILE: list }, nodeFlags: ['--import', hook] });
    const loaded = readFileSync(list, 'utf8').split('\n');
    const ours = loaded.filter((url) => url.startsWith('file:') && !url.includes('/node_modules/'));
    return { ...outcome, searchers: ours.filter((url) => searching.test(readFileSync(new URL(url), 'utf8'))).length };
  }

  it('gives the same report in every format, and the same exit code, the second time, and loads no rules and no scanner', async () => {
    const keys: readonly Record<string, string>[] = [{}, { UNBAKE_FINGERPRINT_KEY: 'a key of the user' }];
    for (const env of keys) {
      const folder = newCache();
      const first = await watched(folder, ['scan', leaky, '-f', 'json'], { env });
      assert.ok(first.searchers > 0, 'the first time all is needed');
      for (const format of ['json', 'sarif', 'text']) {
        const args = ['scan', leaky, '-f', format, '--fail-on', 'critical'];
        const expected = await run(args, { cwd: files.folder, env });
        const { stdout, code, stderr, searchers } = await watched(folder, args, { env });
        assert.deepEqual([timeless(stdout), code, stderr], [timeless(expected.stdout), 1, '']);
        assert.equal(searchers, 0, format);
      }
    }
  });

  /** A layout whose one layer is 2 MiB of noise around a token, and the file of that layer. */
  function largeLayout(): { readonly reference: string; readonly blob: string } {
    const noise = noiseOf(count++);
    const image = assemble({ layers: [{ entries: [file('a', noise), file('token', githubToken('in the middle')), file('b', noise)] }] });
    const reference = join(files.folder, `layout-${count++}`);
    writeFolder(reference, ociLayout(image));
    return { reference, blob: join(reference, 'blobs', image.layers[0].blob.digest.replace(':', '/')) };
  }

  /** Nothing but holes stays of the file, and the 16 places of 512 bytes each by which a blob is known. */
  function hollowOut(path: string): void {
    const bytes = readFileSync(path);
    const target = openSync(path, 'r+');
    ftruncateSync(target, 0);
    ftruncateSync(target, bytes.length);
    for (let index = 0; index < 16; index++) {
      const at = Math.floor(((bytes.length - 512) * index) / 15);
      writeSync(target, bytes, at, 512, at);
    }
    closeSync(target);
    assert.ok(statSync(path).blocks * 512 < bytes.length / 4, 'a file of holes');
  }

  it('does not read a layer that it knows, and with --verify or --no-cache reads all of it', async () => {
    const { reference, blob } = largeLayout();
    const folder = newCache();
    const first = await cached(folder, ['scan', reference, '-f', 'json']);
    assert.equal(first.code, 1);
    hollowOut(blob);
    const second = await cached(folder, ['scan', reference, '-f', 'json']);
    assert.deepEqual([timeless(second.stdout), second.code], [timeless(first.stdout), 1]);
    const other = await cached(folder, ['scan', reference, '-f', 'json', '--base', reference]);
    assert.equal((JSON.parse(other.stdout) as { findings: unknown[] }).findings.length, 1, 'nor when the report as a whole is not known');
    for (const flag of ['--verify', '--no-cache']) {
      const { code, stdout } = await cached(folder, ['scan', reference, '-f', 'json', flag]);
      const { findings, skipped } = JSON.parse(stdout) as { findings: unknown[]; skipped: { reason: string }[] };
      assert.deepEqual([code, findings.length, skipped.some(({ reason }) => reason === 'mismatch')], [4, 0, true], flag);
    }
  });

  it('reads a layer anew when one byte of its samples, or its length, is another', async () => {
    for (const change of [(size: number) => [0, size], (size: number) => [size - 1, size], (size: number) => [-1, size + 512]]) {
      const { reference, blob } = largeLayout();
      const folder = newCache();
      await cached(folder, ['scan', reference]);
      const bytes = readFileSync(blob);
      const [at, size] = change(bytes.length);
      if (at >= 0) bytes[at] ^= 1;
      writeFileSync(blob, bytes);
      truncateSync(blob, size);
      const { stdout } = await cached(folder, ['scan', reference, '-f', 'json']);
      assert.ok((JSON.parse(stdout) as { skipped: { reason: string }[] }).skipped.some(({ reason }) => reason === 'mismatch'));
    }
  });

  it('reads an archive of docker only once too, though that tells no digests', async () => {
    const noise = noiseOf(7);
    const image = assemble({ layers: [{ entries: [file('a', noise), file('token', githubToken('docker save'))] }] });
    const bytes = archive(classicArchive(image));
    const path = files.file(bytes, 'docker-save.tar');
    const folder = newCache();
    const first = await cached(folder, ['scan', path, '-f', 'json']);
    const at = bytes.indexOf(noise.subarray(5000, 5100));
    bytes[at] ^= 1;
    writeFileSync(path, bytes);
    const second = await cached(folder, ['scan', path, '-f', 'json']);
    assert.deepEqual([timeless(second.stdout), second.code], [timeless(first.stdout), 1]);
    const verified = await cached(folder, ['scan', path, '-f', 'json', '--verify']);
    assert.match(verified.stdout, /"mismatch"/);
  });

  it('takes an image from a pipe as the same image', async () => {
    const folder = newCache();
    const input = readFileSync(leaky);
    const first = await cached(folder, ['scan', '-', '-f', 'json'], { input });
    const second = await watched(folder, ['scan', '-', '-f', 'json'], { input });
    assert.deepEqual([timeless(second.stdout), second.searchers], [timeless(first.stdout), 0]);
  });

  it('shows values although it knows the image, and keeps none', async () => {
    const folder = newCache();
    for (const args of [[], ['--show-secrets'], ['--show-secrets'], []]) {
      const { stdout } = await cached(folder, ['scan', leaky, '-f', 'json', ...args]);
      const isShown = args.length > 0;
      assert.equal(exposedIn(stdout, { visible: secrets.visible }).length, isShown ? 1 : 0);
    }
    for (const name of readdirSync(folder)) assert.deepEqual(exposedIn(readFileSync(join(folder, name)), secrets), []);
  });

  it('finds what other rules and limits find, and tells wrong flags before it looks at an image', async () => {
    const folder = newCache();
    await cached(folder, ['scan', leaky]);
    await assertReports(folder, leaky, ['--disable', 'github-token']);
    await assertReports(folder, leaky, ['--enable', 'github-token']);
    await assertReports(folder, leaky, ['--limit', 'entryBytes=20']);
    await assertReports(folder, leaky);
    const rules = files.newFolder();
    const rule = {
      id: 'own-word',
      name: 'Own word',
      confidence: 'high',
      keywords: ['nothing to see'],
      pattern: '(nothing to see here)',
      description: 'A word.',
      advice: 'None. See https://example.org/',
      examples: ['nothing to <|>see here', 'and nothing to <|>see here'],
      counterExamples: ['nothing'],
    };
    for (const severity of ['low', 'critical']) {
      writeFileSync(join(rules, 'own.yml'), stringify({ rules: [{ ...rule, severity }] }));
      const { stdout, stderr } = await cached(folder, ['scan', leaky, '-f', 'json', '--rules', rules]);
      assert.equal(stderr, '');
      const { findings } = JSON.parse(stdout) as { findings: { ruleId: string; severity: string }[] };
      assert.deepEqual(
        findings.filter(({ ruleId }) => ruleId === 'own-word').map((finding) => finding.severity),
        [severity],
      );
    }
    for (const flags of [
      ['--enable', 'no-such-rule'],
      ['--rules', '/nowhere/at/all'],
      ['--limit', 'nothing=1'],
    ]) {
      for (let time = 0; time < 2; time++) {
        const { code, stderr } = await cached(folder, ['scan', join(files.folder, 'missing.tar'), ...flags]);
        assert.equal(code, 2, stderr);
      }
    }
    const { code, stderr } = await cached(folder, ['scan', join(files.folder, 'missing.tar')]);
    assert.deepEqual([code, /does not exist/.test(stderr)], [3, true]);
  });

  it('keeps nothing with --no-cache, its variable, and rules that are code', async () => {
    const folder = newCache();
    await assertReports(folder, leaky, ['--no-cache']);
    await assertReports(folder, leaky, [], { env: { UNBAKE_NO_CACHE: '1' } });
    const own = files.newFolder();
    writeFileSync(join(own, '.secretlintrc.json'), JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }));
    await cached(folder, ['scan', leaky], { cwd: own });
    assert.throws(() => readdirSync(folder), /ENOENT/);
  });

  it('does without what was damaged, cut, emptied or exchanged in the cache', async () => {
    const folder = newCache();
    const damages: ((path: string, other: string) => void)[] = [
      (path) => {
        const bytes = readFileSync(path);
        for (let at = 0; at < bytes.length; at += 97) bytes[at] ^= 0x20;
        writeFileSync(path, bytes);
      },
      (path) => truncateSync(path, statSync(path).size >> 1),
      (path) => truncateSync(path, 0),
      (path, other) => writeFileSync(path, readFileSync(other)),
    ];
    for (const damage of damages) {
      await cached(folder, ['scan', leaky]);
      const names = readdirSync(folder).filter((name) => !name.startsWith('rules'));
      assert.ok(names.length >= 4, names.join(' '));
      const copies = names.map((name) => files.file(readFileSync(join(folder, name)), `copy-of-${name}`));
      for (const [index, name] of names.entries()) damage(join(folder, name), copies[(index + 1) % names.length]);
      assert.equal((await assertReports(folder, leaky)).stderr, '');
    }
  });

  it('says once that nothing can be kept, and scans all the same', async function () {
    if (process.getuid?.() !== 0) return skip(this, 'not root');
    const foreign = newCache();
    mkdirSync(foreign, { mode: 0o700 });
    chownSync(foreign, 65534, 65534);
    const open = newCache();
    mkdirSync(open);
    chmodSync(open, 0o777);
    const blocked = files.file(Buffer.from('a file'), 'no-folder');
    for (const [folder, why] of [
      [foreign, /belongs to somebody else/],
      [open, /others may write to it/],
      [join(blocked, 'below'), /cannot be used as a cache/],
    ] as const) {
      const { stderr } = await assertReports(folder, leaky);
      assert.match(stderr, why);
      assert.match(stderr, /^unbake: [^\n]*--no-cache[^\n]*\n$/);
      assert.equal((await assertReports(folder, leaky, ['--no-cache'])).stderr, '');
    }
    assert.deepEqual([readdirSync(foreign), readdirSync(open)], [[], []]);
  });

  /** So many files that writing down what is known of them takes a while. */
  const manyFiles = (): string => {
    const layer = (name: string) => ({
      entries: [...Array.from({ length: 20_000 }, (_, index) => file(`${name}/${index}`, '')), file(`${name}/token`, githubToken(name))],
    });
    return files.file(archive(ociLayout(assemble({ layers: [layer('a'), layer('b')] }))), `many-${count++}.tar`);
  };

  it('is used by eight scans at once', async () => {
    const folder = newCache();
    const large = manyFiles();
    const references = [leaky, large, leaky, large, leaky, large, leaky, large];
    const expected = new Map<string, string>();
    for (const reference of [leaky, large])
      expected.set(reference, timeless((await run(['scan', reference, '-f', 'json'], { cwd: files.folder })).stdout));
    for (let time = 0; time < 2; time++) {
      const outcomes = await Promise.all(references.map((reference) => cached(folder, ['scan', reference, '-f', 'json'])));
      for (const [index, { code, stdout, stderr }] of outcomes.entries())
        assert.deepEqual([code, stderr, timeless(stdout)], [1, '', expected.get(references[index])]);
    }
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('is usable after scans that were killed while they wrote to it', async () => {
    const folder = newCache();
    mkdirSync(folder, { mode: 0o700 });
    const large = manyFiles();
    // At the first, second, third ... change in the folder: a file that is begun, one that is whole.
    let kills = 0;
    for (let change = 1; kills === change - 1 && change <= 12; change++) {
      const outcome = await cached(folder, ['scan', large], { whileRunning: (child) => killedAt(child, folder, change) });
      if (outcome.code === undefined) kills++;
    }
    assert.ok(kills >= 3, `${kills} scans were killed`);
    assert.equal((await cached(folder, ['cache', 'info'])).code, 0);
    const left = readdirSync(folder).filter((name) => name.startsWith('.'));
    await assertReports(folder, large);
    assert.equal((await assertReports(folder, large)).stderr, '');
    for (const name of left) utimesSync(join(folder, name), 1, 1);
    assert.equal((await cached(folder, ['cache', 'prune'])).code, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  async function killedAt(child: ChildProcess, folder: string, change: number): Promise<void> {
    const watcher = watch(folder);
    let seen = 0;
    watcher.on('change', () => {
      if (++seen === change) child.kill('SIGKILL');
    });
    child.once('exit', () => watcher.close());
  }
});
