// Members of a zip that its directory does not name: left behind by a deletion, by two archives put together, or on purpose. Found by
// their own headers between what is named.
import { createInflateRaw } from 'node:zlib';
import type { Blob } from '../../../model/blob.ts';
import { ByteReader } from '../../../tar/byte-reader.ts';
import { throughZlib } from '../../../tar/zlib-stream.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import type { Window } from '../window.ts';
import { hasDescriptor, type LocalHeader, localHeaderAt, localHeaderSize } from './local.ts';

export interface HiddenMember {
  readonly localStart: number;
  readonly header: LocalHeader;
  readonly dataEnd: number;
}

const signature = 'PK\x03\x04';
const searched = 64 * 1024;
/** The newest version that the specification knows is 6.3; a higher one is no header. */
const newestVersion = 63;
const knownMethods = new Set([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 99]);

/** Those between `from` and `to`. `mayDecode` counts what is decoded only to find where a member ends; false ends the search. */
export async function* hiddenMembers(
  blob: Blob,
  window: Window,
  from: number,
  to: number,
  mayDecode: (bytes: number) => boolean,
): AsyncGenerator<HiddenMember> {
  let at = from;
  for (;;) {
    const localStart = await nextHeader(window, at, to);
    if (localStart === undefined) return;
    at = localStart + signature.length;
    const header = await localHeaderAt(window, localStart);
    if (header === undefined || header.dataStart > to || header.name === '' || header.version > newestVersion || !knownMethods.has(header.method))
      continue;
    const isUnknown = (header.flags & hasDescriptor) !== 0 && header.compressedSize === 0;
    let dataEnd: number | undefined;
    if (!isUnknown) dataEnd = Math.min(header.dataStart + header.compressedSize, to);
    else if (header.method === 8) dataEnd = await deflateEnd(blob, header.dataStart, to, mayDecode);
    if (!mayDecode(0)) return;
    if (dataEnd === undefined) continue;
    yield { localStart, header, dataEnd };
    // Of one that is cut off the rest may hold others.
    const isWhole = isUnknown || dataEnd === header.dataStart + header.compressedSize;
    at = isWhole ? Math.max(dataEnd, localStart + localHeaderSize) : header.dataStart;
  }
}

async function nextHeader(window: Window, from: number, to: number): Promise<number | undefined> {
  let at = from;
  while (at + localHeaderSize <= to) {
    const bytes = await window.read(at, Math.min(searched, to - at));
    const found = bytes.indexOf(signature, 0, 'latin1');
    if (found >= 0) return at + found;
    if (bytes.length <= signature.length) return undefined;
    at += bytes.length - signature.length + 1;
  }
  return undefined;
}

/** Setting up a decoder takes the time of decoding about as much: headers that lead to no member are counted like this. */
const attemptCost = 64 * 1024;

/** Where a deflated stream ends that does not say how long it is; undefined when it is none. */
async function deflateEnd(blob: Blob, start: number, to: number, mayDecode: (bytes: number) => boolean): Promise<number | undefined> {
  if (!mayDecode(attemptCost)) return undefined;
  const reader = new ByteReader(rangeOf(blob, start, to).open(), start);
  const inflating = throughZlib(createInflateRaw(), reader);
  try {
    for (;;) {
      const { done, value } = await inflating.next();
      if (done) return value.error === undefined ? reader.offset : undefined;
      if (!mayDecode(value.length)) return undefined;
    }
  } finally {
    await inflating.return?.({ error: undefined, starved: false });
    await reader.close();
  }
}
