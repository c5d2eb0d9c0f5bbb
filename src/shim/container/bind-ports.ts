// Ports of the machine, bound by the command itself before anything starts, so that a clash is an error at once; the container's
// processes inherit the listening sockets, and connections wait in them until somebody accepts.
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import type { PublishedPort } from '../../model/container.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import type { PortRequest } from '../spec/ports.ts';

export interface BoundPort extends PublishedPort {
  readonly fd: number;
  /** Gives the socket of this process back: copies that others inherited stay. */
  close(): void;
}

const loopback = ['127.0.0.1', '::1'] as const;

/**
 * All, or none and an UnbakeError: `conflict` for a port that is taken, `usage` for an address that the machine does not have. A request
 * without an address is bound on both loopback addresses, one without a port on any that is free on both.
 */
export async function bindPorts(requests: readonly PortRequest[]): Promise<readonly BoundPort[]> {
  const bound: BoundPort[] = [];
  try {
    for (const request of requests) bound.push(...(await bindRequest(request)));
    return bound;
  } catch (thrown) {
    for (const port of bound) port.close();
    throw thrown;
  }
}

/** Throws what `bindPorts` would throw now: for a command that has long work to do before it binds them. */
export async function assertPortsFree(requests: readonly PortRequest[]): Promise<void> {
  for (const port of await bindPorts(requests)) port.close();
}

async function bindRequest(request: PortRequest): Promise<readonly BoundPort[]> {
  if (request.hostAddress !== undefined) return [await bindAt(request.hostAddress, request.hostPort ?? 0, request)];
  const tries = request.hostPort === undefined ? 20 : 1;
  for (let count = 1; ; count++) {
    const first = await bindAt(loopback[0], request.hostPort ?? 0, request);
    try {
      return [first, await bindAt(loopback[1], first.hostPort, request)];
    } catch (thrown) {
      // A machine without IPv6 has one loopback address.
      if (thrown instanceof UnbakeError && thrown.code === 'usage') return [first];
      first.close();
      if (count >= tries) throw thrown;
    }
  }
}

async function bindAt(hostAddress: string, port: number, { containerPort, protocol }: PortRequest): Promise<BoundPort> {
  const shown = `${hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress}:${port}/${protocol}`;
  const socket =
    protocol === 'tcp' ? listeningServer() : createSocket(hostAddress.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      if (socket instanceof Object && 'listen' in socket)
        socket.listen({ host: hostAddress, port, exclusive: true, ipv6Only: true, backlog: 511 }, resolve);
      else socket.bind({ address: hostAddress, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    throw bindError(shown, port, cause);
  }
  socket.on('error', () => undefined);
  return {
    hostAddress,
    hostPort: (socket.address() as { port: number }).port,
    containerPort,
    protocol,
    fd: descriptorOf(socket),
    close: () => void socket.close(),
  };
}

/** A connection that comes before the container's processes have the socket is closed again, and tried anew by whoever made it. */
function listeningServer(): Server {
  return createServer({ pauseOnConnect: true }, (early) => early.destroy());
}

function bindError(shown: string, port: number, cause: unknown): UnbakeError {
  if (isSystemError(cause, 'EADDRINUSE')) {
    return new UnbakeError('conflict', `port ${shown} is taken on this machine`, {
      hint: `publish another one (-p ${port + 1}:...), or end what listens there: ss -lptn 'sport = :${port}' tells what it is`,
      cause,
    });
  }
  if (isSystemError(cause, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL')) {
    return new UnbakeError('usage', `port ${shown} cannot be bound: this machine does not have that address`, {
      hint: 'ip addr lists the addresses that it has',
      cause,
    });
  }
  if (isSystemError(cause, 'EACCES')) {
    return new UnbakeError('conflict', `port ${shown} cannot be bound: ports below 1024 belong to root`, {
      hint: 'publish a higher one, such as -p 8080:80',
      cause,
    });
  }
  return new UnbakeError('io', `port ${shown} cannot be bound: ${messageOf(cause)}`, { cause });
}

/** Node has no public way to the number of a listening socket; this one it has had since version 0.10, and warns of for UDP. */
function descriptorOf(socket: Server | Socket): number {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: unknown } };
  if (noDeprecation === undefined) delete process.noDeprecation;
  else process.noDeprecation = noDeprecation;
  if (typeof handle?.fd === 'number' && handle.fd >= 0) return handle.fd;
  throw new UnbakeError('unsupported', 'this version of Node does not tell the descriptor of a socket', { hint: 'use Node 22 or 24' });
}
