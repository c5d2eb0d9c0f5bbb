// What the command line tells the tending process of one container. It is a file in the container's private memory file system, because it
// holds values that must not be logged. All that changes is in the file descriptors and files named here, so the process may die at any time.
import { readFileSync } from 'node:fs';
import type { Healthcheck } from '../../model/run-image.ts';

export interface TendConfig {
  readonly name: string;
  /** Opened for append, made with mode 0600. */
  readonly logFile: string;
  /** Read ends of fifos. Their end means that all writers are gone. The supervisor holds the read ends too: nothing in a pipe is lost with us. */
  readonly stdoutFd: number;
  readonly stderrFd: number | undefined;
  /** Read end of a fifo whose only writer is the process of the OCI runtime: its end is the end of the container. */
  readonly lifeFd: number;
  /** Raw bytes go here too, as long as somebody takes them. */
  readonly attach: { readonly stdoutFd: number | undefined; readonly stderrFd: number | undefined };
  readonly listeners: readonly Listener[];
  /** Base64 of values that must not get into the log. Values of fewer than 4 bytes are not looked for. */
  readonly masked: readonly string[];
  readonly health?: HealthConfig;
}

/** A socket of the host that is bound (and, for TCP, listens), and the port of the container that it leads to. */
export interface Listener {
  readonly fd: number;
  readonly protocol: 'tcp' | 'udp';
  /** Of the socket, needed for UDP: IPv4 unless said. */
  readonly family?: 'IPv4' | 'IPv6';
  readonly containerPort: number;
}

export interface HealthConfig {
  readonly check: Healthcheck;
  /** Where the status is told; must not be there when the container is started. */
  readonly file: string;
  /** Program and arguments that run the test in the container: exit code 0 is healthy, any other is not. */
  readonly command: readonly string[];
}

/** Trusts the file: the command line wrote it for us, possibly an older version of it, so new fields must be optional. */
export function readTendConfig(path: string): TendConfig {
  return JSON.parse(readFileSync(path, 'utf8')) as TendConfig;
}
