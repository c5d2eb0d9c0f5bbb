// The package as users install it: packed, unpacked elsewhere, with no module beside it but those that the bundles leave out.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { builtVariable } from '../support/compile-cache.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const token = githubToken('package');
/** They load what a user's .secretlintrc names, and the preset is what it may name. */
const leftOut = ['config-loader', 'profiler', 'resolver', 'secretlint-rule-preset-recommend'].map((name) => `@secretlint/${name}`);

describe('the packed package', function () {
  this.timeout(60_000);
  const files = scratch();
  let folder: string;
  let image: string;

  before(function () {
    // Only a whole run of the tests has built it.
    if (process.env[builtVariable] === undefined) return this.skip();
    folder = files.newFolder();
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
    execFileSync('tar', ['-xzf', readdirSync(folder).find((name) => name.endsWith('.tgz'))!], { cwd: folder });
    for (const name of leftOut) {
      const link = join(folder, 'package/node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), link);
    }
    // As npm does for a global installation.
    symlinkSync(join(folder, 'package/bin/unbake'), join(folder, 'unbake'));
    image = files.file(archive(ociLayout(assemble({ tags: ['app:1'], layers: [{ entries: [file('srv/token', `key = ${token}\n`)] }] }))), 'app.tar');
  });

  function unbake(...args: readonly string[]) {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, UNBAKE_CACHE_DIR: join(folder, 'cache') };
    const { status, stdout, stderr } = spawnSync(join(folder, 'unbake'), args, { cwd: folder, env, encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('holds the program, its rules and the licences of what is bundled, and no path of the machine that made it', () => {
    const names = readdirSync(join(folder, 'package'), { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('node_modules'));
    for (const name of [
      'bin/unbake',
      'dist/bundle/unbake.js',
      'dist/bundle/worker.js',
      'dist/tend/tend.js',
      'dist/rules.json',
      'dist/types/index.d.ts',
    ])
      assert.ok(names.includes(name), name);
    assert.ok(!names.some((name) => name.endsWith('sources.json') || name.startsWith('src')));
    const licences = readFileSync(join(folder, 'package/dist/THIRD-PARTY.txt'), 'utf8');
    for (const name of ['commander', 'yaml', 'age-encryption', 'xz-decompress']) assert.match(licences, new RegExp(`^${name} \\d`, 'm'));
    for (const name of names.filter((each) => /^dist\/.*\.(?:js|json|txt)$/.test(each)))
      assert.ok(!readFileSync(join(folder, 'package', name), 'utf8').includes(root), name);
  });

  it('tells its version and its rules', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(unbake('--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
    const { stdout, status } = unbake('rules', 'list', '-f', 'json');
    assert.ok(status === 0 && (JSON.parse(stdout) as unknown[]).length > 1000);
  });

  it('takes --env-file for its own flag, not for that of node', () => {
    const { status, stderr } = unbake('run', '--no-scan', '--env-file', '/nowhere/at/all', image);
    assert.equal(status, 125);
    assert.match(stderr, /^unbake: /);
  });

  it('scans, in every format', () => {
    for (const format of ['text', 'json', 'sarif']) {
      const { status, stdout, stderr } = unbake('scan', image, '-f', format);
      assert.deepEqual([status, stderr], [1, ''], format);
      assert.match(stdout, /srv\/token/);
    }
  });

  it('scans with a configuration of secretlint, and with rules of the user', () => {
    const rc = join(folder, '.secretlintrc.json');
    writeFileSync(rc, JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }));
    writeFileSync(join(folder, 'unbake.config.yml'), 'failOn: info\n');
    const { status, stderr } = unbake('scan', image, '--rules', join(folder, 'package/rules/github.yml'));
    assert.deepEqual([status, stderr], [1, '']);
  });

  it('cleans, and keeps what it removed for an age key', () => {
    const recipient = 'age1cy0su9fwf3gf9mw868g5yut09p6nytfmmnktexz2ya5uqg9vl9sss4euqm';
    const { status, stderr } = unbake('clean', image, '-o', 'clean.tar', '--vault', 'vault', '--encrypt-to', recipient, '-q', '--no-rc');
    assert.equal(status, 0, stderr);
    assert.equal(unbake('scan', 'clean.tar', '--no-rc').status, 0);
    assert.ok(readdirSync(join(folder, 'vault')).includes('decrypt.sh'));
  });

  it('is a library, and its set of rules is that of the sources', async () => {
    const script = `import { loadRuleset } from 'unbake'; const { hash } = await loadRuleset(); process.stdout.write(hash);`;
    const user = files.newFolder();
    mkdirSync(join(user, 'node_modules'));
    symlinkSync(join(folder, 'package'), join(user, 'node_modules/unbake'));
    const hash = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: user, encoding: 'utf8' });
    assert.equal(hash, (await loadRuleset()).hash);
  });
});
