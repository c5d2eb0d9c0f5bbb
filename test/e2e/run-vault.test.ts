// What cleaning took out comes back when the image runs: at its old place, for its old owner, read-only, and in no file on the machine.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { Machine, needsContainers, until } from '../support/containers.ts';
import { exposedAt, exposedIn } from '../support/exposed.ts';
import * as planted from '../support/planted.ts';
import { scratch } from '../support/scratch.ts';
import { leaked, leakedLine, webAppArchive } from '../support/web-app.ts';

const variable = planted.npmToken('a variable of the web app');
const values = { leaked, variable };

/** Name, mode and content of everything in a folder. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).toSorted()) {
    const stats = statSync(join(folder, name));
    hash.update(`${name} ${stats.mode} ${stats.mtimeMs}\n`);
    if (stats.isFile()) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

describe('an image with its vault', () => {
  const files = scratch();
  const clean = join(files.folder, 'clean.tar');
  const vault = join(files.folder, 'vault');
  const sealed = join(files.folder, 'sealed');
  const identity = join(files.folder, 'identity');
  let machine: Machine;
  before(async function () {
    needsContainers(this);
    machine = new Machine(files.folder);
    const dirty = webAppArchive(files, { Env: ['PATH=/bin', `NPM_TOKEN=${variable}`, 'SITE=/srv'] });
    const key = await generateIdentity();
    writeFileSync(identity, `# created for a test\n${key}\n`, { mode: 0o600 });
    await machine.output(['clean', dirty, '-o', clean, '--vault', vault]);
    const again = join(files.folder, 'again.tar');
    await machine.output(['clean', dirty, '-o', again, '--vault', sealed, '--encrypt-to', await identityToRecipient(key)]);
    await machine.output(['load', clean]);
  });
  afterEach(() => machine.removeAll());

  const runs = (args: readonly string[], script: string) => machine.unbake(['run', '--rm', ...args, clean, 'sh', '-c', script]);

  it('without it the file has no value and the variable is not set; with it both are as they were', async () => {
    const look = 'cat /srv/.env; echo "${NPM_TOKEN-unset}"';
    const without = await runs([], look);
    assert.equal(without.code, 0, without.stderr);
    assert.deepEqual(exposedIn(without.stdout, values), []);
    assert.match(without.stdout, /\nunset\n$/);
    const { code, stdout, stderr } = await runs(['--vault', vault], look);
    assert.deepEqual([code, stdout, stderr], [0, `${leakedLine}${variable}\n`, '']);
    await machine.assertNothingLeft();
  });

  it('the file has its owner, mode and time, its owner reads it, and nobody writes it', async () => {
    const before = fingerprint(vault);
    const script = `stat -c '%u:%g %a %s %Y' /srv/.env; echo more >>/srv/.env; rm /srv/.env; mv /srv/.env /srv/b; chmod 777 /srv/.env; id -u; cat /srv/.env`;
    const { stdout, stderr } = await runs(['--vault', vault, '-u', 'web'], script);
    assert.equal(stdout, `1000:1000 640 ${leakedLine.length} 1700000000\n1000\n${leakedLine}`);
    assert.equal(stderr.split('\n').filter((line) => /Read-only|busy|denied|not permitted/i.test(line)).length, 4, stderr);
    const root = await runs(['--vault', vault], 'echo more >>/srv/.env || chmod 600 /srv/.env || umount /srv/.env || cat /srv/.env');
    assert.equal(root.stdout, leakedLine, root.stderr);
    assert.equal(fingerprint(vault), before, 'the vault itself was changed');
    await machine.assertNothingLeft();
  });

  it('its values are on no disk while it runs, in no log, and not in the image', async () => {
    const script = 'cat /srv/.env; echo "token $NPM_TOKEN"; echo ready; while [ ! -e /tmp/go ]; do sleep 0.05; done; cat /srv/.env >&2';
    const { stdout: id } = await machine.unbake(['run', '-d', '--name', 'keeper', '--vault', vault, clean, 'sh', '-c', script]);
    await until('it has read them', async () => (await machine.output(['logs', 'keeper'])).includes('ready'));
    assert.deepEqual(exposedAt(machine.root, values), []);
    assert.equal(await machine.output(['logs', 'keeper']), '***\ntoken ***\nready');
    assert.equal(await machine.output(['exec', 'keeper', 'sh', '-c', 'echo $NPM_TOKEN']), variable, 'what is run in it has the variable too');
    assert.deepEqual(exposedIn(JSON.stringify(await machine.unbake(['ps', '-a', '--format', 'json', '--no-trunc'])), values), []);
    await machine.output(['exec', 'keeper', 'touch', '/tmp/go']);
    await until('it has ended', async () => (await machine.output(['ps', '-q'])) === '');
    assert.equal((await machine.unbake(['logs', 'keeper'])).stderr, '***\n');
    assert.deepEqual(exposedAt(machine.root, values), [], `what is kept of ${id.trim()}`);
    await machine.output(['save', 'web:1', '-o', join(files.folder, 'saved.tar')]);
    assert.deepEqual(exposedAt(join(files.folder, 'saved.tar'), values), []);
    await machine.output(['rm', 'keeper']);
    await machine.assertNothingLeft();
  });

  it('a sealed one is opened by its key alone', async () => {
    const { code, stdout, stderr } = await runs(['--vault', sealed, '--vault-identity', identity], 'cat /srv/.env; echo $NPM_TOKEN');
    assert.deepEqual([code, stdout, stderr], [0, `${leakedLine}${variable}\n`, '']);
    const stranger = files.file(Buffer.from(`${await generateIdentity()}\n`), 'stranger');
    const refusals = [
      [[], /encrypted.*\n.*--vault-identity/],
      [['--vault-identity', stranger], /key|identity|identities/],
      [['--vault-identity', clean], /key file/],
      [['--vault-identity', join(files.folder, 'missing')], /missing/],
    ] as const;
    for (const [args, says] of refusals) {
      const refused = await runs(['--vault', sealed, ...args], 'echo started');
      assert.deepEqual([refused.code, refused.stdout], [125, ''], refused.stderr);
      assert.match(refused.stderr, says);
      assert.doesNotMatch(refused.stderr, /bug|AGE-SECRET-KEY-1[A-Z0-9]{8}/);
    }
    await machine.assertNothingLeft();
  });

  it('one that is of another image, or is none, is refused or told', async () => {
    const stranger = webAppArchive(files, { Env: ['PATH=/bin', 'OTHER=1'] }, { tags: ['stranger:1'] });
    const { code, stdout, stderr } = await machine.unbake(['run', '--rm', '--no-scan', '--vault', vault, stranger, 'sh', '-c', 'echo $OTHER']);
    // A vault of one image may be given to its next build, say; that is told, and not silent.
    assert.deepEqual([code, stdout], [0, '1\n'], stderr);
    assert.match(stderr, /vault.*(?:image|digest)/);
    for (const folder of [files.newFolder(), join(files.folder, 'nowhere')]) {
      const refused = await runs(['--vault', folder], 'echo started');
      assert.deepEqual([refused.code, refused.stdout], [125, '']);
      assert.match(refused.stderr, /^unbake: .*does not exist\n {2}.*unbake clean --vault/);
    }
    await machine.assertNothingLeft();
  });
});
