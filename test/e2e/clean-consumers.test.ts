// skopeo, umoci, podman and buildah take cleaned images of every form, and see in them what they should. What buildah built is cleaned too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clean, type Form, formNames, inPairs, placed } from '../support/cleaning.ts';
import { scan } from '../support/cli.ts';
import { exposedAt, exposedIn } from '../support/exposed.ts';
import { type Asked, harmless, leakyImage, linkNames, modeFlags, redactedEnv, secrets, seenAfter } from '../support/leaky.ts';
import * as planted from '../support/planted.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

const image = leakyImage();
const asked = ['drop', 'empty', 'redact'] as const;

/** A root file system is what is left of the image after such a cleaning. */
function assertSeen(root: string, how: Asked): void {
  const wanted = seenAfter(how);
  const stats = (path: string) => lstatSync(join(root, path), { throwIfNoEntry: false });
  const seen = Object.keys(wanted).map((path) => {
    const found = stats(path);
    if (found === undefined) return [path, 'missing'];
    return [path, `${found.uid}:${found.gid} ${(found.mode & 0o7777).toString(8)} ${Math.floor(found.mtimeMs / 1000)} ${found.size}`];
  });
  assert.deepEqual(Object.fromEntries(seen), wanted);
  if (how !== 'drop') assert.equal(new Set(linkNames.map((path) => stats(path)!.ino)).size, 1, 'one file under three names');
  assert.equal(readFileSync(join(root, harmless.path), 'utf8'), harmless.body);
  if (how === 'redact') assert.equal(readFileSync(join(root, '/srv/app/.env'), 'utf8'), redactedEnv);
}

/** A config as the tools print it has the variable no more, and its neighbours. */
function assertVariables(json: string): void {
  assert.deepEqual(exposedIn(json, secrets), []);
  assert.doesNotMatch(json, /"API_TOKEN=/);
  assert.match(json, /MODE=production/);
}

describe('other tools, and images that were cleaned', function () {
  this.timeout(180_000);
  const files = scratch();
  const cleaned = new Map<string, string>();
  /** For what podman and buildah read and keep: they take the path of a layout for a name, in which no capital may be. */
  const storage = join(tmpdir(), `unbake-storage-${randomBytes(6).toString('hex')}`);
  let folders = 0;
  const newFolder = () => {
    const path = join(storage, String(folders++));
    mkdirSync(path, { recursive: true });
    return path;
  };

  before(async function () {
    needs(this, 'tar');
    if (process.getuid!() !== 0) skip(this, 'owners are kept as root only');
    const jobs = formNames.flatMap((form) => {
      const source = placed(form, image, files);
      return asked.map((how) => async () => {
        const path = join(newFolder(), form === 'OCI layout' ? 'layout' : 'cleaned.tar');
        await clean(source, ['-o', path, ...modeFlags(how)]);
        assert.deepEqual(exposedAt(path, secrets), []);
        cleaned.set(`${form}, ${how}`, path);
      });
    });
    await inPairs(jobs);
  });
  after(() => {
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n').toReversed()) {
      const mounted = line.split(' ')[1] ?? '';
      if (mounted.startsWith(`${storage}/`)) tool('umount', ['-l', mounted]);
    }
    rmSync(storage, { recursive: true, force: true });
  });

  const flags = () => ['--storage-driver', 'vfs', '--root', join(storage, 'root'), '--runroot', join(storage, 'run')];
  const podman = (...args: readonly string[]): string => tool('podman', [...flags(), ...args]);
  const buildah = (...args: readonly string[]): string =>
    tool('buildah', [...flags(), ...args], { env: { BUILDAH_ISOLATION: 'chroot', BUILDAH_HISTORY: 'true' } });
  const skopeo = (...args: readonly string[]): string => tool('skopeo', ['--insecure-policy', ...args]);

  /** The image as containers/image names it. */
  function referenceOf(form: Form, path: string): string {
    if (form === 'OCI layout') return `oci:${path}:1`;
    return form === 'OCI archive' ? `oci-archive:${path}:1` : `docker-archive:${path}:leaky:1`;
  }

  for (const form of formNames) {
    for (const how of asked) {
      describe(`${form}, ${how}`, () => {
        const path = () => cleaned.get(`${form}, ${how}`)!;
        let copy: string;

        it('skopeo copies it to an OCI layout and a docker archive', function () {
          needs(this, 'skopeo');
          copy = join(files.newFolder(), 'layout');
          skopeo('copy', '-q', referenceOf(form, path()), `oci:${copy}:copied`);
          assertVariables(skopeo('inspect', '--config', '--raw', `oci:${copy}:copied`));
          const archive = join(files.newFolder(), 'docker.tar');
          skopeo('copy', '-q', `oci:${copy}:copied`, `docker-archive:${archive}:copied:1`);
          assert.deepEqual([exposedAt(copy, secrets), exposedAt(archive, secrets)], [[], []]);
        });

        it('umoci unpacks it', function () {
          needs(this, 'umoci', 'skopeo');
          const bundle = join(files.newFolder(), 'bundle');
          tool('umoci', ['unpack', '--image', form === 'OCI layout' ? `${path()}:1` : `${copy}:copied`, bundle]);
          assertSeen(join(bundle, 'rootfs'), how);
          assertVariables(readFileSync(join(bundle, 'config.json'), 'utf8'));
        });

        it('podman loads it', function () {
          needs(this, 'podman');
          const name = podman('load', '-q', '-i', path()).replace(/^.*: /s, '');
          assertVariables(podman('image', 'inspect', name));
          assertSeen(podman('image', 'mount', name), how);
          podman('image', 'unmount', '-f', name);
          podman('rmi', '-f', name);
        });

        it('buildah builds on it', function () {
          needs(this, 'buildah');
          const container = buildah('from', '--pull-never', '-q', referenceOf(form, path())).split('\n').at(-1)!;
          assertSeen(buildah('mount', container), how);
          assertVariables(buildah('inspect', container));
          buildah('rm', container);
          buildah('rmi', '-a', '-f');
        });
      });
    }
  }

  it('built by buildah: copied, deleted by a mount, overwritten, in the environment', async function () {
    needs(this, 'buildah');
    const built = {
      copied: planted.githubToken('buildah copied'),
      replaced: planted.stripeKey('buildah replaced'),
      kept: planted.slackToken('buildah kept'),
      environment: planted.githubToken('buildah environment'),
    };
    const context = files.newFolder();
    mkdirSync(join(context, 'app'));
    writeFileSync(join(context, 'app/.env'), `GITHUB_TOKEN=${built.copied}\n`);
    writeFileSync(join(context, 'app/config.json'), `{"key": "${built.replaced}"}\n`);
    writeFileSync(join(context, 'app/notify.yml'), `slack: ${built.kept}\n`);
    writeFileSync(join(context, 'clean.json'), '{}\n');
    const lower = buildah('from', 'scratch');
    buildah('copy', lower, join(context, 'app'), '/srv/app');
    buildah('config', '--env', `API_TOKEN=${built.environment}`, '--author', 'someone', lower);
    buildah('commit', '-q', lower, 'lower:1');
    const upper = buildah('from', 'localhost/lower:1');
    rmSync(join(buildah('mount', upper), 'srv/app/.env'));
    buildah('copy', upper, join(context, 'clean.json'), '/srv/app/config.json');
    buildah('commit', '-q', upper, 'upper:1');
    const layout = join(newFolder(), 'layout');
    const archive = join(files.newFolder(), 'buildah.tar');
    buildah('push', '-q', 'upper:1', `oci:${layout}:upper`);
    buildah('push', '-q', 'upper:1', `docker-archive:${archive}:upper:1`);
    buildah('rm', '-a');
    for (const [source, to, back] of [
      [`oci:${layout}:upper`, join(newFolder(), 'clean'), 'oci:PATH:upper'],
      [archive, join(files.newFolder(), 'clean.tar'), 'docker-archive:PATH:upper:1'],
    ] as const) {
      await clean(source, ['-o', to], { values: built });
      assert.deepEqual(exposedAt(to, built), []);
      assert.equal((await scan(to)).code, 0);
      const container = buildah('from', '--pull-never', '-q', back.replace('PATH', to)).split('\n').at(-1)!;
      const root = buildah('mount', container);
      assert.equal(readFileSync(join(root, 'srv/app/config.json'), 'utf8'), '{}\n');
      assert.equal(readFileSync(join(root, 'srv/app/notify.yml'), 'utf8'), `slack: ${'x'.repeat(built.kept.length)}\n`);
      assert.equal(lstatSync(join(root, 'srv/app/.env'), { throwIfNoEntry: false }), undefined);
      buildah('rm', container);
    }
  });
});
