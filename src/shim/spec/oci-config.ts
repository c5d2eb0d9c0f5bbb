// The parts of the OCI runtime configuration (runtime-spec 1.0.2, config.md and config-linux.md) that the shim writes, in their spelling.

export interface OciCapabilities {
  readonly bounding: readonly string[];
  /** Those of root; others have none until a file or a set-uid program gives them. */
  readonly effective?: readonly string[];
  readonly permitted?: readonly string[];
}

export interface OciProcess {
  readonly terminal?: true;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: OciCapabilities;
  readonly noNewPrivileges: boolean;
}

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciDevice {
  readonly allow: boolean;
  readonly type?: 'c';
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

export interface OciResources {
  readonly devices?: readonly OciDevice[];
  readonly memory?: { readonly limit?: number; readonly reservation?: number; readonly swap?: number };
  readonly cpu?: { readonly shares?: number; readonly quota?: number; readonly period?: number };
  readonly pids?: { readonly limit: number };
}

export interface OciSyscalls {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

export interface OciSeccomp {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  /** Absent: the machine's own alone. */
  readonly architectures?: readonly string[];
  readonly syscalls: readonly OciSyscalls[];
}

export type OciNamespace = 'mount' | 'uts' | 'pid' | 'ipc' | 'network' | 'cgroup';

/** A plain JSON object. */
export interface RuntimeConfig {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly?: true };
  readonly hostname: string;
  readonly mounts: readonly OciMount[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: {
    readonly namespaces: readonly { readonly type: OciNamespace }[];
    readonly cgroupsPath?: string;
    readonly sysctl?: Readonly<Record<string, string>>;
    readonly resources?: OciResources;
    readonly seccomp?: OciSeccomp;
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
  };
}
