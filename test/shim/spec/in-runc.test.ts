// What is written for the runtime, tried in the runtime: a container of busybox looks around and says what it sees and what it may.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilitiesInMask, defaultCapabilities } from '../../../src/shim/spec/capabilities.ts';
import type { RunFlags } from '../../../src/shim/spec/request.ts';
import type { ConfigInput } from '../../../src/shim/spec/runtime-config.ts';
import { maskedPaths } from '../../../src/shim/spec/mounts.ts';
import { writePrograms } from '../../support/programs.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, skip, tool } from '../../support/tool.ts';
import { configOf, imageOf } from './configs.ts';

const cgroupVersion = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1;
const applets = 'sh id cat ls mount grep touch echo wc hostname env sleep readlink stat'.split(' ');
const nobody = 65534;

describe('a configuration, in runc', () => {
  const place = scratch();
  let count = 0;

  before(function () {
    needs(this, 'runc', 'busybox', 'perl', 'ldd', 'unshare', 'setpriv');
    if (process.getuid!() !== 0) skip(this, 'needs root');
    if (process.arch !== 'x64') skip(this, 'the numbers of system calls are those of amd64');
    chmodSync(place.folder, 0o755);
  });

  /** A bundle with the programs in it, and the names of a user. */
  function newBundle(): string {
    const bundle = place.newFolder();
    chmodSync(bundle, 0o755);
    const root = join(bundle, 'rootfs');
    for (const folder of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(tool('sh', ['-c', 'command -v busybox']), join(root, 'bin/busybox'));
    for (const name of applets) symlinkSync('busybox', join(root, 'bin', name));
    writePrograms(root, 'perl');
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/srv/app:/bin/sh\n');
    return bundle;
  }

  /** What the script printed, both streams, line by line. */
  async function run(script: string, flags: RunFlags = {}, input: Partial<ConfigInput> = {}): Promise<readonly string[]> {
    const bundle = newBundle();
    const name = `unbake-test-${process.pid}-${count++}`;
    const image = imageOf({ Env: ['PATH=/bin'], Cmd: ['sh', '-c', script] });
    const config = await configOf(image, flags, { cgroupVersion, cgroupsPath: `/${name}`, ...input });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
    const runtime = join(bundle, 'runtime');
    mkdirSync(runtime);
    const args = ['--root', runtime, 'run', '--bundle', bundle, name];
    try {
      const { stdout, stderr } = input.isRootless
        ? asNobody(bundle, ['runc', ...args])
        : spawnSync('runc', args, { stdio: ['ignore', 'pipe', 'pipe'] });
      return `${stdout.toString()}${stderr.toString()}`.trimEnd().split('\n');
    } finally {
      if (!input.isRootless) spawnSync('runc', ['--root', runtime, 'delete', '--force', name]);
    }
  }

  /** In a user namespace of its own, mount and PID namespace too, as the shim starts it. */
  function asNobody(bundle: string, command: readonly string[]): ReturnType<typeof spawnSync> {
    for (const path of [bundle, join(bundle, 'runtime'), join(bundle, 'rootfs')]) chownSync(path, nobody, nobody);
    tool('chown', ['-R', `${nobody}:${nobody}`, bundle]);
    const become = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', '--'];
    return spawnSync('setpriv', [...become, 'unshare', '-U', '-r', '-m', '-p', '-f', '--mount-proc', '--propagation', 'private', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: bundle,
    });
  }

  /** `syscall(number, ...)` in the container: `0` or more for a result, `E` and the number of the error. */
  const call = (...numbers: readonly (number | string)[]) =>
    `perl -e 'my $r = syscall(${numbers.join(', ')}); print $r < 0 ? "E".($!+0) : "ok", "\\n"'`;

  it('is a container of root with few capabilities, a filter and no new privileges', async () => {
    const [uid, ...status] = await run(`id -u; grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status`);
    assert.equal(uid, '0');
    const fields = Object.fromEntries(status.map((line) => line.split(':\t') as [string, string]));
    assert.equal(fields['NoNewPrivs'], '1');
    assert.equal(fields['Seccomp'], '2', 'a filter is on');
    assert.equal(capabilitiesInMask(fields['CapInh']!).length + capabilitiesInMask(fields['CapAmb']!).length, 0);
    for (const set of ['CapBnd', 'CapPrm', 'CapEff'])
      assert.deepEqual(capabilitiesInMask(fields[set]!).toSorted(), defaultCapabilities.toSorted(), set);
  });

  it('gives another user no capabilities, but the right to gain those of the bounding set from files', async () => {
    const [uid, groups, ...status] = await run(`id -u; id -G; grep -E '^(CapPrm|CapEff|CapBnd):' /proc/self/status`, { user: '1000:77' });
    assert.deepEqual([uid, groups], ['1000', '77']);
    const [permitted, effective, bounding] = status.map((line) => capabilitiesInMask(line.split('\t')[1]!).length);
    assert.deepEqual([permitted, effective, bounding], [0, 0, 11]);
  });

  it('has the variables that are asked for, and none of the machine', async () => {
    assert.deepEqual((await run('env', { env: ['A=1', 'B=two words'] })).toSorted(), [
      'A=1',
      'B=two words',
      'HOME=/',
      'HOSTNAME=test',
      'PATH=/bin',
      'PWD=/',
      'SHLVL=1',
    ]);
  });

  it('hides what the kernel tells of the machine, and keeps its switches from being turned', async () => {
    const masked = maskedPaths(1).filter((path) => existsSync(path));
    assert.ok(masked.length > 2, 'this kernel has some of them');
    const look = masked.map((path) => `if test -d ${path}; then ls -A ${path} | wc -l; else wc -c < ${path}; fi`);
    const turn = ['/proc/sys/kernel/domainname', '/proc/irq/default_smp_affinity', '/sys/kernel/uevent_seqnum'].map(
      (path) => `(echo x > ${path}) 2>&1 | grep -c -e Read-only -e denied`,
    );
    const lines = await run([...look, ...turn, 'hostname'].join('; '));
    assert.deepEqual(lines, [...masked.map(() => '0'), ...turn.map(() => '1'), 'test'], masked.join(' '));
  });

  it('mounts the file systems of the kernel in docker’s way', async () => {
    const mounts = (await run('cat /proc/mounts')).map((line) => line.split(' '));
    const optionsAt = (path: string) => mounts.findLast(([, at]) => at === path)?.[3]?.split(',') ?? [];
    for (const path of ['/proc', '/dev/shm', '/dev/mqueue', '/sys', '/sys/fs/cgroup', '/dev/pts']) {
      assert.ok(optionsAt(path).includes('nosuid') && optionsAt(path).includes('noexec'), path);
    }
    for (const path of ['/sys', '/proc/sys', '/proc/bus', '/proc/irq']) assert.ok(optionsAt(path).includes('ro'), path);
    const cgroups = mounts.filter(([, , type]) => type?.startsWith('cgroup'));
    assert.ok(cgroups.length > 0 && cgroups.every(([, , , options]) => options!.split(',').includes('ro')));
    assert.ok(optionsAt('/proc').includes('rw') && optionsAt('/').includes('rw'));
    assert.ok(optionsAt('/dev/shm').includes('size=65536k'));
  });

  it('refuses what reaches out of the container, and says of the unknown that it is not there', async () => {
    const refused = {
      reboot: [169, 0, 0, 0, 0],
      mount: [165, 0, 0, 0, 0, 0],
      unshare: [272, 0x10000000],
      keyctl: [250, 0, 0],
      setns: [308, 0, 0],
      bpf: [321, 0, 0, 0],
    };
    const EPERM = 'E1';
    const ENOSYS = 'E38';
    const EAFNOSUPPORT = 'E97';
    const expected: readonly (readonly [string, string, string])[] = [
      ...Object.entries(refused).map(([name, numbers]) => [name, call(...numbers), EPERM] as const),
      ['clone with a new user namespace', call(56, 0x10000000 + 17, 0, 0, 0, 0), EPERM],
      ['clone with a new network and a new PID namespace', call(56, 0x60000000 + 17, 0, 0, 0, 0), EPERM],
      ['clone3', call(435, 0, 0), ENOSYS],
      ['io_uring_setup', call(425, 1, 0), ENOSYS],
      ['a call that no kernel has', call(987), ENOSYS],
      ['personality with address randomisation off', call(135, 0x40000), ENOSYS],
      ['personality, asked', call(135, 0xffffffff), 'ok'],
      ['a socket of the hypervisor', call(41, 40, 1, 0), EAFNOSUPPORT],
      ['the same with a bit that the kernel does not read', call(41, '40 + (1 << 32)', 1, 0), EAFNOSUPPORT],
      ['a local socket', call(41, 1, 1, 0), 'ok'],
      ['an internet socket', call(41, 2, 1, 0), 'ok'],
      ['an IPv6 socket', call(41, 10, 1, 0), 'ok'],
      ['a netlink socket', call(41, 16, 3, 0), 'ok'],
      ['getpid', call(39), 'ok'],
    ];
    const lines = await run(expected.map(([, command]) => command).join('; '));
    assert.deepEqual(
      expected.map(([name], index) => `${name}: ${lines[index]}`),
      expected.map(([name, , answer]) => `${name}: ${answer}`),
    );
  });

  it('opens what a capability opens, and everything with seccomp=unconfined', async () => {
    const script = `mount -t tmpfs tmpfs /tmp && echo mounted; ${call(272, 0x04000000)}; ${call(250, 0, -3, 0)}`;
    assert.deepEqual(await run(script, { capAdd: ['sys_admin'] }), ['mounted', 'ok', 'E1'], 'keyrings stay closed');
    assert.deepEqual((await run(call(250, 0, -3, 0), { securityOpt: ['seccomp=unconfined'] }))[0], 'ok');
    assert.deepEqual(await run(call(161, 'my $path = "/"')), ['ok'], 'chroot is open with the usual capabilities');
    assert.deepEqual(await run(call(161, 'my $path = "/"'), { capDrop: ['sys_chroot'] }), ['E1']);
  });

  it('can have every capability that the machine has', async () => {
    const limit = capabilitiesInMask(/^CapBnd:\t(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!);
    const [line] = await run('grep CapEff /proc/self/status', { capAdd: ['ALL'] }, { capabilityLimit: limit });
    assert.deepEqual(capabilitiesInMask(line!.split('\t')[1]!), limit);
  });

  it('keeps a read-only container from writing but where memory is', async () => {
    const lines = await run('touch /here; touch /dev/shm/there && echo shared', { readOnly: true });
    assert.ok(lines.includes('shared'));
    assert.ok(lines.some((line) => line.includes('Read-only file system')));
  });

  it('shows volumes, files of /etc and of a vault, each as it is meant', async () => {
    const source = place.newFolder();
    const secret = join(source, 'secret');
    writeFileSync(secret, 'kept\n', { mode: 0o640 });
    chownSync(secret, 1234, 2345);
    chmodSync(secret, 0o640);
    const lines = await run(
      'cat /etc/hosts; stat -c %u:%g:%a /srv/secret; (echo x >> /srv/secret) 2>&1 | grep -c Read-only; echo x > /data/new && cat /data/new',
      {},
      {
        binds: [
          { source: place.file(Buffer.from('hosts\n'), 'hosts'), destination: '/etc/hosts', isReadOnly: false, kind: 'etc' },
          { source: place.newFolder(), destination: '/data', isReadOnly: false, kind: 'volume' },
          { source: secret, destination: '/srv/secret', isReadOnly: true, kind: 'vault' },
        ],
      },
    );
    assert.deepEqual(lines, ['hosts', '1234:2345:640', '1', 'x']);
  });

  it('holds the limits that are given', async () => {
    const files =
      cgroupVersion === 2
        ? ['memory.max', 'memory.swap.max', 'cpu.max', 'pids.max']
        : ['memory/memory.limit_in_bytes', 'memory/memory.memsw.limit_in_bytes', 'cpu/cpu.cfs_quota_us', 'cpu/cpu.shares', 'pids/pids.max'];
    const canLimitSwap = cgroupVersion === 2 || existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes');
    const lines = await run(
      files.map((file) => `cat /sys/fs/cgroup/${file}`).join('; '),
      { memory: '200m', memorySwap: '1G', cpuShares: '512', cpus: '0.5', pidsLimit: '50' },
      { canLimitSwap },
    );
    const expected =
      cgroupVersion === 2 ? ['209715200', String(2 ** 30 - 209715200), '50000 100000', '50'] : ['209715200', '1073741824', '50000', '512', '50'];
    assert.deepEqual(canLimitSwap ? lines : [], canLimitSwap ? expected : []);
  });

  for (const network of ['none', 'host'] as const) {
    it(`runs for a user who is not root, with the network ${network}`, async function () {
      if (spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--', 'unshare', '-U', '-r', 'true']).status !== 0) {
        skip(this, 'user namespaces are not open to all');
      }
      const lines = await run(
        `id -u; grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; cat /proc/self/uid_map; ${call(165, 0, 0, 0, 0, 0)}; ls /sys | wc -l`,
        { network },
        {
          isRootless: true,
          cgroupsPath: undefined,
        },
      );
      assert.deepEqual(lines.slice(0, 3), ['0', 'NoNewPrivs:\t1', 'Seccomp:\t2'], lines.join('\n'));
      assert.match(lines[3]!, /^\s+0\s+65534\s+1$/);
      assert.equal(lines[4], 'E1');
      assert.ok(Number(lines[5]) > 3);
    });
  }
});
