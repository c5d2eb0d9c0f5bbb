// `unbake rules` and `unbake.config.*` as their users have them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run, scan } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const value = ['k3v9x2m8', 'q4t7w1z6'].join('');
const acme = {
  id: 'acme-token',
  name: 'Acme token',
  pattern: 'acme_(?<secret>[a-z0-9]{16})',
  keywords: ['acme_'],
  severity: 'high',
  confidence: 'high',
  description: 'A token.',
  advice: 'Revoke it. See https://acme.example/',
  examples: ['acme_k3v9x2m8<|>q4t7w1z6', 'acme_z3v9x2m8<|>q4t7w1z6'],
  counterExamples: ['acme_short'],
};
const gitleaks = `[[rules]]\nid = "acme-token"\nregex = 'acme_([a-z0-9]{16})'\n[[rules]]\nid = "every"\nregex = '[a-z]{32}'\n`;

describe('unbake rules and unbake.config', function () {
  this.timeout(120_000);
  const place = scratch();
  let image: string;
  before(() => {
    image = place.file(archive(ociLayout(assemble({ layers: [{ entries: [file('srv/x', `the acme_${value}\n`)] }] }))));
  });

  /** A folder with this as its configuration. */
  function folderWith(config: object, name = 'unbake.config.yml'): string {
    const folder = place.newFolder();
    writeFileSync(join(folder, name), name.endsWith('.json') ? JSON.stringify(config) : stringify(config));
    return folder;
  }

  async function findings(cwd: string, ...args: readonly string[]): Promise<readonly string[]> {
    const { report } = await scan(image, args, { cwd });
    return report.findings.map((finding) => `${finding.ruleId} ${(finding as unknown as { severity: string }).severity}`);
  }

  async function listed(cwd: string, ...args: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { stdout, code, stderr } = await run(['rules', 'list', '-f', 'json', ...args], { cwd });
    assert.equal(code, 0, stderr);
    return new Map((JSON.parse(stdout) as { id: string; severity: string }[]).map(({ id, severity }) => [id, severity]));
  }

  it('scans with the rules, grades and thresholds of the folder, and says so in the report', async () => {
    assert.deepEqual(await findings(place.newFolder()), []);
    for (const name of ['unbake.config.yml', 'unbake.config.yaml', 'unbake.config.json']) {
      const folder = folderWith({ rules: { add: [acme], grade: { 'acme-*': { severity: 'medium' } } }, failOn: 'high' }, name);
      const { report, code } = await scan(image, [], { cwd: folder });
      assert.deepEqual(
        report.findings.map(({ ruleId }) => ruleId),
        ['acme-token'],
      );
      assert.equal(code, 0, 'below failOn');
      assert.deepEqual(
        report.notices.map((notice) => notice.place),
        [name],
      );
      assert.equal((await scan(image, ['--fail-on', 'low'], { cwd: folder })).code, 1, 'a flag wins');
      assert.deepEqual((await scan(image, ['--no-config'], { cwd: folder })).report.findings, []);
    }
  });

  it('reads a configuration that is named without a word, and folders relative to it', async () => {
    const folder = folderWith({ rules: { folders: ['own/rules'] } }, 'other.yml');
    mkdirSync(join(folder, 'own/rules'), { recursive: true });
    writeFileSync(join(folder, 'own/rules/acme.yml'), stringify({ rules: [acme] }));
    const { report } = await scan(image, ['--config', join(folder, 'other.yml')], { cwd: place.newFolder() });
    assert.deepEqual([report.findings.map(({ ruleId }) => ruleId), report.notices], [['acme-token'], []]);
    assert.deepEqual(await findings(folder), [], 'only unbake.config.* is found by itself');
  });

  it('takes limits and failOnIncomplete', async () => {
    const folder = folderWith({ limits: { entryBytes: 4 }, failOnIncomplete: true });
    const { code, report } = await scan(image, [], { cwd: folder });
    assert.equal(code, 4);
    assert.ok(report.skipped.length > 0);
    assert.equal((await scan(image, ['--limit', 'entryBytes=1M'], { cwd: folder })).code, 0, 'a flag wins');
  });

  it('cleans with them', async () => {
    const folder = folderWith({ rules: { add: [acme] } });
    const { code, stdout, stderr } = await run(['clean', image, '-o', join(folder, 'clean.tar')], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /unbake\.config\.yml: this configuration of the working folder is used/);
    assert.deepEqual((await scan(join(folder, 'clean.tar'), [], { cwd: folder })).report.findings, []);
    assert.ok(!readFileSync(join(folder, 'clean.tar')).includes(value));
  });

  it('lists with them, and flags come on top', async () => {
    const folder = folderWith({ rules: { add: [acme], disable: ['github-token'], grade: { jwt: { severity: 'info' } } } });
    const all = await listed(folder, '--no-config');
    const config = await listed(folder);
    assert.deepEqual([all.has('acme-token'), all.has('github-token'), all.get('jwt') === 'info'], [false, true, false]);
    assert.deepEqual([config.has('acme-token'), config.has('github-token'), config.get('jwt') === 'info'], [true, false, true]);
    const more = await listed(folder, '--disable', 'gitlab-*');
    assert.ok(!more.has('github-token') && ![...more.keys()].some((id) => id.startsWith('gitlab-')));
    assert.deepEqual([...(await listed(folder, '--enable', 'github-token', 'jwt')).keys()].sort(), ['github-token', 'jwt']);
    const { stderr } = await run(['rules', 'list'], { cwd: folder });
    assert.match(stderr, /^unbake: unbake\.config\.yml: this configuration of the working folder is used; --no-config leaves it out\n$/);
  });

  it('refuses what is wrong in it, with its place', async () => {
    const told = async (cwd: string, ...args: readonly string[]) => {
      for (const command of [
        ['scan', image],
        ['clean', image, '-o', join(cwd, 'out.tar')],
        ['rules', 'list'],
      ]) {
        const { code, stderr, stdout } = await run([...command, ...args], { cwd });
        assert.deepEqual([code, stdout], [2, ''], stderr);
        assert.doesNotMatch(stderr, /^ {4}at /m);
        if (command[0] === 'rules') return stderr;
      }
      throw new Error('not told');
    };
    assert.match(await told(folderWith({ rules: { grad: {} } })), /unbake\.config\.yml: field "rules\.grad" is unknown/);
    assert.match(await told(folderWith({ rules: { disable: ['nothing-like-it'] } })), /there is no rule "nothing-like-it"/);
    assert.match(
      await told(folderWith({ rules: { add: [{ ...acme, severity: 'bad' }] } })),
      /rule acme-token in unbake\.config\.yml: field "severity"/,
    );
    const broken = place.newFolder();
    writeFileSync(join(broken, 'unbake.config.json'), '{');
    assert.match(await told(broken), /unbake\.config\.json is not valid JSON/);
    writeFileSync(join(broken, 'unbake.config.yml'), '');
    assert.match(await told(broken), /more than one configuration in the working folder: unbake\.config\.yml and unbake\.config\.json/);
    assert.match(await told(broken, '--config', 'nowhere.yml'), /the configuration nowhere\.yml cannot be read/);
  });

  it('checks the rules of a configuration beside ours', async () => {
    const rules = {
      add: [
        { ...acme, id: 'github-token' },
        { ...acme, counterExamples: [`acme_${value}`] },
      ],
    };
    const { code, stdout } = await run(['rules', 'check'], { cwd: folderWith({ rules }) });
    assert.equal(code, 1);
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.startsWith('unbake.config.yml')),
      ['unbake.config.yml, acme-token: counter-example 1 is found'],
      'one that replaces a rule of ours is no problem',
    );
  });

  it('imports the rules of gitleaks, tells what it leaves out, and scans with them', async () => {
    const folder = place.newFolder();
    writeFileSync(join(folder, '.gitleaks.toml'), gitleaks);
    const { code, stdout, stderr } = await run(['rules', 'import', '.gitleaks.toml', '-o', 'gitleaks.yml'], { cwd: folder });
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /^unbake: every: not imported: .*\nunbake: 1 rule imported, with severity medium/m);
    assert.deepEqual(await findings(folder, '--rules', 'gitleaks.yml'), ['acme-token medium']);
    const checked = await run(['rules', 'check', 'gitleaks.yml'], { cwd: folder });
    assert.deepEqual([checked.code, checked.stdout.split('\n').length], [0, 3], checked.stdout);
    assert.match(checked.stdout, /^1 rule of an imported file: examples and advice are not asked for there$/m);
    assert.equal((await run(['rules', 'import', '.gitleaks.toml'], { cwd: folder })).stdout, readFileSync(join(folder, 'gitleaks.yml'), 'utf8'));
  });

  it('says 2 when nothing can be imported, and writes nothing', async () => {
    const folder = place.newFolder();
    writeFileSync(join(folder, 'every.toml'), gitleaks.slice(gitleaks.lastIndexOf('[[rules]]')));
    writeFileSync(join(folder, 'none.toml'), 'title = "x"');
    writeFileSync(join(folder, 'broken.toml'), '[[');
    for (const [name, why] of [
      ['every.toml', /no rule of every\.toml can be imported/],
      ['none.toml', /has no \[\[rules\]\]/],
      ['broken.toml', /is not valid TOML/],
      ['nowhere.toml', /cannot be read/],
    ] as const) {
      const { code, stdout, stderr } = await run(['rules', 'import', name], { cwd: folder });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, why);
    }
  });

  it('writes the table of rules that is docs/rules.md', async () => {
    const { stdout, code } = await run(['rules', 'list', '-f', 'markdown'], { cwd: place.newFolder() });
    assert.equal(code, 0);
    assert.match(stdout, /^# The rules\n/);
    assert.match(stdout, /^## \[github\]\(\.\.\/rules\/github\.yml\)$/m);
    const kept = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
    assert.ok(stdout === kept, 'docs/rules.md is not what the rules are: run `npm run docs:rules`');
  });
});
