// Ours beside what docker generated for the same image and flags: every difference is meant, and stands here with its reason.
import assert from 'node:assert/strict';
import { environmentOf } from '../../../src/shim/spec/environment.ts';
import type { Bind } from '../../../src/shim/spec/mounts.ts';
import { runtimeConfig } from '../../../src/shim/spec/runtime-config.ts';
import { openSyscalls, syscallsOf } from '../../../src/shim/spec/syscalls.ts';
import { resolveUser } from '../../../src/shim/spec/user.ts';
import { imageOf, requestOf } from './configs.ts';
import { golden, goldenConditional, goldenGroup, goldenImage, goldenPasswd, goldenSyscalls } from './docker-golden.ts';

const id = golden.linux.cgroupsPath.replace('/docker/', '');
const request = await requestOf({ publish: ['127.0.0.1:8080:8080'], memory: '200m', memorySwap: '1G', cpuShares: '1024' });
const user = resolveUser(goldenImage.User, Buffer.from(goldenPasswd), Buffer.from(goldenGroup));
const binds = golden.mounts
  .filter(({ type }) => type === 'bind')
  .map(({ source, destination }): Bind => ({ source, destination, isReadOnly: false, kind: destination === '/data' ? 'volume' : 'etc' }));
const ours = runtimeConfig({
  image: imageOf(goldenImage),
  request,
  user,
  id,
  hostname: golden.hostname,
  rootPath: golden.root.path,
  architecture: 'amd64',
  isRootless: false,
  cgroupVersion: 1,
  cgroupsPath: golden.linux.cgroupsPath,
  binds,
  vaultEnv: [],
});

/** What is a set or has names of its own becomes an object with these as keys. */
function keyed(config: object): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) => {
      if (!Array.isArray(value) || value.length === 0) return value;
      if (key === 'mounts') return Object.fromEntries(value.map(({ destination, ...rest }) => [destination, rest]));
      if (key === 'devices') return Object.fromEntries(value.map(({ allow, major, minor }) => [`${major ?? '*'}:${minor ?? '*'}`, allow]));
      if (key === 'namespaces') return Object.fromEntries(value.map(({ type }) => [type, true]));
      if (typeof value[0] === 'string' && key !== 'args') return Object.fromEntries(value.map((text) => [text, true]));
      return value;
    }),
  );
}

/** `path: docker's -> ours` of each leaf that is not the same. */
function differences(left: unknown, right: unknown, path = ''): string[] {
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => differences(left[key], right[key], `${path} ${key}`.trim()));
  }
  return JSON.stringify(left) === JSON.stringify(right) ? [] : [`${path}: ${JSON.stringify(left)} -> ${JSON.stringify(right)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('the configuration for docker’s own example', () => {
  it('differs from docker’s where it is meant to, and nowhere else', () => {
    const { seccomp: _, ...linux } = ours.linux;
    const { seccomp: __, ...dockerLinux } = golden.linux;
    const found = differences(keyed({ ...golden, linux: dockerLinux }), keyed({ ...ours, linux }));
    const why: Readonly<Record<string, readonly string[]>> = {
      'the version that the runtimes since 1.0 understand': ['ociVersion: "1.0.2-dev" -> "1.0.2"'],
      'HOME is set, for not every runtime does': ['process env HOME=/srv: undefined -> true'],
      'podman’s capabilities': ['CAP_MKNOD', 'CAP_NET_RAW', 'CAP_AUDIT_WRITE'].map(
        (name) => `process capabilities bounding ${name}: true -> undefined`,
      ),
      'no program gains rights by being started': ['process noNewPrivileges: undefined -> true'],
      'left as it is: setting it can take a capability that root may not have': ['process oomScoreAdj: 0 -> undefined'],
      'a volume does not hand mounts on, as docker has it for folders of the machine': ['mounts /data options rprivate: undefined -> true'],
      'ports are relayed, without a network of dockerd': [`hooks: ${JSON.stringify(keyed(golden.hooks))} -> undefined`],
      'docker’s remainders that change nothing': [
        'linux resources devices 10:229: false -> undefined',
        'linux resources memory disableOOMKiller: false -> undefined',
        'linux resources blockIO: {"weight":0} -> undefined',
      ],
      'newer docker masks these too': [
        'linux maskedPaths /proc/interrupts: undefined -> true',
        'linux maskedPaths /sys/devices/virtual/powercap: undefined -> true',
      ],
      'what the image says of itself (image-spec, conversion.md)': [
        'annotations: undefined -> ' +
          JSON.stringify({
            'org.opencontainers.image.os': 'linux',
            'org.opencontainers.image.architecture': 'amd64',
            'dev.unbake.home-of-user': 'true',
          }),
      ],
    };
    assert.deepEqual(found.toSorted(), Object.values(why).flat().toSorted());
  });

  it('filters system calls as docker’s does, but for these', () => {
    const chroot = syscallsOf['CAP_SYS_CHROOT']!;
    const docker = new Set([...goldenSyscalls, ...goldenConditional]);
    const conditional = ['socket', 'personality', 'clone', 'clone3'];
    const allowed = new Set([...openSyscalls, ...chroot, ...conditional]);
    const less = [...docker].filter((name) => !allowed.has(name));
    const more = [...allowed].filter((name) => !docker.has(name));
    assert.deepEqual(less.toSorted(), ['io_uring_enter', 'io_uring_register', 'io_uring_setup'], 'docker took io_uring away in version 25');
    const why = {
      'of single architectures':
        'arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls riscv_flush_icache riscv_hwprobe s390_runtime_instr s390_sthyi swapcontext',
      'memory protection of one’s own pages': 'pkey_alloc pkey_free pkey_mprotect mseal map_shadow_stack',
      'newer forms of calls that are allowed':
        'fchmodat2 futex_wait futex_wake futex_requeue cachestat getxattrat setxattrat listxattrat removexattrat file_getattr file_setattr statmount listmount lsm_get_self_attr lsm_list_modules',
      'made by the kernel’s own trampolines, which would be killed': 'uprobe uretprobe',
    };
    assert.deepEqual(
      more.toSorted(),
      Object.values(why)
        .flatMap((names) => names.split(' '))
        .toSorted(),
    );
  });

  it('has the variables in docker’s order', () => {
    const env = environmentOf({ hostname: golden.hostname, isTty: false, image: goldenImage.Env, vault: [], request: [] });
    assert.deepEqual(env, golden.process.env);
  });
});
