// Containers for people and for programs: the columns of `docker ps`, and one JSON object a line.
import { jsonText } from './json-text.ts';
import type { Container, ContainerState, PublishedPort } from '../model/container.ts';
import { printable } from '../model/printable.ts';
import { shorten, shortenStart } from './columns.ts';
import { age, table } from './table.ts';

export function* containerTable(containers: readonly Container[], now: Date, isWhole: boolean): Generator<string> {
  yield* table(
    ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'],
    containers.map(({ id, name, image, command, createdAt, ports, state }) => [
      isWhole ? id : id.slice(0, 12),
      // Paths and long names differ in their ends.
      isWhole ? printable(image) : shortenStart(printable(image), 30),
      isWhole ? printable(command) : shorten(printable(command), 24),
      `${age(createdAt, now)} ago`,
      statusText(state, now),
      ports.map(portText).join(', '),
      name,
    ]),
  );
}

export function* containerLines(containers: readonly Container[]): Generator<string> {
  for (const container of containers) yield `${jsonText(container)}\n`;
}

export function portText({ hostAddress, hostPort, containerPort, protocol }: PublishedPort): string {
  return `${hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress}:${hostPort}->${containerPort}/${protocol}`;
}

export function statusText(state: ContainerState, now: Date): string {
  switch (state.kind) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${age(state.startedAt, now)}${state.health === undefined ? '' : ` (${state.health === 'starting' ? 'health: starting' : state.health})`}`;
    case 'exited': {
      const why = state.isOutOfMemory ? ', out of memory' : state.error === undefined ? '' : `, ${printable(state.error)}`;
      return `Exited (${state.exitCode}${why})${state.finishedAt === undefined ? '' : ` ${age(state.finishedAt, now)} ago`}`;
    }
  }
}
