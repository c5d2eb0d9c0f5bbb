// Passes connections to a socket of the host on to a port inside of the container. This process runs in the container's network namespace, so
// the port is reached on loopback there.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError } from '../../model/error.ts';
import { joinSockets } from './join-sockets.ts';

/** An app needs time until it listens; clients that come earlier wait so long. Milliseconds. */
const patience = 10_000;
const shortestPause = 10;
const longestPause = 250;

/**
 * Takes connections from the listening socket `fd`. They wait while the port has never been reachable, up to 10 s; later a refusal ends them at
 * once. No error ends the relay; `tell` is told of one that keeps it from listening.
 */
export function relayTcp(fd: number, containerPort: number, tell: (sentence: string) => void): Server {
  const target = new Target(containerPort);
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => void relay(client, target));
  // Without descriptors left a connection is dropped, and the next one may find some.
  server.on('error', (error) => {
    if (!server.listening) tell(`port ${containerPort} of the container is not published: ${error.message}`);
  });
  server.listen({ fd });
  return server;
}

async function relay(client: Socket, target: Target): Promise<void> {
  client.on('error', () => client.destroy());
  const upstream = await target.reach(client);
  if (upstream === undefined) client.resetAndDestroy();
  else joinSockets(client, upstream);
}

class Target {
  readonly #port: number;
  #hosts: readonly string[] = ['127.0.0.1', '::1'];
  #wasReached = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** A connection to the port; undefined when it refuses, or `client` has gone. */
  async reach(client: Socket): Promise<Socket | undefined> {
    const deadline = performance.now() + patience;
    for (let pause = shortestPause; ; pause = Math.min(longestPause, pause * 2)) {
      const reached = await this.#try();
      if (reached !== 'refused') return reached;
      if (this.#wasReached || client.destroyed || performance.now() > deadline) return undefined;
      await sleep(pause);
    }
  }

  /** An app may be bound to one of the two addresses alone: the one that answered is tried first from then on. */
  async #try(): Promise<Socket | 'refused' | undefined> {
    for (const host of this.#hosts) {
      try {
        const socket = await dial(host, this.#port);
        this.#wasReached = true;
        this.#hosts = [host, ...this.#hosts.filter((other) => other !== host)];
        return socket;
      } catch (cause) {
        if (!isSystemError(cause, 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH')) return undefined;
      }
    }
    return 'refused';
  }
}

function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    socket.pause();
    socket.on('error', reject);
    socket.on('connect', () => resolve(socket));
  });
}
