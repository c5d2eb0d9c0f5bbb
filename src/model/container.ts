// A container as the shim tells of it: what was asked for, and what became of it.
import type { Digest } from './digest.ts';

export interface PublishedPort {
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

export type Health = 'starting' | 'healthy' | 'unhealthy';

/** What became of the process of a container. */
export type ContainerState =
  /** Being made, by a command that is still at it. */
  { readonly kind: 'created' } | { readonly kind: 'running'; readonly startedAt: string; readonly health?: Health } | Exit;

export interface Exit {
  readonly kind: 'exited';
  /** As docker counts: 128 and the signal's number for a killed process; 125, 126 and 127 when it never ran. */
  readonly exitCode: number;
  /** Undefined when it never ran. */
  readonly startedAt?: string;
  /** Undefined when nobody was there to see it: after a reboot, say. */
  readonly finishedAt?: string;
  /** The kernel killed a process of it for want of memory. */
  readonly isOutOfMemory: boolean;
  /** Why it never ran, or why its exit code is not its own. */
  readonly error?: string;
}

export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The reference as the user typed it. */
  readonly image: string;
  readonly imageDigest: Digest;
  /** The program alone: arguments may hold secrets. */
  readonly command: string;
  readonly createdAt: string;
  readonly ports: readonly PublishedPort[];
  readonly network: 'none' | 'host' | 'bridge';
  readonly state: ContainerState;
}
