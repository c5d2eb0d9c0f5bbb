// The vault holds what was taken out, byte for byte, for nobody else; encrypted it holds it for the owner of a key.
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { clean, inPairs, placed, refused } from '../support/cleaning.ts';
import { exposedAt, exposedIn } from '../support/exposed.ts';
import { bodies, leakyImage, linkNames, owned, secrets } from '../support/leaky.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

interface VaultFile {
  readonly file: string;
  readonly path: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
  readonly layer: number;
  readonly treatment: string;
  readonly isMounted: boolean;
}

interface VaultManifest {
  readonly format: string;
  readonly encrypted: false | readonly string[];
  readonly files: readonly VaultFile[];
  readonly variables: readonly { readonly name: string; readonly file: string }[];
}

const image = leakyImage();
/** Every file that held a value, under each of its names: what is put back is there under all of them. */
const removed = new Map<string, Buffer>(Object.entries(bodies));
for (const name of linkNames) removed.set(name, bodies['/srv/app/key']);

const manifestOf = (vault: string) => JSON.parse(readFileSync(join(vault, 'manifest.json'), 'utf8')) as VaultManifest;

/** Every file and folder below, with its mode. */
function modesIn(folder: string, prefix = ''): Record<string, string> {
  const modes: Record<string, string> = {};
  for (const name of readdirSync(join(folder, prefix))) {
    const path = join(prefix, name);
    const stats = lstatSync(join(folder, path));
    modes[path] = (stats.mode & 0o7777).toString(8);
    if (stats.isDirectory()) Object.assign(modes, modesIn(folder, path));
  }
  return modes;
}

describe('the vault of a cleaning', () => {
  const files = scratch();
  before(function () {
    needs(this, 'tar');
  });

  it('has every body and every variable, byte for byte', async () => {
    await inPairs(
      (['docker save before 25', 'docker save since 25', 'OCI layout'] as const).map((form) => async () => {
        const folder = files.newFolder();
        const vault = join(folder, 'vault');
        const { report } = await clean(placed(form, image, files), ['-o', join(folder, form === 'OCI layout' ? 'out' : 'out.tar'), '--vault', vault]);
        const manifest = manifestOf(vault);
        assert.deepEqual([manifest.format, manifest.encrypted], ['unbake-vault', false]);
        assert.deepEqual(
          manifest.files.map(({ path, mode, uid, gid, mtime, size }) => [path, mode, uid, gid, mtime, size]).toSorted(),
          [...removed].map(([path, body]) => [path, `0${owned.mode.toString(8)}`, owned.uid, owned.gid, owned.mtime, body.length]).toSorted(),
          form,
        );
        for (const { file, path } of manifest.files) {
          assert.ok(readFileSync(join(vault, file)).equals(removed.get(path)!), `${form}: ${path}`);
        }
        assert.deepEqual(
          manifest.variables.map(({ name }) => name),
          ['API_TOKEN'],
        );
        assert.equal(readFileSync(join(vault, manifest.variables[0]!.file), 'utf8'), secrets.variable);
        assert.equal(readFileSync(join(vault, 'env'), 'utf8'), `API_TOKEN=${secrets.variable}\n`);
        assert.deepEqual(report.vault, { folder: vault, files: removed.size, variables: 1, isEncrypted: false });
        const { '/srv/app/.npmrc': deleted, '/srv/app/.env': visible } = Object.fromEntries(manifest.files.map((each) => [each.path, each]));
        assert.deepEqual([deleted!.isMounted, deleted!.treatment, visible!.isMounted, visible!.treatment], [false, 'drop', true, 'redact']);
      }),
    );
  });

  it('is for its owner alone, whatever the umask says, and names no value in what describes it', async () => {
    const folder = files.newFolder();
    const vault = join(folder, 'vault');
    const umask = process.umask(0);
    try {
      await clean(placed('OCI archive', image, files), ['-o', join(folder, 'out.tar'), '--vault', vault]);
    } finally {
      process.umask(umask);
    }
    assert.equal(lstatSync(vault).mode & 0o7777, 0o700);
    for (const [path, mode] of Object.entries(modesIn(vault))) {
      const wanted = path === 'files' || path === 'variables' || path.endsWith('.sh') ? '700' : '600';
      assert.equal(mode, wanted, path);
    }
    for (const name of ['README.md', 'manifest.json', 'docker-run.sh', 'owners.sh', 'kubernetes.sh', 'compose.yaml', 'kubernetes.yaml'])
      assert.deepEqual(exposedIn(readFileSync(join(vault, name)), secrets), [], name);
  });

  it('encrypted: no value is in it, and each of two keys brings every byte back', async () => {
    const keys = [await generateIdentity(), await generateIdentity()];
    const recipients = await Promise.all(keys.map((key) => identityToRecipient(key)));
    const folder = files.newFolder();
    const vault = join(folder, 'vault');
    const { report } = await clean(placed('docker save before 25', image, files), [
      '-o',
      join(folder, 'out.tar'),
      '--vault',
      vault,
      ...recipients.flatMap((recipient) => ['--encrypt-to', recipient]),
    ]);
    assert.deepEqual(report.vault, { folder: vault, files: removed.size, variables: 1, isEncrypted: true });
    assert.deepEqual(exposedAt(vault, secrets), []);
    for (const [path, mode] of Object.entries(modesIn(vault)))
      assert.equal(mode, path === 'files' || path === 'variables' || path.endsWith('.sh') ? '700' : '600', path);
    const { files: stored, variables, encrypted } = manifestOf(vault);
    assert.deepEqual(encrypted, recipients);
    for (const key of keys) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(key);
      const decrypted = async (name: string) => Buffer.from(await decrypter.decrypt(readFileSync(join(vault, name))));
      for (const { file, path } of stored) assert.ok((await decrypted(file)).equals(removed.get(path)!), path);
      assert.equal((await decrypted(variables[0]!.file)).toString(), secrets.variable);
      assert.equal((await decrypted('env.age')).toString(), `API_TOKEN=${secrets.variable}\n`);
    }
    const stranger = new Decrypter();
    stranger.addIdentity(await generateIdentity());
    await assert.rejects(stranger.decrypt(readFileSync(join(vault, stored[0]!.file))));
  });

  it('a folder that holds something is refused, and nothing is written; an empty one is taken', async () => {
    const folder = files.newFolder();
    const vault = join(folder, 'vault');
    const source = placed('OCI archive', image, files);
    mkdirSync(vault);
    writeFileSync(join(vault, 'mine'), 'precious');
    const { code, stderr } = await refused(source, ['-o', join(folder, 'out.tar'), '--vault', vault, '--attest', join(folder, 'statement')]);
    assert.equal(code, 2);
    assert.match(stderr, /vault/);
    assert.deepEqual([namesIn(folder), namesIn(vault), readFileSync(join(vault, 'mine'), 'utf8')], [['vault'], ['mine'], 'precious']);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await clean(source, ['-o', join(folder, 'out.tar'), '--vault', empty]);
    assert.equal(manifestOf(empty).files.length, removed.size);
  });

  it('a recipient that is none, or a secret key, is refused before anything is written, and is not told', async () => {
    const folder = files.newFolder();
    const key = await generateIdentity();
    for (const recipient of ['age1nonsense', key]) {
      const args = ['-o', join(folder, 'out.tar'), '--vault', join(folder, 'vault'), '--encrypt-to', recipient];
      const { code, stderr, stdout } = await refused(placed('OCI archive', image, files), args);
      assert.equal(code, 2);
      assert.match(stderr, /recipient/);
      assert.doesNotMatch(stderr + stdout, new RegExp(key));
      assert.deepEqual(namesIn(folder), []);
    }
  });

  it('nothing was taken out: there is no vault', async () => {
    const folder = files.newFolder();
    const { report } = await clean(placed('OCI archive', image, files), [
      '--only',
      'none',
      '-o',
      join(folder, 'out.tar'),
      '--vault',
      join(folder, 'vault'),
    ]);
    assert.deepEqual([report.vault, namesIn(folder)], [undefined, ['out.tar']]);
  });
});
