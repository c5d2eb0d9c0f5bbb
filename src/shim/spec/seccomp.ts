// The filter of system calls (runtime-spec, config-linux.md, "Seccomp"): an allow list. What is known and refused gives EPERM, what is not known gives ENOSYS, so
// that programs fall back on an older call instead of giving up.
import type { OciSeccomp, OciSyscalls } from './oci-config.ts';
import { openSyscalls, refusedSyscalls, syscallsOf } from './syscalls.ts';

const eperm = 1;
const enosys = 38;
const eafnosupport = 97;

/** Flags of clone(2) that make a namespace: mount, cgroup, UTS, IPC, user, PID, network. CLONE_NEWTIME is not one of clone's. */
const namespaceFlags = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];

/** Plain Linux, 32-bit Linux, the same with the old kernel's version, and the question which one it is. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** 40 is 101000 in binary: a family of six bits is another one when a bit differs. */
const vsock = 40;
const familyMask = 0b111111;
const familyBits = [1, 2, 4, 8, 16, 32];

/** Those whose programs an architecture's processors run besides their own; others are filtered as their own alone. */
const architectures: Readonly<Record<string, readonly string[]>> = {
  amd64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/** `capabilities`: the bounding set. `architecture`: the machine's, in Go's spelling. */
export function seccompProfile(capabilities: readonly string[], architecture: string): OciSeccomp {
  const has = new Set(capabilities);
  const isAdmin = has.has('CAP_SYS_ADMIN');
  const gates = Object.entries(syscallsOf);
  const opened = new Set(gates.flatMap(([capability, names]) => (has.has(capability) ? names : [])));
  const closed = new Set(gates.flatMap(([, names]) => names).filter((name) => !opened.has(name)));
  const subarchitectures = architectures[architecture];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: enosys,
    ...(subarchitectures !== undefined && { architectures: subarchitectures }),
    syscalls: [
      { names: [...openSyscalls, ...opened], action: 'SCMP_ACT_ALLOW' },
      { names: [...refusedSyscalls, ...closed], action: 'SCMP_ACT_ERRNO', errnoRet: eperm },
      ...personalities.map((value): OciSyscalls => ({
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      })),
      ...cloneRules(isAdmin, architecture),
      ...socketRules(),
    ],
  };
}

/** clone3 hands its flags over in memory, where no filter reads: without it the C libraries take clone. */
function cloneRules(isAdmin: boolean, architecture: string): readonly OciSyscalls[] {
  if (isAdmin) return [{ names: ['clone', 'clone3'], action: 'SCMP_ACT_ALLOW' }];
  const index = architecture === 's390x' ? 1 : 0;
  const all = namespaceFlags.reduce((sum, flag) => sum + flag);
  return [
    { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index, value: all, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] },
    ...namespaceFlags.map((flag): OciSyscalls => ({
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: eperm,
      args: [{ index, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
    })),
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: enosys },
  ];
}

/**
 * Every family but AF_VSOCK, which would reach the hypervisor past all namespaces. Told by the low bits: the kernel reads 32 bits of a 64-bit argument, so "not equal
 * to 40" would let 40 + 2^32 through.
 */
function socketRules(): readonly OciSyscalls[] {
  return [
    ...familyBits.map((bit): OciSyscalls => ({
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: bit, valueTwo: ~vsock & bit, op: 'SCMP_CMP_MASKED_EQ' }],
    })),
    {
      names: ['socket'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: eafnosupport,
      args: [{ index: 0, value: familyMask, valueTwo: vsock, op: 'SCMP_CMP_MASKED_EQ' }],
    },
  ];
}
