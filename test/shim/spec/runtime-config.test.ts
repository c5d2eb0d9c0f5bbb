// What the runtime is told, for images and flags of all kinds; docker-golden.test.ts and in-runc.test.ts look at whole configurations.
import assert from 'node:assert/strict';
import { capabilitiesAfter, capabilitiesInMask, defaultCapabilities } from '../../../src/shim/spec/capabilities.ts';
import { hostnameFile, hostsFile, resolvConf } from '../../../src/shim/spec/etc-files.ts';
import { assertRunnable } from '../../../src/shim/spec/platform.ts';
import { commandOf, execProcess, stopSignalOf } from '../../../src/shim/spec/runtime-config.ts';
import { seccompProfile } from '../../../src/shim/spec/seccomp.ts';
import { openSyscalls, refusedSyscalls, syscallsOf } from '../../../src/shim/spec/syscalls.ts';
import { configOf, imageOf } from './configs.ts';

const sh = imageOf({ Cmd: ['sh'] });

describe('the command of a container', () => {
  const image = { entrypoint: ['/start', '-x'], cmd: ['one'] };

  it('is entrypoint and command, each replaced as docker does', () => {
    assert.deepEqual(commandOf(image, { args: [] }), ['/start', '-x', 'one']);
    assert.deepEqual(commandOf(image, { args: ['two'] }), ['/start', '-x', 'two']);
    assert.deepEqual(commandOf(image, { args: [], entrypoint: '/bin/sh' }), ['/bin/sh'], 'the image’s command was for another program');
    assert.deepEqual(commandOf(image, { args: ['-c', 'id'], entrypoint: '/bin/sh' }), ['/bin/sh', '-c', 'id']);
    assert.deepEqual(commandOf(image, { args: ['id'], entrypoint: '' }), ['id']);
    assert.deepEqual(commandOf({ entrypoint: [''], cmd: ['id'] }, { args: [] }), ['id']);
  });

  it('must be there', () => {
    const none = { code: 'usage', message: /no command specified/ };
    assert.throws(() => commandOf({ entrypoint: [], cmd: [] }, { args: [] }), none);
    assert.throws(() => commandOf(image, { args: [], entrypoint: '' }), none);
  });

  it('is asked to end with a signal of the flags, of the image, or SIGTERM', () => {
    assert.equal(stopSignalOf({ stopSignal: 'SIGQUIT' }, { stopSignal: 'SIGINT' }), 'SIGINT');
    assert.equal(stopSignalOf({ stopSignal: 'SIGQUIT' }, {}), 'SIGQUIT');
    assert.equal(stopSignalOf({}, {}), 'SIGTERM');
  });
});

describe('the variables of a container', () => {
  const envOf = async (image: readonly string[], flags: readonly string[], vaultEnv: readonly string[] = [], tty = false) =>
    (await configOf(imageOf({ Cmd: ['sh'], Env: image }), { env: flags, tty }, { vaultEnv })).process.env;

  it('are docker’s defaults, then the image’s, the vault’s and the flags’, the later over the earlier', async () => {
    assert.deepEqual(await envOf(['A=image', 'B=image', 'C=image'], ['C=flag', 'D=1', 'D=2'], ['B=vault', 'C=vault']), [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOSTNAME=test',
      'A=image',
      'B=vault',
      'C=flag',
      'D=2',
      'HOME=/',
    ]);
  });

  it('know a terminal, and keep what the image says of PATH, TERM and HOME', async () => {
    assert.deepEqual(await envOf(['PATH=/bin', 'HOME=/here', 'TERM=linux'], [], [], true), [
      'PATH=/bin',
      'HOSTNAME=test',
      'TERM=linux',
      'HOME=/here',
    ]);
    assert.ok((await envOf([], [], [], true)).includes('TERM=xterm'));
    assert.ok(!(await envOf([], [])).some((variable) => variable.startsWith('TERM=')));
  });

  it('are taken away by a name without a value', async () => {
    assert.deepEqual(await envOf(['HOSTNAME', 'A=1', 'PATH=/bin'], ['A']), ['PATH=/bin', 'HOME=/']);
  });
});

describe('the rights of a container', () => {
  it('follow --cap-add and --cap-drop', () => {
    const without = (...names: readonly string[]) => defaultCapabilities.filter((name) => !names.includes(name)).toSorted();
    const after = (added: readonly string[], dropped: readonly string[], limit?: readonly string[]) =>
      capabilitiesAfter(added, dropped, limit).toSorted();
    assert.deepEqual(after([], []), without());
    assert.deepEqual(after([], ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN']), without('CAP_CHOWN', 'CAP_KILL'));
    assert.deepEqual(after(['CAP_BPF'], ['ALL']), ['CAP_BPF']);
    assert.deepEqual(after([], ['ALL']), []);
    assert.equal(after(['ALL'], ['CAP_CHOWN']).length, 40);
    assert.deepEqual(after(['ALL'], [], ['CAP_KILL']), ['CAP_KILL'], 'all that the machine has');
    assert.deepEqual(after([], [], ['CAP_KILL', 'CAP_BPF']), ['CAP_KILL']);
    assert.throws(() => after(['CAP_BPF'], [], ['CAP_KILL']), { code: 'unsupported', message: /--cap-add BPF/ });
    assert.throws(() => after(['ALL'], ['ALL']), { code: 'usage' });
  });

  it('are read from the masks of /proc', () => {
    assert.deepEqual(capabilitiesInMask('0000000000000003\n'), ['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
    assert.equal(capabilitiesInMask('000001ffffffffff').length, 41);
    assert.deepEqual([capabilitiesInMask(''), capabilitiesInMask('junk')], [[], []]);
  });

  it('are effective for root alone', async () => {
    const root = (await configOf(sh)).process.capabilities;
    assert.deepEqual([root.effective, root.permitted], [root.bounding, root.bounding]);
    const { capabilities } = (await configOf(sh, { user: '5', capAdd: ['NET_RAW'] })).process;
    assert.deepEqual(Object.keys(capabilities), ['bounding']);
    assert.ok(capabilities.bounding.includes('CAP_NET_RAW'));
  });

  it('open groups of system calls; what is refused is never also allowed', () => {
    const namesOf = (action: string, capabilities: readonly string[]) =>
      seccompProfile(capabilities, 'amd64')
        .syscalls.filter((rule) => rule.action === action && rule.args === undefined)
        .flatMap(({ names }) => names);
    for (const capabilities of [[], defaultCapabilities, ['CAP_SYS_ADMIN'], ['CAP_BPF'], Object.keys(syscallsOf)]) {
      const allowed = new Set(namesOf('SCMP_ACT_ALLOW', capabilities));
      assert.deepEqual(
        namesOf('SCMP_ACT_ERRNO', capabilities).filter((name) => allowed.has(name)),
        [],
      );
      for (const [capability, names] of Object.entries(syscallsOf)) {
        if (capabilities.includes(capability))
          assert.ok(
            names.every((name) => allowed.has(name)),
            capability,
          );
      }
    }
    assert.deepEqual(
      openSyscalls.filter((name) => refusedSyscalls.includes(name)),
      [],
    );
    assert.equal(new Set(openSyscalls).size, openSyscalls.length, 'none stands there twice');
    for (const name of [...openSyscalls, ...refusedSyscalls]) assert.match(name, /^[_a-z0-9]+$/);
    assert.ok(!namesOf('SCMP_ACT_ALLOW', []).includes('bpf') && namesOf('SCMP_ACT_ALLOW', ['CAP_BPF']).includes('bpf'));
  });

  it('filter the other architectures that a processor runs, and elsewhere its own alone', () => {
    assert.deepEqual(seccompProfile([], 'arm64').architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
    assert.equal(seccompProfile([], 'riscv64').architectures, undefined);
    const index = (architecture: string) => seccompProfile([], architecture).syscalls.find(({ names }) => names[0] === 'clone')?.args?.[0]?.index;
    assert.deepEqual([index('amd64'), index('s390x')], [0, 1], 's390 has the flags of clone in the second place');
  });

  it('are not changed by what an image says of itself', async () => {
    const Labels = { 'run.oci.seccomp_bpf_data': 'x', 'org.systemd.property.X': 'y', maintainer: 'me', 'org.opencontainers.image.author': 'label' };
    const { annotations } = await configOf(
      imageOf({ Cmd: ['sh'], Labels, StopSignal: '3', ExposedPorts: { '80/tcp': {}, '81/udp': {} } }, { author: 'field' }),
    );
    assert.deepEqual(annotations, {
      'org.opencontainers.image.os': 'linux',
      'org.opencontainers.image.architecture': 'amd64',
      'org.opencontainers.image.author': 'label',
      'org.opencontainers.image.stopSignal': '3',
      'org.opencontainers.image.exposedPorts': '80/tcp,81/udp',
      'dev.unbake.home-of-user': 'true',
    });
  });
});

describe('the rest of the configuration', () => {
  const namespacesOf = async (flags: Parameters<typeof configOf>[1], input = {}) =>
    (await configOf(sh, flags, input)).linux.namespaces.map(({ type }) => type).join(' ');

  it('has the namespaces that network and cgroup version ask for', async () => {
    assert.equal(await namespacesOf({}), 'mount uts pid ipc network');
    assert.equal(await namespacesOf({ network: 'host' }), 'mount uts pid ipc');
    assert.equal(await namespacesOf({ network: 'bridge' }, { cgroupVersion: 2 }), 'mount uts pid ipc network cgroup');
    assert.equal((await configOf(sh, { network: 'host' })).linux.sysctl, undefined, 'the machine’s own switches are left alone');
  });

  it('has no limits unless asked, and refuses them where there is no cgroup', async () => {
    assert.deepEqual(Object.keys((await configOf(sh)).linux.resources ?? {}), ['devices']);
    const limited = await configOf(sh, { memory: '10m', pidsLimit: '9' }, { canLimitSwap: false });
    assert.deepEqual([limited.linux.resources?.memory, limited.linux.resources?.pids], [{ limit: 10 * 2 ** 20 }, { limit: 9 }]);
    await assert.rejects(configOf(sh, { pidsLimit: '9' }, { cgroupsPath: undefined, isRootless: true }), {
      code: 'unsupported',
      message: /need a cgroup/,
    });
  });

  it('is what a user who is not root can have', async () => {
    const { linux, mounts, process } = await configOf(sh, { network: 'host' }, { isRootless: true, cgroupsPath: undefined });
    assert.equal(linux.resources, undefined);
    assert.deepEqual(process.user, { uid: 0, gid: 0 });
    assert.equal(mounts.find(({ destination }) => destination === '/sys')?.type, 'bind');
    assert.ok(!mounts.find(({ destination }) => destination === '/dev/pts')?.options.includes('gid=5'));
    assert.deepEqual((await configOf(sh, {}, { isRootless: true })).linux.sysctl, { 'net.ipv4.ip_unprivileged_port_start': '0' });
    for (const user of ['5', '0:5']) {
      await assert.rejects(configOf(sh, { user }, { isRootless: true }), { code: 'unsupported', hint: /--user 0:0/ });
    }
  });

  it('mounts a folder before what lies in it, and a volume in place of what else would be there', async () => {
    const bind = (destination: string, kind: 'etc' | 'volume' | 'vault', isReadOnly = false) => ({
      source: `/from${destination}`,
      destination,
      kind,
      isReadOnly,
    });
    const { mounts, root } = await configOf(
      sh,
      { readOnly: true },
      {
        binds: [
          bind('/etc/hosts', 'etc'),
          bind('/etc/hostname', 'etc'),
          bind('/srv/a/b', 'vault', true),
          bind('/srv', 'volume'),
          bind('/etc/hosts', 'volume'),
          bind('/dev/shm', 'volume', true),
        ],
      },
    );
    assert.equal(root.readonly, true);
    const binds = mounts.filter(({ type }) => type === 'bind');
    assert.deepEqual(
      binds.map(({ destination, options }) => [destination, options.join()]),
      [
        ['/srv', 'rbind,rprivate'],
        ['/etc/hostname', 'rbind,rprivate,ro'],
        ['/etc/hosts', 'rbind,rprivate'],
        ['/dev/shm', 'rbind,rprivate,ro'],
        ['/srv/a/b', 'bind,private,nosuid,nodev,noexec,ro'],
      ],
    );
    assert.equal(mounts.filter(({ destination }) => destination === '/dev/shm').length, 1);
    const withDev = await configOf(sh, {}, { binds: [bind('/dev', 'volume')] });
    assert.deepEqual(
      withDev.mounts.filter(({ destination }) => destination.startsWith('/dev')).map(({ source }) => source),
      ['/from/dev'],
    );
  });

  it('begins in the folder of the flag, of the image, or in the root', async () => {
    const image = imageOf({ Cmd: ['sh'], WorkingDir: '/srv' });
    assert.equal((await configOf(image, { workdir: '/tmp' })).process.cwd, '/tmp');
    assert.equal((await configOf(image)).process.cwd, '/srv');
    assert.equal((await configOf(sh)).process.cwd, '/');
  });
});

describe('a process of exec', () => {
  it('is the container’s, but for what is asked otherwise', async () => {
    const base = await configOf(imageOf({ Cmd: ['sh'], Env: ['A=1', 'B=2'], WorkingDir: '/srv' }), { tty: true, user: '5' });
    const plain = execProcess(base, { args: ['id'], env: [], isTty: false });
    const { terminal, ...rest } = base.process;
    assert.deepEqual([terminal, plain], [true, { ...rest, args: ['id'] }]);
  });

  it('as another user has that one’s home and rights within the bounding set', async () => {
    const image = imageOf({ Cmd: ['sh'], Env: ['A=1', 'B=2'] });
    const base = await configOf(image, { capDrop: ['ALL'], capAdd: ['KILL'] });
    const user = { uid: 5, gid: 6, additionalGids: [6], home: '/home/five' };
    const other = execProcess(base, { args: ['id'], env: ['B=3', 'A'], user, workdir: '/tmp', isTty: true });
    assert.deepEqual(other, {
      terminal: true,
      user: { uid: 5, gid: 6, additionalGids: [6] },
      args: ['id'],
      env: ['TERM=xterm', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOSTNAME=test', 'B=3', 'HOME=/home/five'],
      cwd: '/tmp',
      capabilities: { bounding: ['CAP_KILL'] },
      noNewPrivileges: true,
    });
    const root = execProcess(await configOf(image, { user: '5', capDrop: ['ALL'] }), {
      args: ['id'],
      env: [],
      user: { ...user, uid: 0 },
      isTty: false,
    });
    assert.deepEqual(root.capabilities, { bounding: [], effective: [], permitted: [] });
    const own = await configOf(imageOf({ Cmd: ['sh'], Env: ['HOME=/said'] }));
    assert.ok(execProcess(own, { args: ['id'], env: [], user, isTty: false }).env.includes('HOME=/said'));
  });

  it('needs a command, and without root is root', async () => {
    const base = await configOf(sh, {}, { isRootless: true });
    assert.throws(() => execProcess(base, { args: [], env: [], isTty: false }), { code: 'usage' });
    const user = { uid: 5, gid: 5, additionalGids: [5], home: '/' };
    assert.throws(() => execProcess(base, { args: ['id'], env: [], user, isTty: false }), { code: 'unsupported' });
    const root = execProcess(base, { args: ['id'], env: [], user: { ...user, uid: 0, gid: 0 }, isTty: false });
    assert.deepEqual(root.user, { uid: 0, gid: 0 });
  });
});

describe('the files of /etc', () => {
  it('name the container, and a name server where one is reached', () => {
    assert.equal(hostnameFile('web'), 'web\n');
    assert.match(hostsFile('web', 'none'), /^127\.0\.0\.1\tlocalhost\n[^]*^127\.0\.0\.1\tweb\n$/m);
    assert.equal(hostsFile('web', 'host', '192.0.2.7 db\n\n'), '192.0.2.7 db\n127.0.0.1\tweb\n');
    assert.doesNotMatch(hostsFile('web', 'bridge', '192.0.2.7 db\n'), /db/);
    const host = '# mine\nnameserver 192.0.2.1\nsearch example.org\noptions ndots:2\n';
    assert.equal(resolvConf('host', host), host);
    assert.equal(resolvConf('bridge', host), 'nameserver 10.0.2.3\nsearch example.org\noptions ndots:2\n');
    assert.match(resolvConf('none', host), /^#[^\n]*--network[^\n]*\n$/);
  });
});

describe('the platform of an image', () => {
  const amd64 = { os: 'linux', architecture: 'amd64' };
  const none = new Set<string>();

  it('runs where the processor or an emulator runs it', () => {
    const runs = (architecture: string, machine: string, variant?: string, registered = none) =>
      assertRunnable(
        { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) },
        { os: 'linux', architecture: machine },
        registered,
      );
    runs('amd64', 'amd64');
    runs('amd64', 'amd64', 'v3');
    runs('386', 'amd64');
    runs('arm', 'arm64', 'v7');
    runs('arm64', 'arm64', 'v8');
    runs('arm64', 'amd64', undefined, new Set(['qemu-aarch64']));
    runs('amd64', 'arm64', undefined, new Set(['rosetta']));
    assertRunnable({ os: '', architecture: '' }, amd64, none);
    assertRunnable({ os: 'linux', architecture: 'arm', variant: 'v6' }, { os: 'linux', architecture: 'arm', variant: 'v7' }, none);
  });

  it('is refused elsewhere, with what to do', () => {
    const refused = (image: { os: string; architecture: string; variant?: string }, machine: object, hint: RegExp) =>
      assert.throws(() => assertRunnable(image, { ...amd64, ...machine }, none), { code: 'no-such-platform', hint }, image.architecture);
    refused({ os: 'linux', architecture: 'arm64', variant: 'v8' }, {}, /--platform linux\/amd64 .* qemu-aarch64/);
    refused({ os: 'linux', architecture: 'amd64' }, { architecture: '386' }, /--platform linux\/386/);
    refused({ os: 'windows', architecture: 'amd64' }, {}, /linux variant/);
    refused({ os: 'linux', architecture: 'arm', variant: 'v7' }, { architecture: 'arm', variant: 'v6' }, /qemu-arm/);
    refused({ os: 'linux', architecture: 'constructor' }, {}, /registers qemu-constructor$/);
  });
});
