// Reads what the config of an image says about how it runs. The bytes are a stranger's: what is of the wrong type is damage, what docker passes over is told.
import { UnbakeError } from '../../model/error.ts';
import { field, type JsonNode } from '../../model/json.ts';
import { printable } from '../../model/printable.ts';
import type { Healthcheck, RunImage } from '../../model/run-image.ts';
import { healthDefaults, longestWait } from './health.ts';
import { parseSignal } from './signals.ts';
import { destinationOf } from './volumes.ts';

/** `config`: the whole document (image-spec, config.md). Every wrong type is an UnbakeError `damaged` that names the field. */
export function parseRunImage(config: JsonNode): RunImage {
  if (config.kind !== 'object') throw damaged('config', 'an object', config);
  const run = objectAt(config, 'config', 'config.config');
  const oddities: string[] = [];
  const top = (name: string) => textAt(config, name, `config.${name}`);
  const text = (name: string) => textAt(run, name, `config.config.${name}`);
  const list = (name: string, canBeText = false) => textsAt(run, name, `config.config.${name}`, canBeText);
  const keys = (name: string) =>
    (objectAt(run, name, `config.config.${name}`)?.entries ?? []).map(({ key }) => checked(key, `config.config.${name}`));
  const healthcheck = healthcheckAt(run, oddities);
  const stopSignal = stopSignalAt(text('StopSignal'), oddities);
  const shell = list('Shell');
  return {
    os: top('os') ?? '',
    architecture: top('architecture') ?? '',
    ...optional('variant', top('variant')),
    ...optional('created', top('created')),
    ...optional('author', top('author')),
    user: text('User') ?? '',
    env: list('Env').filter((variable, index) => {
      const hasName = !variable.startsWith('=') && variable !== '';
      if (!hasName) oddities.push(`Env[${index}] of the image has no name: it is left out`);
      else if (!variable.includes('=')) oddities.push(`Env[${index}] of the image has no value: it is left out`);
      return hasName;
    }),
    entrypoint: list('Entrypoint', true),
    cmd: list('Cmd', true),
    workingDir: workingDirAt(text('WorkingDir') ?? '', oddities),
    volumes: volumesAt(keys('Volumes'), oddities),
    exposedPorts: [...new Set(keys('ExposedPorts'))],
    labels: labelsAt(run),
    ...optional('stopSignal', stopSignal),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    shell: shell.length === 0 ? ['/bin/sh', '-c'] : shell,
    oddities,
  };
}

function damaged(where: string, expected: string, found: JsonNode): UnbakeError {
  const kind =
    found.kind === 'scalar' ? (found.value === null ? 'null' : `a ${typeof found.value}`) : found.kind === 'string' ? 'a string' : `an ${found.kind}`;
  return new UnbakeError('damaged', `${printable(where)} of the image should be ${expected} and is ${kind}`);
}

/** undefined: absent or null, which mean the same to Go. */
function presentAt(node: JsonNode | undefined, name: string): JsonNode | undefined {
  const value = field(node, name);
  return value?.kind === 'scalar' && value.value === null ? undefined : value;
}

function objectAt(node: JsonNode | undefined, name: string, where: string): Extract<JsonNode, { kind: 'object' }> | undefined {
  const value = presentAt(node, name);
  if (value === undefined || value.kind === 'object') return value;
  throw damaged(where, 'an object', value);
}

function textAt(node: JsonNode | undefined, name: string, where: string): string | undefined {
  const value = presentAt(node, name);
  return value === undefined ? undefined : textOf(value, where);
}

function textOf(value: JsonNode, where: string): string {
  if (value.kind === 'string') return checked(value.value, where);
  throw damaged(where, 'a string', value);
}

/** No argument, variable or path of a process can hold a zero byte. */
function checked(text: string, where: string): string {
  if (!text.includes('\0')) return text;
  throw new UnbakeError('damaged', `${printable(where)} of the image has a zero byte in a text`);
}

/** `canBeText`: docker takes one text for a list of one. */
function textsAt(node: JsonNode | undefined, name: string, where: string, canBeText: boolean): readonly string[] {
  const value = presentAt(node, name);
  if (value === undefined) return [];
  if (value.kind === 'string' && canBeText) return [checked(value.value, where)];
  if (value.kind !== 'array') throw damaged(where, 'an array of strings', value);
  return value.items.map((item, index) => textOf(item, `${where}[${index}]`));
}

function labelsAt(run: JsonNode | undefined): Readonly<Record<string, string>> {
  const where = 'config.config.Labels';
  const labels = objectAt(run, 'Labels', where)?.entries ?? [];
  return Object.fromEntries(labels.map(({ key, value }) => [checked(key, where), textOf(value, `${where}[${JSON.stringify(key)}]`)]));
}

/** `VOLUME data` of a Dockerfile is kept as it stands there, and docker takes it from the root. */
function volumesAt(paths: readonly string[], oddities: string[]): readonly string[] {
  const destinations = paths.map((path) => {
    const destination = destinationOf(path.startsWith('/') ? path : `/${path}`);
    if (destination === undefined) throw new UnbakeError('damaged', `config.config.Volumes of the image has ${printable(path)}, which is the root`);
    if (!path.startsWith('/')) oddities.push(`volume ${printable(path)} of the image is not absolute: it is taken from the root`);
    return destination;
  });
  return [...new Set(destinations)];
}

function workingDirAt(path: string, oddities: string[]): string {
  if (path === '' || path.startsWith('/')) return path;
  oddities.push(`WorkingDir ${printable(path)} of the image is not absolute: it is taken from the root`);
  return `/${path}`;
}

function stopSignalAt(text: string | undefined, oddities: string[]): string | undefined {
  if (text === undefined || text === '') return undefined;
  const signal = parseSignal(text);
  if (signal === undefined) oddities.push(`StopSignal ${printable(text)} of the image is not a signal: SIGTERM is taken`);
  return signal;
}

/** docker's: `Test` as a list, times in nanoseconds, 0 for the default. */
function healthcheckAt(run: JsonNode | undefined, oddities: string[]): Healthcheck | undefined {
  const where = 'config.config.Healthcheck';
  const node = objectAt(run, 'Healthcheck', where);
  const [kind, ...rest] = textsAt(node, 'Test', `${where}.Test`, false);
  const milliseconds = (name: string) => Math.min(Math.ceil(numberAt(node, name, `${where}.${name}`) / 1e6), longestWait);
  const times = {
    interval: milliseconds('Interval') || healthDefaults.interval,
    timeout: milliseconds('Timeout') || healthDefaults.timeout,
    startPeriod: milliseconds('StartPeriod') || healthDefaults.startPeriod,
    startInterval: milliseconds('StartInterval') || healthDefaults.startInterval,
    retries: Math.trunc(numberAt(node, 'Retries', `${where}.Retries`)) || healthDefaults.retries,
  };
  if (kind === undefined || kind === 'NONE') return undefined;
  if (kind === 'CMD' && rest.length > 0) return { test: ['CMD', ...rest], ...times };
  if (kind === 'CMD-SHELL' && rest.length > 0) return { test: ['CMD-SHELL', rest[0]!], ...times };
  oddities.push(`Healthcheck of the image, ${printable(kind)} with ${rest.length} more, is not known: it is left out`);
  return undefined;
}

function numberAt(node: JsonNode | undefined, name: string, where: string): number {
  const value = presentAt(node, name);
  if (value === undefined) return 0;
  if (value.kind === 'scalar' && typeof value.value === 'number' && value.value >= 0 && Number.isFinite(value.value)) return value.value;
  throw damaged(where, 'a number from 0 on', value);
}

function optional<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  return (value ? { [name]: value } : {}) as { readonly [Key in Name]?: string };
}
