// The entries of a layer as columns: a layer may have hundreds of thousands, and what is alike stands together.
import type { Entry, EntryKind } from '../../model/entry.ts';

export interface EntryColumns {
  readonly path: readonly string[];
  readonly kind: readonly EntryKind[];
  readonly size: readonly number[];
  readonly mode: readonly number[];
  readonly uid: readonly number[];
  readonly gid: readonly number[];
  readonly mtime: readonly number[];
  /** Bytes from the end of the one before to its start, and from there to its end. */
  readonly gap: readonly number[];
  readonly span: readonly number[];
  /** Of those only where it is not the path. */
  readonly rawPath: readonly (readonly [index: number, rawPath: string])[];
  readonly linkTarget: readonly (readonly [index: number, linkTarget: string])[];
  readonly behindEnd: readonly number[];
  readonly sparse: readonly number[];
}

const numbers = ['size', 'mode', 'uid', 'gid', 'mtime', 'gap', 'span'] as const;

/** Of entries whose index is their position. */
export function columnsOf(entries: readonly Entry[]): EntryColumns {
  const rawPath: [number, string][] = [];
  const linkTarget: [number, string][] = [];
  const behindEnd: number[] = [];
  const sparse: number[] = [];
  for (const entry of entries) {
    if (entry.rawPath !== entry.path) rawPath.push([entry.index, entry.rawPath]);
    if (entry.linkTarget !== undefined) linkTarget.push([entry.index, entry.linkTarget]);
    if (entry.isBehindEnd) behindEnd.push(entry.index);
    if (entry.isSparse === true) sparse.push(entry.index);
  }
  return {
    path: entries.map(({ path }) => path),
    kind: entries.map(({ kind }) => kind),
    size: entries.map(({ size }) => size),
    mode: entries.map(({ mode }) => mode),
    uid: entries.map(({ uid }) => uid),
    gid: entries.map(({ gid }) => gid),
    mtime: entries.map(({ mtime }) => mtime),
    gap: entries.map(({ span }, index) => span.start - (index === 0 ? 0 : entries[index - 1].span.end)),
    span: entries.map(({ span }) => span.end - span.start),
    rawPath,
    linkTarget,
    behindEnd,
    sparse,
  };
}

/** Throws RangeError when the columns do not fit together. */
export function entriesOf(columns: EntryColumns): Entry[] {
  const { path, kind } = columns;
  const fits = kind.length === path.length && numbers.every((name) => columns[name].length === path.length && columns[name].every(Number.isFinite));
  if (!fits) throw new RangeError('columns of different lengths');
  const rawPath = new Map(columns.rawPath);
  const linkTarget = new Map(columns.linkTarget);
  const behindEnd = new Set(columns.behindEnd);
  const sparse = new Set(columns.sparse);
  let at = 0;
  return path.map((text, index) => {
    const start = at + columns.gap[index];
    at = start + columns.span[index];
    const entry: Entry = {
      index,
      rawPath: rawPath.get(index) ?? text,
      path: text,
      kind: kind[index],
      size: columns.size[index],
      mode: columns.mode[index],
      uid: columns.uid[index],
      gid: columns.gid[index],
      mtime: columns.mtime[index],
      linkTarget: linkTarget.get(index),
      span: { start, end: at },
      isBehindEnd: behindEnd.has(index),
    };
    return sparse.has(index) ? { ...entry, isSparse: true } : entry;
  });
}
