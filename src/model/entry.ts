// One entry of a layer's tar. Names are bytes: held here as latin1 strings, one character a byte, and decoded only to be printed.
import { printableBytes } from './printable.ts';
import type { Span } from './span.ts';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'device' | 'fifo' | 'other';

export interface Entry {
  /** Position among the entries of its archive, from 0. */
  readonly index: number;
  /** The name as it stands in the archive. */
  readonly rawPath: string;
  /** Normalised for comparing: no leading `/` or `./`, no `//`, `.` and `..` resolved inside the root; '' is the root itself. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes of the body as stored. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of symbolic links as written; of hard links normalised like `path`. */
  readonly linkTarget: string | undefined;
  /** Everything of the uncompressed archive that is this entry, its extended headers and padding included. */
  readonly span: Span;
  /** Stands behind an end-of-archive marker, where usual readers have stopped. */
  readonly isBehindEnd: boolean;
  /** Its body is stored without its holes: offsets in the file are not offsets in the archive. */
  readonly isSparse?: true;
}

/** Resolves a name as a root-confined path: what it may leave is dropped. */
export function normalizePath(rawPath: string): string {
  // The usual case costs one look.
  if (/^[^./][^/]*(?:\/[^./][^/]*)*$/.test(rawPath)) return rawPath;
  const parts: string[] = [];
  for (const part of rawPath.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** A name held as latin1, as text: what is not UTF-8 in it becomes U+FFFD. */
export function pathText(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** Of a name held as latin1, for reports: absolute and escaped. */
export function printablePath(path: string): string {
  return `/${printableBytes(Buffer.from(path, 'latin1'))}`;
}

const whiteoutPrefix = '.wh.';
const opaqueWhiteout = '.wh..wh..opq';
const aufsPrefix = '.wh..wh.';

/** What an entry says about lower layers (image-spec, layer.md, "Whiteouts"). */
export type WhiteoutMeaning = { readonly kind: 'deletes' | 'opaque'; readonly path: string } | { readonly kind: 'metadata' };

/** The path that a whiteout deletes, or the directory whose lower content it hides; undefined for ordinary names. */
export function whiteoutOf(path: string): WhiteoutMeaning | undefined {
  const slash = path.lastIndexOf('/');
  if (!path.startsWith(whiteoutPrefix, slash + 1)) return undefined;
  const directory = path.slice(0, Math.max(0, slash));
  const name = path.slice(slash + 1);
  if (name === opaqueWhiteout) return { kind: 'opaque', path: directory };
  // `.wh..wh.plnk`, `.wh..wh.aufs` and `.wh..wh.orph` belong to aufs and mean nothing in a layer.
  if (name.startsWith(aufsPrefix) || name === whiteoutPrefix) return { kind: 'metadata' };
  const target = name.slice(whiteoutPrefix.length);
  return { kind: 'deletes', path: directory === '' ? target : `${directory}/${target}` };
}
