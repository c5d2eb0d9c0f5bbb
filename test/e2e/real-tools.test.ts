// Images made by the tools that people use: docker, buildah, skopeo, umoci. Each works in folders of its own below a
// temporary one, without a network, and leaves nothing behind.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findingsOf, type JsonReport, run, scan, told } from '../support/cli.ts';
import * as planted from '../support/planted.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

const secrets = {
  copied: planted.githubToken('real copied'),
  overwritten: planted.stripeKey('real overwritten'),
  kept: planted.slackToken('real kept'),
};
const environment = planted.githubToken('real environment');
const argument = planted.githubToken('real argument');

/** A build context with the three secrets in files. */
function writeContext(folder: string): void {
  mkdirSync(join(folder, 'app'), { recursive: true });
  writeFileSync(join(folder, 'app/.env'), `PORT=80\nGITHUB_TOKEN=${secrets.copied}\n`);
  writeFileSync(join(folder, 'app/config.json'), `{"key": "${secrets.overwritten}"}\n`);
  writeFileSync(join(folder, 'app/notify.yml'), `slack: ${secrets.kept}\n`);
  writeFileSync(join(folder, 'clean.json'), '{}\n');
}

function assertMetadata(report: JsonReport, secret: string, pointer: RegExp): void {
  const pointers = findingsOf(report, secret).map(({ place }) => (place.kind === 'metadata' ? place.pointer : place.kind));
  assert.ok(
    pointers.some((one) => pointer.test(one)),
    `${pointer}: ${pointers.join(', ')}`,
  );
}

describe('images made by docker', function () {
  this.timeout(180_000);
  let folder: string;
  let daemon: ChildProcess | undefined;
  const docker = (...args: readonly string[]): string =>
    tool('docker', ['--host', `unix://${folder}/docker.sock`, ...args], { env: { DOCKER_BUILDKIT: '0', DOCKER_CONFIG: join(folder, 'config') } });

  before(async function () {
    needs(this, 'docker', 'dockerd', 'ldd');
    if (process.getuid!() !== 0) skip(this, 'dockerd needs root');
    folder = mkdtempSync(join(tmpdir(), 'unbake-docker-'));
    mkdirSync(join(folder, 'context'));
    writeContext(join(folder, 'context'));
    for (const driver of ['overlay2', 'vfs']) {
      if ((daemon = await startDaemon(driver))) break;
    }
    if (!daemon) assert.fail(`dockerd does not start: ${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`);
    importBase();
  });

  after(async () => {
    if (!folder) return;
    if (daemon) {
      const stopped = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await Promise.race([stopped, sleep(20_000)]);
    }
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n').toReversed()) {
      const mounted = line.split(' ')[1] ?? '';
      if (mounted.startsWith(`${folder}/`)) spawnSync('umount', ['-l', mounted]);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function startDaemon(driver: string): Promise<ChildProcess | undefined> {
    const log = openSync(join(folder, 'log'), 'w');
    const child = spawn(
      'dockerd',
      [
        `--data-root=${folder}/data-${driver}`,
        `--exec-root=${folder}/exec`,
        `--pidfile=${folder}/pid-${driver}`,
        `--host=unix://${folder}/docker.sock`,
        `--storage-driver=${driver}`,
        '--bridge=none',
        '--iptables=false',
        '--ip6tables=false',
        '--ip-forward=false',
      ],
      { stdio: ['ignore', log, log] },
    );
    for (let tries = 0; tries < 150 && child.exitCode === null; tries++) {
      if (existsSync(join(folder, 'docker.sock')) && spawnSync('docker', ['--host', `unix://${folder}/docker.sock`, 'version']).status === 0)
        return child;
      await sleep(200);
    }
    child.kill('SIGKILL');
    return undefined;
  }

  /** A root file system of a shell and rm, with the libraries that they need: enough for RUN. */
  function importBase(): void {
    const root = join(folder, 'root');
    for (const [from, to] of [
      ['/bin/sh', 'bin/sh'],
      ['/bin/rm', 'bin/rm'],
      ['/bin/mv', 'bin/mv'],
    ] as const) {
      mkdirSync(join(root, 'bin'), { recursive: true });
      copyFileSync(from, join(root, to));
      for (const library of tool('ldd', [from]).match(/\/\S+/g) ?? []) {
        mkdirSync(join(root, dirname(library)), { recursive: true });
        copyFileSync(library, join(root, library));
      }
    }
    tool('tar', ['-C', root, '-cf', join(folder, 'root.tar'), '.']);
    docker('import', join(folder, 'root.tar'), 'base:1');
  }

  function build(tag: string, dockerfile: string, ...args: readonly string[]): string {
    writeFileSync(join(folder, 'context/Dockerfile'), dockerfile);
    docker('build', '--network', 'none', '-q', '-t', tag, ...args, join(folder, 'context'));
    const path = join(folder, `${tag.replace(/\W/g, '-')}.tar`);
    docker('save', '-o', path, tag);
    return path;
  }

  it('FROM scratch, COPY over COPY, ENV and LABEL', async () => {
    const path = build(
      'scratch:1',
      `FROM scratch\nCOPY app /app\nENV GITHUB_TOKEN=${environment}\nLABEL note="see ${argument}"\nCOPY clean.json /app/config.json\n`,
    );
    const { code, report } = await scan(path);
    assert.equal(code, 1);
    assert.deepEqual(report.skipped, []);
    assert.deepEqual(told(report, secrets), {
      copied: ['0 /app/.env:2 visible'],
      overwritten: ['0 /app/config.json:1 overwritten by 1'],
      kept: ['0 /app/notify.yml:1 visible'],
    });
    assertMetadata(report, environment, /^config\.Env\[\d\]$/);
    assertMetadata(report, environment, /^history\[1\]\.created_by$/);
    assertMetadata(report, argument, /^config\.Labels/);
    assert.match(findingsOf(report, secrets.copied)[0]!.createdBy!, /COPY/);
  });

  it('RUN rm in a later layer, and a build argument in front of it', async () => {
    const path = build(
      'removed:1',
      'FROM base:1\nCOPY app /srv/app\nARG GITHUB_TOKEN\nRUN rm /srv/app/.env && mv /srv/app/notify.yml /srv/notify.yml\nCOPY clean.json /srv/app/config.json\nRUN rm -r /srv/app\n',
      '--build-arg',
      `GITHUB_TOKEN=${argument}`,
    );
    const { report } = await scan(path);
    assert.deepEqual(report.skipped, []);
    assert.deepEqual(told(report, secrets), {
      copied: ['1 /srv/app/.env:2 deleted by 2'],
      overwritten: ['1 /srv/app/config.json:1 overwritten by 3'],
      kept: ['1 /srv/app/notify.yml:1 deleted by 2', '2 /srv/notify.yml:1 visible'],
    });
    const { fate, createdBy } = findingsOf(report, secrets.copied)[0]!;
    assert.ok(fate.kind === 'deleted' && /rm \/srv\/app\/\.env/.test(fate.byInstruction ?? ''), JSON.stringify(fate));
    assert.match(createdBy ?? '', /COPY/);
    assertMetadata(report, argument, /^history\[\d\]\.created_by$/);
  });

  it('docker save of two images, straight into standard input', async () => {
    const bytes = spawnSync('docker', ['--host', `unix://${folder}/docker.sock`, 'save', 'scratch:1', 'removed:1'], { maxBuffer: 1 << 30 }).stdout;
    const { report } = await scan('-', [], { input: bytes });
    assert.equal(report.images.length, 2);
    assert.equal(new Set(findingsOf(report, secrets.copied).map((finding) => finding.image)).size, 2);
  });
});

const skopeo = (...args: readonly string[]): string => tool('skopeo', ['--insecure-policy', ...args]);

async function assertLeaks(reference: string): Promise<void> {
  const { code, report } = await scan(reference);
  assert.equal(code, 1);
  assert.deepEqual(report.skipped, []);
  assert.deepEqual(told(report, secrets), {
    copied: ['0 /srv/app/.env:2 deleted by 1'],
    overwritten: ['0 /srv/app/config.json:1 overwritten by 1'],
    kept: ['0 /srv/app/notify.yml:1 visible'],
  });
  assertMetadata(report, environment, /^config\.Env\[\d\]$/);
}

describe('images made by buildah, copied by skopeo', function () {
  this.timeout(180_000);
  const files = scratch();
  let layoutPath: string;

  before(function () {
    needs(this, 'buildah', 'skopeo');
    if (process.getuid!() !== 0) skip(this, 'buildah mounts its containers as root');
    const { folder } = files;
    writeContext(folder);
    const storage = ['--storage-driver', 'vfs', '--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
    const buildah = (...args: readonly string[]): string =>
      tool('buildah', [...storage, ...args], { env: { BUILDAH_ISOLATION: 'chroot', BUILDAH_HISTORY: 'true' } });
    const lower = buildah('from', 'scratch');
    buildah('copy', lower, join(folder, 'app'), '/srv/app');
    buildah('config', '--env', `GITHUB_TOKEN=${environment}`, '--author', 'someone', lower);
    buildah('commit', '-q', lower, 'lower:1');
    const upper = buildah('from', 'localhost/lower:1');
    const root = buildah('mount', upper);
    rmSync(join(root, 'srv/app/.env'));
    buildah('copy', upper, join(folder, 'clean.json'), '/srv/app/config.json');
    buildah('commit', '-q', upper, 'upper:1');
    layoutPath = join(folder, 'layout');
    buildah('push', '-q', 'upper:1', `oci:${layoutPath}:upper`);
    buildah('push', '-q', 'upper:1', `docker-archive:${join(folder, 'buildah.tar')}:upper:1`);
    buildah('rm', '-a');
    buildah('rmi', '-a', '-f');
  });

  it('buildah push to an OCI layout', () => assertLeaks(`oci:${layoutPath}:upper`));

  it('buildah push to a docker archive', () => assertLeaks(join(files.folder, 'buildah.tar')));

  it('the layers of the base that buildah names are inherited, or not known to be', async () => {
    const { report } = await scan(`oci:${layoutPath}`);
    assert.notEqual(findingsOf(report, secrets.copied)[0]!.inherited, false);
  });

  for (const [format, args] of [
    ['gzip', []],
    ['zstd', ['--dest-compress-format', 'zstd']],
    ['zstd', ['--dest-compress-format', 'zstd', '--dest-compress-level', '19']],
    ['zstd in frames, with skippable ones between them', ['--dest-compress-format', 'zstd:chunked']],
    ['uncompressed', ['--dest-decompress']],
  ] as const) {
    it(`skopeo copy to an OCI layout, ${[format, ...args].join(' ')}`, async () => {
      const to = `oci:${files.newFolder()}/layout:copied`;
      skopeo('copy', '-q', ...args, `oci:${layoutPath}:upper`, to);
      await assertLeaks(to);
    });
  }

  it('skopeo copy to an OCI archive', async () => {
    const to = join(files.folder, 'skopeo-oci.tar');
    skopeo('copy', '-q', `oci:${layoutPath}:upper`, `oci-archive:${to}:v1`);
    await assertLeaks(to);
    await assertLeaks(`oci-archive:${to}:v1`);
  });

  it('skopeo copy to a docker archive', async () => {
    const to = join(files.folder, 'skopeo-docker.tar');
    skopeo('copy', '-q', `oci:${layoutPath}:upper`, `docker-archive:${to}:example.com/app:v1`);
    await assertLeaks(to);
    await assertLeaks(`docker-archive:${to}:example.com/app:v1`);
    await assertLeaks(`docker-archive:${to}:@0`);
  });

  it('skopeo copy to a folder of its own form: the blobs are there, and an exit code of 0 is not given', async () => {
    const to = files.newFolder();
    skopeo('copy', '-q', `oci:${layoutPath}:upper`, `dir:${to}`);
    const { code } = await run(['scan', to]);
    assert.ok(code === 1 || code === 3, String(code));
  });
});

describe('images made by umoci', function () {
  this.timeout(120_000);
  const files = scratch();
  let image: string;

  before(function () {
    needs(this, 'umoci');
    const { folder } = files;
    writeContext(folder);
    const layout = join(folder, 'layout');
    image = `${layout}:app`;
    tool('umoci', ['init', '--layout', layout]);
    tool('umoci', ['new', '--image', image]);
    tool('umoci', ['insert', '--image', image, join(folder, 'app'), '/srv/app']);
    tool('umoci', ['insert', '--image', image, join(folder, 'clean.json'), '/srv/app/config.json']);
    tool('umoci', ['insert', '--image', image, '--whiteout', '/srv/app/.env']);
    mkdirSync(join(folder, 'fresh'));
    writeFileSync(join(folder, 'fresh/readme'), 'nothing\n');
    tool('umoci', ['insert', '--image', image, '--opaque', join(folder, 'fresh'), '/srv/app']);
    tool('umoci', ['config', '--image', image, '--config.env', `GITHUB_TOKEN=${environment}`, '--history.comment', `with ${argument}`]);
  });

  it('insert, whiteout, opaque and config', async () => {
    const { report } = await scan(`oci:${image}`);
    assert.deepEqual(report.skipped, []);
    assert.deepEqual(told(report, secrets), {
      copied: ['0 /srv/app/.env:2 deleted by 2'],
      overwritten: ['0 /srv/app/config.json:1 overwritten by 1'],
      kept: ['0 /srv/app/notify.yml:1 hidden by 3'],
    });
    assertMetadata(report, environment, /^config\.Env\[\d\]$/);
    assertMetadata(report, argument, /^history\[\d\]\.comment$/);
  });

  it('earlier manifests, configs and layers that no tag names any more are still in the layout', async () => {
    const lost = planted.githubToken('real lost');
    const layout = join(files.folder, 'second');
    writeFileSync(join(files.folder, 'lost.txt'), `${lost}\n`);
    tool('umoci', ['init', '--layout', layout]);
    tool('umoci', ['new', '--image', `${layout}:app`]);
    tool('umoci', ['tag', '--image', `${layout}:app`, 'clean']);
    tool('umoci', ['insert', '--image', `${layout}:app`, join(files.folder, 'lost.txt'), '/lost.txt']);
    tool('umoci', ['rm', '--image', `${layout}:app`]);
    const { report } = await scan(layout);
    assert.deepEqual(
      findingsOf(report, lost).map((finding) => finding.fate.kind),
      ['unreachable'],
    );
  });

  it('unpack and repack', async function () {
    if (process.getuid!() !== 0) skip(this, 'umoci unpack keeps owners as root only');
    const bundle = join(files.folder, 'bundle');
    const before = join(files.folder, 'third');
    tool('umoci', ['init', '--layout', before]);
    tool('umoci', ['new', '--image', `${before}:app`]);
    tool('umoci', ['insert', '--image', `${before}:app`, join(files.folder, 'app'), '/srv/app']);
    tool('umoci', ['unpack', '--image', `${before}:app`, bundle]);
    rmSync(join(bundle, 'rootfs/srv/app'), { recursive: true });
    writeFileSync(join(bundle, 'rootfs/srv/app'), 'a file now\n');
    tool('umoci', ['repack', '--image', `${before}:app`, bundle]);
    const { report } = await scan(`oci:${before}:app`);
    const lines = Object.values(told(report, secrets)).flat();
    assert.equal(lines.length, 3);
    for (const line of lines) assert.match(line, /^0 \/srv\/app\/\S+ (?:hidden|deleted) by 1$/);
  });
});
