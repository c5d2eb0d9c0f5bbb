// What a document is called for rules that look at names: the path of the innermost member, without what only speaks of its compression.
import { printableBytes } from '../../model/printable.ts';
import { longestName } from './member-names.ts';

/** A place inside an outermost file: how to get there, and what stands there is called. */
export interface Place {
  /** Steps from the outermost file: printable, and no two documents of a file have the same. */
  readonly way: readonly string[];
  readonly name: string;
  /** Of a member that stands as plain bytes in its archive: the innermost decoded stream that it stands in, and where. */
  readonly base?: Base;
}

export interface Base {
  /** The way to the stream; empty for the outermost file itself. */
  readonly way: readonly string[];
  readonly start: number;
}

/** The place of a member of what stands at `place`. `name` as bytes or as latin1; `start` when it stands there as plain bytes. */
export function memberPlace(place: Place, step: string, name: string, start?: number): Place {
  const base = start === undefined ? {} : { base: { way: baseOf(place).way, start: baseOf(place).start + start } };
  return { way: [...place.way, step], name: printableBytes(Buffer.from(name.slice(0, longestName), 'latin1')), ...base };
}

export function baseOf({ way, base }: Place): Base {
  return base ?? { way, start: 0 };
}

/** A place further in that has no name of its own. */
export function innerPlace(place: Place, step: string, name = place.name): Place {
  return { way: [...place.way, step], name };
}

const contracted: Readonly<Record<string, string>> = {
  '.tgz': '.tar',
  '.taz': '.tar',
  '.tbz': '.tar',
  '.tbz2': '.tar',
  '.txz': '.tar',
  '.tzst': '.tar',
  '.svgz': '.svg',
};

/** `x.sql.gz` is `x.sql` when it is decoded, `x.tgz` is `x.tar`; any other name stays. */
export function decodedName(name: string): string {
  const suffix = /\.[a-z0-9]+$/i.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - suffix.length);
  if (stem === '' || stem.endsWith('/')) return name;
  const known = suffix.toLowerCase();
  if (/^\.(?:gz|z|zst|zstd|xz|bz2|bz)$/.test(known)) return stem;
  return Object.hasOwn(contracted, known) ? stem + contracted[known] : name;
}
