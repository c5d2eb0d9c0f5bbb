// What stands before the header of an entry and speaks of it: PAX records and GNU long names; and the entry that comes of both.
import { type Entry, type EntryKind, normalizePath } from '../model/entry.ts';
import { type HeaderFields, paddingAfter } from './header.ts';
import { parsePax } from './pax.ts';
import { paxSegments, type SparseSegment } from './sparse.ts';

const extendedTypes = new Set(['x', 'g', 'X', 'L', 'K']);

export function isExtendedHeader(type: string): boolean {
  return extendedTypes.has(type);
}

const kinds: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
  D: 'directory',
  V: 'other',
  M: 'file',
  N: 'other',
};

const noRecords: ReadonlyMap<string, string> = new Map();

/** The extended headers since the last entry. */
export class ExtendedHeaders {
  /** Offset of the first of them, or of the entry's own header. */
  start: number | undefined;
  /** Header blocks and bodies, as they stand in the archive; the last block may be a view of a chunk. */
  metadata: Buffer[] = [];
  pax: ReadonlyMap<string, string> = noRecords;
  /** True when one of them needs an entry behind it; global records ('g') may stand at the end. */
  speaksOfEntry = false;
  #longName: string | undefined;
  #longLink: string | undefined;

  /** The block is not copied: see `own`. */
  addBlock(block: Buffer, start: number): void {
    this.start ??= start;
    this.speaksOfEntry ||= block[156] !== 0x67;
    // An array that grows takes room for many more, and most entries have this one.
    if (this.metadata.length === 0) this.metadata = [block];
    else this.metadata.push(block);
  }

  /** Copies the block that was added last, and gives the copy. To be called when more than this block is needed to know the entry. */
  own(): Buffer {
    const block = Buffer.from(this.metadata.at(-1)!);
    this.metadata[this.metadata.length - 1] = block;
    return block;
  }

  /** Takes the body of an extended header; returns what is wrong with it, with its offset in the body. */
  understand(type: string, body: Buffer): { readonly detail: string; readonly offset: number } | undefined {
    if (type === 'L' || type === 'K') {
      const nul = body.indexOf(0);
      const name = body.toString('latin1', 0, nul < 0 ? body.length : nul);
      if (type === 'L') this.#longName = name;
      else this.#longLink = name;
      return undefined;
    }
    const { records, problem } = parsePax(body);
    // Global records: Go's reader, which every container engine uses, does not apply them to entries, so neither do we.
    if (type !== 'g') this.pax = records;
    return problem;
  }

  /** Where the pieces of a sparse file stand, as PAX records say it. */
  get segments(): readonly SparseSegment[] | undefined {
    const map = this.pax.get('GNU.sparse.map');
    return map === undefined ? undefined : paxSegments(map);
  }

  /** The entry whose header and body these are. The body begins at `bodyStart`. */
  entry(fields: HeaderFields, index: number, size: number, bodyStart: number, isBehindEnd: boolean): Entry {
    const { pax } = this;
    const rawPath = this.#longName ?? nonEmpty(pax.get('GNU.sparse.name')) ?? nonEmpty(pax.get('path')) ?? fields.name;
    const linkName = this.#longLink ?? nonEmpty(pax.get('linkpath')) ?? fields.linkName;
    // Before ustar a directory was a file whose name ends in a slash.
    const kind = fields.type === '\0' && rawPath.endsWith('/') ? 'directory' : (kinds[fields.type] ?? 'file');
    const bodyEnd = bodyStart + size;
    return {
      index,
      rawPath,
      path: normalizePath(rawPath),
      kind,
      size,
      mode: fields.mode,
      uid: numberOf(pax.get('uid')) ?? fields.uid,
      gid: numberOf(pax.get('gid')) ?? fields.gid,
      mtime: numberOf(pax.get('mtime')) ?? fields.mtime,
      linkTarget: kind === 'hardlink' ? normalizePath(linkName) : kind === 'symlink' ? linkName : undefined,
      span: { start: this.start!, end: bodyEnd + paddingAfter(bodyEnd) },
      isBehindEnd,
    };
  }
}

/** The same entry when its announced body turns out not to be there. */
export function withoutBody(entry: Entry): Entry {
  return { ...entry, size: 0, span: { start: entry.span.start, end: entry.span.end - entry.size - paddingAfter(entry.size) } };
}

/** POSIX: an empty value takes a record back. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function numberOf(value: string | undefined): number | undefined {
  if (value === undefined || !/^-?[0-9]+(?:\.[0-9]*)?$/.test(value)) return undefined;
  return Math.floor(Number(value));
}
