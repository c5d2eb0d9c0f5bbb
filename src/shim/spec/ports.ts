// What `--publish` asks for, in docker's form: [ADDRESS:][HOSTPORT:]CONTAINERPORT[/PROTOCOL], each port a range if wanted.
import { isIP } from 'node:net';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

export interface PortRequest {
  /** undefined: loopback, both families. */
  readonly hostAddress: string | undefined;
  /** undefined: any free one. */
  readonly hostPort: number | undefined;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * One request a port, in rising order. A container port without a host port is published at any free one, and so is host port 0. Throws UnbakeError `usage` that
 * quotes the text. A range of host ports for one container port, where docker would take any that is free, is not known here.
 */
export function parsePublish(text: string): readonly PortRequest[] {
  const wrong = (why: string) =>
    new UnbakeError('usage', `--publish ${printable(text)}: ${why}`, {
      hint: 'write [ADDRESS:][HOSTPORT:]CONTAINERPORT[/tcp|udp], such as 8080:80, 127.0.0.1:8080:80, [::1]:8080:80 or 8000-8005:8000-8005',
    });
  const [ports = '', protocolText = 'tcp', ...rest] = text.split('/');
  const protocol = protocolText.toLowerCase();
  if (rest.length > 0 || (protocol !== 'tcp' && protocol !== 'udp')) throw wrong('the protocol can be tcp or udp');

  const parts = /^(?:(?:(.*):)?([^:]*):)?([^:]*)$/.exec(ports);
  const [, address, host = '', container = ''] = parts ?? [];
  const hostAddress = address === undefined || address === '' ? undefined : address.replace(/^\[(.*)\]$/, '$1');
  if (hostAddress !== undefined && (isIP(hostAddress) === 0 || hostAddress.includes('%'))) {
    throw wrong(`${printable(hostAddress)} is not an IP address`);
  }
  const containerPorts = rangeOf(container);
  if (container === '') throw wrong('it names no port of the container');
  if (containerPorts === undefined || containerPorts.first === 0) throw wrong(`the container's port must be a number from 1 to 65535`);
  const hostPorts = host === '' ? { first: 0, last: 0 } : rangeOf(host);
  if (hostPorts === undefined) throw wrong('the port of the machine must be a number up to 65535');
  const isAnyFree = hostPorts.last === 0;
  const count = containerPorts.last - containerPorts.first + 1;
  if (!isAnyFree && (hostPorts.first === 0 || hostPorts.last - hostPorts.first + 1 !== count)) {
    throw wrong('the two ranges must have the same length, and begin above 0');
  }
  return Array.from({ length: count }, (_, index) => ({
    hostAddress,
    hostPort: isAnyFree ? undefined : hostPorts.first + index,
    containerPort: containerPorts.first + index,
    protocol,
  }));
}

/** All of them. Throws UnbakeError `usage` when one port of the machine is asked for twice. */
export function parsePorts(texts: readonly string[]): readonly PortRequest[] {
  const ports = texts.flatMap(parsePublish);
  const seen = new Set<string>();
  for (const { hostAddress = '', hostPort, protocol } of ports) {
    if (hostPort === undefined) continue;
    const place = `${hostAddress} ${hostPort} ${protocol}`;
    if (seen.has(place)) {
      throw new UnbakeError('usage', `--publish: port ${hostPort}/${protocol} of the machine is asked for twice`, {
        hint: 'one port of the machine leads to one of the container: leave one out, or give another',
      });
    }
    seen.add(place);
  }
  return ports;
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= 65535 ? { first, last } : undefined;
}
