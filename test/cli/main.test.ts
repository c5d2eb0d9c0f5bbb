// The command line as its users have it: what it prints where, and the number that it gives to the shell.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, run, type RunOptions, scan } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken, password } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const token = githubToken('command line');
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

describe('unbake', () => {
  const files = scratch();
  let leaky: string;
  let clean: string;
  before(() => {
    leaky = files.file(
      archive(ociLayout(assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/token', `key = ${token}\n`)] }] }))),
      'leaky.tar',
    );
    clean = files.file(archive(ociLayout(assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/readme', 'nothing here\n')] }] }))), 'clean.tar');
  });

  const runIn = (cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> => run(args, { cwd, ...options });

  it('prints its version and its help, and that is no error', async () => {
    for (const flag of ['--version', '-V'])
      assert.deepEqual(await run([flag]).then(({ code, stdout, stderr }) => [code, stdout, stderr]), [0, `${version}\n`, '']);
    for (const args of [['--help'], ['-h'], ['help'], ['scan', '--help'], ['help', 'scan'], ['rules', '--help'], ['rules', 'list', '--help']]) {
      const { code, stdout, stderr } = await run(args);
      assert.deepEqual([code, stderr], [0, ''], args.join(' '));
      assert.match(stdout, /^Usage: unbake/);
    }
  });

  const wrong: readonly (readonly string[])[] = [
    [],
    ['nothing'],
    ['--nothing'],
    ['scan'],
    ['scan', ''],
    ['scan', 'a', 'b'],
    ['scan', 'x', '--nothing'],
    ['scan', 'x', '-f', 'xml'],
    ['scan', 'x', '-f'],
    ['scan', 'x', '-f', 'json', '-f', 'text'],
    ['scan', 'x', '--fail-on', 'bad'],
    ['scan', 'x', '--severity', 'worst'],
    ['scan', 'x', '--color', 'maybe'],
    ['scan', 'x', '--limit', 'findings'],
    ['scan', 'x', '--limit', 'nothing=1'],
    ['scan', 'x', '--platform', 'linux'],
    ['scan', 'x', '--baseline', '/nowhere/at/all'],
    ['scan', 'x', '--ignorefile', '/nowhere/at/all'],
    ['scan', 'x', '--rules', '/nowhere/at/all'],
    ['scan', 'oci:'],
    ['rules'],
    ['rules', 'nothing'],
    ['rules', 'list', '-f', 'sarif'],
    ['rules', 'check', '/nowhere/at/all'],
  ];
  for (const args of wrong) {
    it(`says 2 to ${['unbake', ...args].join(' ')}, and why, in words`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /^ {4}at /m);
      assert.ok(stderr.length > 0);
    });
  }

  it('says 0, 1, 3 and 4 for clean, findings, unreadable and incomplete', async () => {
    assert.equal((await run(['scan', clean])).code, 0);
    assert.equal((await run(['scan', leaky])).code, 1);
    assert.equal((await run(['scan', '/nowhere/at/all.tar'])).code, 3);
    assert.equal((await run(['scan', files.file(Buffer.from('no image'))])).code, 3);
    const damaged = assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/readme', 'nothing')], diffId: `sha256:${'0'.repeat(64)}` }] });
    assert.equal((await run(['scan', files.file(archive(ociLayout(damaged)))])).code, 4);
  });

  it('takes --fail-on for what counts and --severity for what is listed', async () => {
    const { report, code } = await scan(leaky, ['--fail-on', 'critical']);
    assert.equal(report.findings.length, 1);
    const { severity } = report.findings[0] as unknown as { severity: string };
    assert.equal(code, severity === 'critical' ? 1 : 0);
    const weak = files.file(
      archive(ociLayout(assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/config', `DB_PASSWORD=${password('weak')}\n`)] }] }))),
    );
    const all = await scan(weak);
    assert.ok(all.report.findings.length > 0 && all.code === 1);
    const severe = await scan(weak, ['--severity', 'critical']);
    assert.deepEqual([severe.report.findings, severe.code], [[], 0]);
    assert.equal((await scan(weak, ['--fail-on', 'critical'])).code, 0);
  });

  describe('takes flags from the environment', () => {
    const withFlag = (name: string, value: string, ...args: readonly string[]) =>
      run(['scan', leaky, ...args], { env: { [`UNBAKE_${name}`]: value } });

    it('the format and the file of the report', async () => {
      assert.match((await withFlag('FORMAT', 'json')).stdout, /^\{/);
      const path = join(files.folder, 'from-environment');
      await withFlag('OUTPUT', path);
      assert.match(readFileSync(path, 'utf8'), /srv\/token/);
    });

    it('what counts', async () => {
      assert.equal((await withFlag('SEVERITY', 'critical', '--fail-on', 'critical')).code, 0);
      assert.equal((await withFlag('FAIL_ON', 'nothing')).code, 2);
    });

    it('switches', async () => {
      assert.ok((await withFlag('SHOW_SECRETS', '1')).stdout.includes(token));
    });

    it('limits and platforms', async () => {
      assert.equal((await withFlag('LIMIT', 'nothing=1')).code, 2);
      assert.equal((await withFlag('PLATFORM', 'windows/amd64')).code, 3);
    });

    it('and lets the command line win over it', async () => {
      const { stdout, code } = await withFlag('FORMAT', 'sarif', '-f', 'json');
      assert.equal(code, 1);
      assert.ok(!('runs' in (JSON.parse(stdout) as object)));
      assert.equal((await withFlag('FAIL_ON', 'critical', '--fail-on', 'low')).code, 1);
    });
  });

  it('keeps values to itself unless it is told to show them', async () => {
    for (const format of ['text', 'json', 'sarif']) {
      const { stdout, stderr } = await run(['scan', leaky, '-f', format]);
      assert.ok(!`${stdout}${stderr}`.includes(token), format);
      assert.ok((await run(['scan', leaky, '-f', format, '--show-secrets'])).stdout.includes(token), format);
    }
  });

  it('writes several reports in one run, those with values to their owner alone', async () => {
    const folder = files.newFolder();
    const { stdout, stderr, code } = await runIn(folder, [
      'scan',
      leaky,
      '-f',
      'text',
      '-f',
      'sarif',
      '-o',
      'a.sarif',
      '-o',
      'b.json',
      '--show-secrets',
    ]);
    assert.deepEqual([code, stderr], [1, '']);
    assert.match(stdout, /srv\/token/);
    assert.ok(Array.isArray((JSON.parse(readFileSync(join(folder, 'a.sarif'), 'utf8')) as { runs: unknown }).runs));
    assert.equal((JSON.parse(readFileSync(join(folder, 'b.json'), 'utf8')) as { findings: unknown[] }).findings.length, 1);
    assert.equal(statSync(join(folder, 'b.json')).mode & 0o777, 0o600);
  });

  it('says 3 when a report cannot be written', async () => {
    const { code, stderr } = await run(['scan', leaky, '-o', '/nowhere/at/all.json']);
    assert.equal(code, 3);
    assert.match(stderr, /the report cannot be written to \/nowhere\/at\/all\.json/);
  });

  it('reads .unbakeignore of the working folder, or the file that is named instead', async () => {
    const folder = files.newFolder();
    const { fingerprint } = (await scan(leaky)).report.findings[0];
    assert.equal((await runIn(folder, ['scan', leaky])).code, 1);
    writeFileSync(join(folder, '.unbakeignore'), `${fingerprint} -- a test\n`);
    assert.equal((await runIn(folder, ['scan', leaky])).code, 0);
    assert.match((await runIn(folder, ['scan', leaky, '--show-suppressed'])).stdout, /a test/);
    writeFileSync(join(folder, 'other'), '# nothing\n');
    assert.equal((await runIn(folder, ['scan', leaky, '--ignorefile', 'other'])).code, 1);
    writeFileSync(join(folder, '.unbakeignore'), 'nonsense\n');
    assert.equal((await runIn(folder, ['scan', leaky])).code, 2);
    mkdirSync(join(folder, 'sub/.unbakeignore'), { recursive: true });
    assert.equal((await runIn(join(folder, 'sub'), ['scan', leaky])).code, 2, 'a folder of that name');
  });

  it('suppresses what a baseline holds, and nothing else', async () => {
    const baseline = join(files.folder, 'baseline.json');
    assert.equal((await run(['scan', leaky, '-f', 'json', '-o', baseline])).code, 1);
    const { code, stdout } = await run(['scan', leaky, '--baseline', baseline, '-f', 'json']);
    assert.equal(code, 0);
    assert.equal(
      (JSON.parse(stdout) as { findings: { suppression?: { by: string } }[] }).findings.filter(({ suppression }) => suppression?.by !== 'baseline')
        .length,
      0,
    );
    const other = files.file(
      archive(
        ociLayout(assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/token', `key = ${token}\nother = ${githubToken('new')}\n`)] }] })),
      ),
    );
    assert.equal((await run(['scan', other, '--baseline', baseline])).code, 1);
    for (const text of ['', '{', '[]', '{"findings": 1}']) {
      const wrongFile = files.file(Buffer.from(text));
      assert.equal((await run(['scan', leaky, '--baseline', wrongFile])).code, 2, text);
    }
  });

  it('colours when asked to, and not into pipes, files or against NO_COLOR', async () => {
    const escape = '\u001b[';
    assert.ok(!(await run(['scan', leaky])).stdout.includes(escape));
    assert.ok(!(await run(['scan', leaky], { env: { FORCE_COLOR: '1' } })).stdout.includes(escape), 'NO_COLOR is set for all tests');
    assert.ok((await run(['scan', leaky], { env: { NO_COLOR: '', FORCE_COLOR: '1' } })).stdout.includes(escape));
    assert.ok((await run(['scan', leaky, '--color', 'always'])).stdout.includes(escape));
    const path = join(files.folder, 'colours.txt');
    await run(['scan', leaky, '--color', 'always', '-o', path]);
    assert.ok(!readFileSync(path, 'utf8').includes(escape));
  });

  it('shows no progress where nobody watches', async () => {
    assert.equal((await run(['scan', clean])).stderr, '');
  });

  it('reads an archive from standard input', async () => {
    assert.equal((await run(['scan', '-'], { input: readFileSync(leaky) })).code, 1);
    assert.equal((await run(['scan', '-'], { input: Buffer.alloc(0) })).code, 3);
  });

  it('gives keyed fingerprints when there is a key', async () => {
    const of = async (env: Record<string, string>) => (await scan(leaky, [], { env })).report.findings[0].fingerprint;
    const [plain, keyed, again] = [await of({}), await of({ UNBAKE_FINGERPRINT_KEY: 'k' }), await of({ UNBAKE_FINGERPRINT_KEY: 'k' })];
    assert.notEqual(plain, keyed);
    assert.equal(keyed, again);
  });

  it('loads rules of .secretlintrc of the working folder, unless it is told not to', async () => {
    const folder = files.newFolder();
    writeFileSync(join(folder, '.secretlintrc.json'), '{ not json');
    assert.equal((await runIn(folder, ['scan', clean])).code, 2);
    assert.equal((await runIn(folder, ['scan', clean, '--no-rc'])).code, 0);
  });

  it('runs the rules that are enabled and leaves out those that are not', async () => {
    const { ruleId } = (await scan(leaky)).report.findings[0];
    assert.equal((await scan(leaky, ['--enable', ruleId])).report.findings.length, 1);
    assert.ok((await scan(leaky, ['--disable', ruleId])).report.findings.every((finding) => finding.ruleId !== ruleId));
    assert.equal((await run(['scan', leaky, '--disable', '**'])).code, 0);
  });
});

describe('unbake rules', () => {
  const files = scratch();

  it('lists every rule on a line, or as JSON', async () => {
    const text = await run(['rules', 'list', '--no-rc']);
    const json = await run(['rules', 'list', '--no-rc', '-f', 'json']);
    assert.deepEqual([text.code, json.code, text.stderr, json.stderr], [0, 0, '', '']);
    const rules = JSON.parse(json.stdout) as { id: string; severity: string; origin: string }[];
    assert.ok(rules.length > 50);
    const lines = text.stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((each) => each.split(/\s+/)[0]),
      rules.map(({ id }) => id),
    );
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    for (const origin of ['builtin', 'secretlint'])
      assert.ok(
        rules.some((rule) => rule.origin === origin),
        origin,
      );
  });

  it('checks the rules that come with it, and finds them all right', async () => {
    const { code, stdout } = await run(['rules', 'check']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^\d+ rules in \d+ files: all right\n$/);
  });

  it('says 1 and what is wrong with a rule', async () => {
    const folder = files.newFolder();
    writeFileSync(join(folder, 'mine.yml'), 'rules:\n  - id: mine\n    name: Mine\n');
    const { code, stdout, stderr } = await run(['rules', 'check', folder]);
    assert.ok(code === 1 || code === 2, `${code}`);
    assert.match(`${stdout}${stderr}`, /mine/);
  });
});
