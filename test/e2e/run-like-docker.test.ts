// The same image, the same flags and the same look around inside, under docker and under `unbake run`: what differs on purpose is left
// out of what is looked at (the manual lists it), all else must be equal to the letter.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import { type Dockerd, startDockerd } from '../support/dockerd.ts';
import { archive, classicArchive } from '../support/forms.ts';
import { assemble, type BuiltImage } from '../support/image.ts';
import { directory, file, hardlink, opaque, pax, symlink, whiteout } from '../support/raw-tar.ts';
import { skip, tool } from '../support/tool.ts';
import { webApp } from '../support/web-app.ts';

interface Probe {
  readonly name: string;
  readonly flags?: readonly string[];
  /** A script for the image's shell; a list stands behind the image as it is. */
  readonly look?: string | readonly string[];
  readonly image?: string;
  readonly input?: string;
  /** Exit code of both; 0 when left out. */
  readonly code?: number;
}

const rights = 'id; id -G; echo "$HOME"; grep -E "^(CapInh|CapAmb|Groups|Seccomp:|Sig(Ign|Blk))" /proc/self/status';
const limits =
  'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes cpu/cpu.shares cpu/cpu.cfs_quota_us pids/pids.max ' +
  'memory.max memory.swap.max cpu.max pids.max 2>/dev/null; true';
const every = 'cd /t && find . | busybox sort | while read -r name; do stat -c "%N %a %u %g %F %h" "$name"; cat "$name" 2>/dev/null; done';

const probes: readonly Probe[] = [
  { name: 'the user of a name, with all its groups', flags: ['-u', 'web'], look: rights },
  { name: 'the user of a number, with a named group and no others', flags: ['-u', '1000:staff'], look: rights },
  { name: 'a group alone', flags: ['-u', ':50'], look: rights },
  { name: 'a number that nobody has', flags: ['-u', '4242'], look: rights },
  { name: 'a user that is not there', flags: ['-u', 'nobody'], look: 'true', code: 125 },
  { name: 'an empty user is the image’s', flags: ['-u', ''], look: rights, image: 'user:1' },
  {
    name: 'variables of image, file and flags',
    flags: ['--env-file', 'some.env', '-e', 'MARK', '-e', 'MISSING', '-e', 'SITE', '-e', 'SPACE= a b ', '-e', 'HOSTNAME=x'],
    look: 'env | busybox sort',
  },
  { name: 'a working directory that is made', look: 'pwd; stat -c "%a %u %g" .', image: 'user:1' },
  { name: 'a working directory behind a link', flags: ['-w', '/t/link/../../srv'], look: 'pwd' },
  { name: 'entrypoint and arguments', look: ['a', 'b c', ''], image: 'entry:1' },
  { name: 'another entrypoint drops the command', flags: ['--entrypoint', 'pwd'], look: [], image: 'entry:1' },
  { name: 'no entrypoint and no command', flags: ['--entrypoint', ''], look: [], image: 'entry:1', code: 125 },
  { name: 'the program’s exit code', look: 'exit 7', code: 7 },
  { name: 'a program that cannot be executed', look: ['/srv/data.txt'], code: 126 },
  { name: 'a program that is not there', look: ['nothing'], code: 127 },
  {
    name: 'a volume of the image begins as what it has there',
    look: 'stat -c "%n %a %u %g %F" /vol /vol/*; touch /vol/new; ls /vol /fresh; stat -c %a /fresh',
  },
  {
    name: 'files and folders of the machine',
    flags: ['-v', './folder:/there', '-v', './file:/srv/data.txt:ro'],
    look: 'stat -c "%a %u %g" /there /srv/data.txt; touch /there/new && echo written; echo x >>/srv/data.txt || cat /srv/data.txt',
  },
  {
    name: 'a root that is read-only',
    flags: ['--read-only'],
    look: 'touch /x; touch /etc/hosts; touch /dev/shm/x && echo shm; touch /vol/x && echo volume',
  },
  {
    name: 'the host name',
    flags: ['--hostname', 'box.example'],
    look: 'hostname; cat /etc/hostname; stat -c "%a %u %g" /etc/host* /etc/resolv.conf',
  },
  {
    name: 'limits',
    flags: ['--memory', '200m', '--memory-swap', '1G', '--cpu-shares', '1024', '--cpus', '0.5', '--pids-limit', '99'],
    look: `${limits}; cat /proc/self/oom_score_adj`,
  },
  { name: 'as much swap as memory', flags: ['-m', '64m'], look: limits },
  { name: 'too little memory', flags: ['-m', '5m'], look: 'true', code: 125 },
  {
    name: 'devices, mounts and what is hidden',
    look:
      'stat -c "%n %a %u %g %F %t:%T" /dev/* /dev/pts/ptmx /proc /sys /sys/fs/cgroup | grep -v core; busybox df -k /dev/shm | tail -1; umask; ' +
      'grep -E " /(proc|dev|dev/(shm|pts|mqueue)|sys) " /proc/mounts; for path in kcore keys timer_list; do cat /proc/$path; done; ls /sys/firmware',
  },
  {
    name: 'what is refused',
    look: 'mount -t tmpfs x /tmp; umount /dev/shm; busybox unshare -U true; hostname x; echo 1 >/proc/sys/kernel/shmmax; true',
  },
  { name: 'layers: deleted, hidden, replaced, linked', look: every },
  {
    name: 'capabilities of a file',
    flags: ['-u', 'web', '--security-opt', 'no-new-privileges=false'],
    look: ['/x/grep', '^CapEff', '/proc/self/status'],
  },
  {
    name: 'standard streams of a user',
    flags: ['-i', '-u', 'web'],
    look: 'cat /dev/stdin; echo out >/dev/stdout; printf "\\000\\377"',
    input: 'given\n',
  },
];

/** Binds low ports, effective (capability.h of the kernel: revision 2, CAP_NET_BIND_SERVICE). */
const bindsPorts = Buffer.concat([Buffer.from([1, 0, 0, 2, 0, 4]), Buffer.alloc(14)]);

function images(): readonly BuiltImage[] {
  const { layers } = webApp().plan;
  const busybox = readFileSync(tool('sh', ['-c', 'command -v busybox']));
  const lower = [
    directory('t/'),
    file('t/gone', ''),
    file('t/kept', 'kept\n', { mode: 0o4755, uid: 1000, gid: 50 }),
    symlink('t/link', 'kept'),
    hardlink('t/twin', 't/kept', { mode: 0o4755, uid: 1000, gid: 50 }),
    directory('t/hidden/', { mode: 0o2770, gid: 50 }),
    file('t/hidden/old', ''),
    directory('t/was a folder/'),
    file('t/was a folder/x', ''),
    file('t/ü \\ :,', 'strange\n'),
    directory('vol/', { uid: 1000, gid: 50, mode: 0o2775 }),
    file('vol/seed', 'seed\n', { uid: 1000, gid: 50, mode: 0o640 }),
    directory('x/'),
    pax([['SCHILY.xattr.security.capability', bindsPorts]]),
    file('x/grep', busybox, { mode: 0o755 }),
  ];
  const upper = [
    whiteout('t/gone'),
    whiteout('t/not there'),
    directory('t/hidden/', { mode: 0o1777 }),
    opaque('t/hidden'),
    file('t/hidden/new', ''),
    file('t/was a folder', 'and is a file\n'),
  ];
  const all = [...layers, { entries: lower, compression: 'gzip' as const }, { entries: upper, compression: 'gzip' as const }];
  const built = (tag: string, config: object) => assemble({ layers: all, tags: [tag], config: { Env: ['PATH=/bin', 'SITE=/srv'], ...config } });
  return [
    built('all:1', { Volumes: { '/vol': {}, '/fresh/': {} }, Cmd: ['sh'] }),
    built('user:1', { User: 'web', WorkingDir: '/made/for/it' }),
    built('entry:1', { Entrypoint: ['sh', '-c', 'echo "$#:$0:$*"'], Cmd: ['from', 'image'] }),
  ];
}

describe('unbake run, beside docker run', function () {
  this.timeout(120_000);
  let folder: string;
  let machine: Machine;
  let dockerd: Dockerd | undefined;

  before(async function () {
    needsContainers(this, 'docker', 'dockerd');
    folder = mkdtempSync(join(tmpdir(), 'unbake-like-docker-'));
    try {
      dockerd = await startDockerd(this);
    } catch (thrown) {
      if (!(thrown instanceof assert.AssertionError)) throw thrown;
      skip(this, `docker cannot be started here: ${thrown.message.trim().split('\n').at(-1)}`);
      return;
    }
    machine = new Machine(folder);
    const path = join(folder, 'images.tar');
    writeFileSync(path, archive(classicArchive(...images())));
    dockerd.docker('load', '-qi', path);
    await machine.output(['load', path]);
    writeFileSync(join(folder, 'some.env'), '# a comment\n  A="quoted" # no comment\nB=\nMARK\nMISSING\nC=x=y\nSITE=file\n');
  });

  after(async () => {
    await dockerd?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    rmSync(join(folder, 'folder'), { recursive: true, force: true });
    mkdirSync(join(folder, 'folder'));
    chownSync(join(folder, 'folder'), 7, 8);
    writeFileSync(join(folder, 'file'), 'of the machine\n');
    chmodSync(join(folder, 'file'), 0o604);
  });

  for (const { name, flags = [], look = 'true', image = 'all:1', input = '', code = 0 } of probes) {
    it(name, async () => {
      const args = [...flags, image, ...(typeof look === 'string' ? ['sh', '-c', `exec 2>&1; ${look}`] : look)];
      const given = { cwd: folder, input: Buffer.from(input) };
      const docker = spawnSync('docker', ['run', '--rm', '--network', 'none', ...args], {
        ...given,
        env: { ...process.env, ...dockerd!.env, MARK: 'from here' },
      });
      const ours = await machine.unbake(['run', '--rm', '--quiet', '--no-scan', ...args], { ...given, env: { MARK: 'from here' } });
      assert.equal(docker.status, code, `docker: ${docker.stderr.toString()}`);
      assert.equal(neutral(ours.stdout), neutral(docker.stdout.toString()), ours.stderr);
      assert.equal(ours.code, code, ours.stderr);
    });
  }

  it('and nothing is left', () => machine.assertNothingLeft());
});

/** A container's ID is its own. */
function neutral(text: string): string {
  return text.replace(/\b[0-9a-f]{12}\b/g, 'ID');
}
