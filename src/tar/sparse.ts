// Sparse files store only their data; this says where a stored byte stands in the file (GNU tar manual, "Storing Sparse Files").
import { number } from './header.ts';

/** A run of stored bytes: `offset` in the file, `length` bytes. In the order in which they are stored. */
export interface SparseSegment {
  readonly offset: number;
  readonly length: number;
}

/** `count` pairs of offset and length, twelve bytes each, from an old GNU header or its extension blocks. */
export function oldGnuSegments(block: Buffer, start: number, count: number): SparseSegment[] {
  const segments: SparseSegment[] = [];
  for (let at = start; count > 0; count--, at += 24) {
    if (block[at] === 0 && block[at + 12] === 0) break;
    const offset = number(block, at, 12);
    const length = number(block, at + 12, 12);
    if (offset === undefined || length === undefined || offset < 0 || length < 0) break;
    segments.push({ offset, length });
  }
  return segments;
}

/** The map of PAX sparse format 0.1: `GNU.sparse.map`, comma-separated. */
export function paxSegments(map: string): SparseSegment[] {
  const numbers = map.split(',').map(Number);
  const segments: SparseSegment[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    if (!Number.isSafeInteger(numbers[i]) || !Number.isSafeInteger(numbers[i + 1])) break;
    segments.push({ offset: numbers[i], length: numbers[i + 1] });
  }
  return segments;
}

/** Where the stored byte at `stored` stands in the file, and how many bytes from there on are stored without a hole. */
export function runAt(segments: readonly SparseSegment[] | undefined, stored: number): SparseSegment {
  let before = 0;
  for (const { offset, length } of segments ?? []) {
    if (stored < before + length) return { offset: offset + (stored - before), length: before + length - stored };
    before += length;
  }
  return { offset: stored, length: Infinity };
}

/** Bytes that a map says are stored. */
export function storedLength(segments: readonly SparseSegment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}
