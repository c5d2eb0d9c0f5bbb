// Takes apart the bytes that stand before the body of an entry, in the same pieces as the walk: laid end to end they are those bytes.
import { UnbakeError } from '../model/error.ts';
import { isExtendedHeader } from './extended.ts';
import { blockSize, isZero, paddingAfter, parseHeader } from './header.ts';
import { parsePax } from './pax.ts';

interface Piece {
  /** Counted from the first byte that was taken apart. */
  readonly start: number;
  readonly bytes: Buffer;
}

/** All buffers are views of the bytes that were taken apart. */
export type MetadataPart =
  /** A header that speaks of others (x, g, X, L, K): its block and its body; `bytes` has the padding too. */
  | (Piece & { readonly kind: 'extended'; readonly type: string; readonly block: Buffer; readonly body: Buffer })
  /** A block of zeros on the way. Two of them are an end-of-archive marker that usual readers do not pass. */
  | (Piece & { readonly kind: 'zeros' })
  /** The entry's own header; nothing but a map follows it. */
  | (Piece & { readonly kind: 'header'; readonly block: Buffer })
  /** The extension blocks of an old GNU sparse file, or the map of a PAX sparse file 1.0. */
  | (Piece & { readonly kind: 'map' });

/**
 * The parts of an entry's metadata, in their order. Extended headers that no entry follows may be taken apart too. Checksums are not looked at.
 * Throws `damaged` when the bytes are anything else.
 */
export function metadataParts(metadata: Buffer): MetadataPart[] {
  const parts: MetadataPart[] = [];
  let isPaxSparse = false;
  for (let at = 0; at < metadata.length;) {
    const block = metadata.subarray(at, at + blockSize);
    if (block.length < blockSize) throw malformedMetadata('a block is cut short', at);
    const { type, size, isGnu } = parseHeader(block);
    if (isZero(block)) {
      parts.push({ kind: 'zeros', start: at, bytes: block });
      at += blockSize;
    } else if (isExtendedHeader(type)) {
      const bodyStart = at + blockSize;
      if (size === undefined || size < 0 || bodyStart + size + paddingAfter(size) > metadata.length)
        throw malformedMetadata('an extended header is longer than all of them', at);
      const body = metadata.subarray(bodyStart, bodyStart + size);
      const end = bodyStart + size + paddingAfter(size);
      parts.push({ kind: 'extended', start: at, type, block, body, bytes: metadata.subarray(at, end) });
      if (type === 'x' || type === 'X') isPaxSparse = parsePax(body).records.get('GNU.sparse.major') === '1';
      at = end;
    } else {
      const map = metadata.subarray(at + blockSize);
      const isMap = type === 'S' && isGnu ? isExtensionOf(block, map) : isPaxSparse ? map.length % blockSize === 0 : map.length === 0;
      if (!isMap) throw malformedMetadata('what follows the header of the entry is not a part of it', at + blockSize);
      parts.push({ kind: 'header', start: at, block, bytes: block });
      if (map.length > 0) parts.push({ kind: 'map', start: at + blockSize, bytes: map });
      return parts;
    }
  }
  return parts;
}

/** Each block of an old GNU sparse map says whether another one follows. */
function isExtensionOf(header: Buffer, map: Buffer): boolean {
  let isMore = header[482] !== 0;
  let at = 0;
  for (; isMore && at + blockSize <= map.length; at += blockSize) isMore = map[at + 504] !== 0;
  return !isMore && at === map.length;
}

/** The error for bytes that are not the metadata of an entry; `at` counts from the first of them. */
export function malformedMetadata(detail: string, at: number): UnbakeError {
  return new UnbakeError('damaged', `the headers of an entry of the tar cannot be rewritten: ${detail}, at byte ${at} of them`, {
    hint: 'scan the image: the report says where its tars are damaged; fetch or export it again if it should be whole',
  });
}
