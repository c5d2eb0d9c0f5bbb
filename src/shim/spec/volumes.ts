// What `--volume` asks for, in docker's form: HOST:CONTAINER[:OPTIONS], or CONTAINER alone; and which volumes an image wants besides.
import { posix } from 'node:path';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { RunImage } from '../../model/run-image.ts';

export interface VolumeMount {
  /** Absolute path on the machine; '' for a volume of the container's own. */
  readonly source: string;
  /** Absolute and normal, never the root. */
  readonly destination: string;
  readonly isReadOnly: boolean;
}

/** Options of docker that ask for what is done anyway, or for labels and caches that there are none of here. */
const withoutEffect = new Set(['z', 'Z', 'cached', 'delegated', 'consistent', 'private', 'rprivate']);

/** A source that begins with a dot is below `cwd`. Throws UnbakeError `usage` that quotes the text. */
export function parseVolume(text: string, cwd: string): VolumeMount {
  const wrong = (why: string, hint = 'write HOST:CONTAINER[:ro], both absolute paths, or HOST relative with ./ before it') =>
    new UnbakeError('usage', `--volume ${printable(text)}: ${why}`, { hint });
  const parts = text.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) throw wrong('it is not HOST:CONTAINER[:OPTIONS]');
  const [first = '', second, optionText] = parts;
  const destination = destinationOf(second ?? first);
  if (destination === undefined)
    throw wrong(`the place in the container must be an absolute path, and not ${(second ?? first) === '/' ? 'the root' : 'relative'}`);
  if (second === undefined) return { source: '', destination, isReadOnly: false };
  if (!first.startsWith('/') && !first.startsWith('.')) {
    throw wrong(
      `named volumes are not kept`,
      `write ./${printable(first)}:${printable(second)} for a folder here, or ${printable(second)} alone for a volume of its own`,
    );
  }

  const options = optionText?.split(',') ?? [];
  const unknown = options.find((option) => option !== 'ro' && option !== 'rw' && !withoutEffect.has(option));
  if (unknown !== undefined) throw wrong(`the option ${printable(unknown)} is not known`, 'the options are ro and rw');
  if (options.includes('ro') && options.includes('rw')) throw wrong('it cannot be read-only and writable');
  return { source: posix.resolve(cwd, first), destination, isReadOnly: options.includes('ro') };
}

/**
 * The same text twice counts once, as with docker. Throws UnbakeError `usage` when two others want the same place, and for a source that is not there: docker would
 * make a folder of root's, also of a name with a slip in it.
 */
export function parseVolumes(texts: readonly string[], cwd: string, isThere: (path: string) => boolean = () => true): readonly VolumeMount[] {
  const volumes = [...new Set(texts)].map((text) => parseVolume(text, cwd));
  const twice = volumes.find(({ destination }, index) => volumes.findIndex((other) => other.destination === destination) < index);
  if (twice !== undefined) throw new UnbakeError('usage', `--volume: two are to be at ${printable(twice.destination)}`, { hint: 'leave one out' });
  const missing = volumes.find(({ source }) => source !== '' && !isThere(source));
  if (missing === undefined) return volumes;
  throw new UnbakeError('usage', `--volume: there is no ${printable(missing.source)} on this machine`, {
    hint: `make it first, for a folder with: mkdir -p ${printable(missing.source)}`,
  });
}

/** The places for which the caller makes a volume of the container's own: the image's, but for those that a `--volume` covers, and those that one asks for. */
export function volumeDestinations(image: Pick<RunImage, 'volumes'>, request: { readonly volumes: readonly VolumeMount[] }): readonly string[] {
  const covered = new Set(request.volumes.filter(({ source }) => source !== '').map(({ destination }) => destination));
  const own = request.volumes.filter(({ source }) => source === '').map(({ destination }) => destination);
  return [...new Set([...image.volumes, ...own])].filter((destination) => !covered.has(destination));
}

/** Without `.`, `..`, doubled and last slashes; undefined: relative, or the root. */
export function destinationOf(path: string): string | undefined {
  const normal = posix.normalize(path).replace(/(?<=.)\/$/, '');
  return normal.startsWith('/') && normal !== '/' ? normal : undefined;
}
