// Passes datagrams to a socket of the host on to a port inside of the container, and the answers back. Each client has a socket of its own
// there, so that the app can tell clients apart and an answer finds its way.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isSystemError } from '../../model/error.ts';

const longestIdle = 60_000;
const sweepInterval = 10_000;
const mostFlows = 1024;
/** Datagrams that wait for a socket to be made. */
const mostWaiting = 64;

interface Flow {
  readonly socket: Socket;
  readonly waiting: Buffer[];
  isConnected: boolean;
  lastUsed: number;
}

export interface UdpRelayOptions {
  readonly fd: number;
  readonly family: 'IPv4' | 'IPv6';
  readonly containerPort: number;
  readonly tell: (sentence: string) => void;
}

/** Takes datagrams from the bound socket `fd`. Flows that are idle for 60 s, and the oldest above 1024, are forgotten. No error ends the relay. */
export function relayUdp({ fd, family, containerPort, tell }: UdpRelayOptions): Socket {
  const flows = new Map<string, Flow>();
  let hosts = ['127.0.0.1', '::1'];
  let isBound = false;
  const server = createSocket(family === 'IPv6' ? 'udp6' : 'udp4');

  const forget = (key: string, flow: Flow): void => {
    flows.delete(key);
    flow.socket.close();
  };

  const open = (key: string, client: RemoteInfo): Flow => {
    const host = hosts[0]!;
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
    const flow: Flow = { socket, waiting: [], isConnected: false, lastUsed: performance.now() };
    socket.on('message', (answer) => {
      flow.lastUsed = performance.now();
      server.send(answer, client.port, client.address, dropped);
    });
    // An app may be bound to the other loopback address alone: the next datagram tries that.
    socket.on('error', (error) => {
      if (flows.get(key) !== flow) return;
      if (hosts[0] === host && isSystemError(error, 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) hosts = [...hosts.slice(1), host];
      forget(key, flow);
    });
    socket.on('connect', () => {
      flow.isConnected = true;
      for (const datagram of flow.waiting.splice(0)) socket.send(datagram, dropped);
    });
    socket.connect(containerPort, host);
    return flow;
  };

  server.on('message', (datagram, client) => {
    const key = `${client.address} ${client.port}`;
    const flow = flows.get(key) ?? open(key, client);
    flow.lastUsed = performance.now();
    // The map's order is the order of use: the first is the oldest.
    flows.delete(key);
    flows.set(key, flow);
    if (flow.isConnected) flow.socket.send(datagram, dropped);
    else if (flow.waiting.length < mostWaiting) flow.waiting.push(datagram);
    for (const [oldKey, old] of flows) {
      if (flows.size <= mostFlows) break;
      forget(oldKey, old);
    }
  });
  server.on('error', (error) => {
    if (!isBound) tell(`port ${containerPort}/udp of the container is not published: ${error.message}`);
  });
  const sweep = setInterval(() => {
    const oldest = performance.now() - longestIdle;
    for (const [key, flow] of flows) if (flow.lastUsed < oldest) forget(key, flow);
  }, sweepInterval);
  sweep.unref();
  server.on('close', () => {
    clearInterval(sweep);
    for (const [key, flow] of flows) forget(key, flow);
  });
  server.bind({ fd }, () => (isBound = true));
  return server;
}

/** UDP promises nothing, so neither do we. */
function dropped(): void {}
