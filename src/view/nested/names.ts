// What a document is called for rules that look at names: the path of the innermost member, without what only speaks of its compression.
import { printableBytes } from '../../model/printable.ts';
import { longestName } from './member-names.ts';

/** A place inside an outermost file: how to get there, and what stands there is called. */
export interface Place {
  /** Steps from the outermost file: printable, and no two documents of a file have the same. */
  readonly way: readonly string[];
  readonly name: string;
}

/** The place of a member of what stands at `place`. `name` as bytes or as latin1. */
export function memberPlace(place: Place, step: string, name: string): Place {
  return { way: [...place.way, step], name: printableBytes(Buffer.from(name.slice(0, longestName), 'latin1')) };
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
