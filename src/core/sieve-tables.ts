// The tables of a Sieve, as bytes: made once for a list of keywords, then copied into the memory of each Sieve.
//
//   windows   65,536 x 1     see window-choice.ts
//   heads     32,768 x 2     by the hash of three bytes: their bucket, 0 for none
//   buckets   16 each        which bytes may stand before the three, behind them and one further, a bit for each value of their lowest
//                            five; then the first node
//   nodes     16 each        a record; traits; four bytes of the keyword: bits to set in those of the text, and the outcome
//     traits                 where in the keyword the three bytes are (8 bits); whether the node is for keywords at even (bit 8) and at
//                            odd places (bit 9), whether it is the last (bit 10); from bit 16 where in the keyword the four bytes are
//   records   16 + 32 n      id, length, n; for each 16 bytes of the keyword: bits to set in those of the text, and the outcome
import type { SieveKeyword } from './sieve-keyword.ts';
import { chooseWindows, headOf, type WindowChoice } from './window-choice.ts';

export interface SieveTables {
  readonly windows: Uint8Array;
  readonly heads: Uint16Array;
  readonly buckets: Uint32Array;
  readonly nodes: Uint32Array;
  readonly records: Uint8Array;
  /** Keywords that can begin at the same place, at most. */
  readonly hitsPerStart: number;
}

const shortest = 3;
const headCount = 32768;
const anyByte = 0xff;
/** Where, seen from the three bytes of a bucket, those stand whose sets it has. */
const setDistances = [-1, 3, 4];

const forEven = 0x100;
const forOdd = 0x200;
const isLast = 0x400;

/** Takes milliseconds for thousands of keywords. Throws RangeError for one of less than three bytes. */
export function sieveTables(keywords: readonly SieveKeyword[]): SieveTables {
  const tooShort = keywords.find(({ bytes }) => bytes.length < shortest);
  if (tooShort !== undefined) throw new RangeError(`keyword shorter than ${shortest} bytes: ${Buffer.from(tooShort.bytes).toString()}`);
  const choice = chooseWindows(keywords);
  const { records, recordAt } = recordsOf(keywords);
  return { windows: choice.windows, records, ...bucketsOf(keywords, choice, recordAt), hitsPerStart: mostAtOneStart(keywords) };
}

/** Nodes of the same bucket follow each other, in the order of their ids. */
function bucketsOf(
  keywords: readonly SieveKeyword[],
  { even, odd }: WindowChoice,
  recordAt: Uint32Array,
): Pick<SieveTables, 'heads' | 'buckets' | 'nodes'> {
  const counts = new Uint32Array(headCount);
  let bucketCount = 1;
  let nodeCount = 0;
  const count = (head: number): void => {
    if (counts[head]++ === 0) bucketCount++;
    nodeCount++;
  };
  for (let id = 0; id < keywords.length; id++) {
    const { bytes } = keywords[id];
    count(headOf(bytes, even[id]));
    if (odd[id] !== even[id]) count(headOf(bytes, odd[id]));
  }

  const heads = new Uint16Array(headCount);
  const buckets = new Uint32Array(bucketCount * 4);
  const nodes = new Uint32Array(nodeCount * 4);
  const ends = new Uint32Array(bucketCount);
  let used = 1;
  let reserved = 0;
  const add = (id: number, offset: number, places: number): void => {
    const { bytes, isExact } = keywords[id];
    const head = headOf(bytes, offset);
    let bucket = heads[head];
    if (bucket === 0) {
      heads[head] = bucket = used++;
      buckets[bucket * 4 + 3] = ends[bucket] = reserved;
      reserved += counts[head];
    }
    for (let index = 0; index < setDistances.length; index++) buckets[bucket * 4 + index] |= bitsAt(bytes, offset + setDistances[index]);
    // Four bytes as far as can be from those that are known.
    const check = offset >= 4 || bytes.length < 4 ? 0 : Math.min(bytes.length, 16) - 4;
    const node = ends[bucket]++;
    const mark = ends[bucket] === buckets[bucket * 4 + 3] + counts[head] ? isLast : 0;
    nodes[node * 4] = recordAt[id];
    nodes[node * 4 + 1] = offset | places | mark | (check << 16);
    for (let index = 0; index < 4; index++) {
      const bits = foldBits(bytes, check + index, isExact);
      nodes[node * 4 + 2] |= bits << (8 * index);
      nodes[node * 4 + 3] |= (bits === anyByte ? anyByte : bytes[check + index] | bits) << (8 * index);
    }
  };
  for (let id = 0; id < keywords.length; id++) {
    if (odd[id] === even[id]) add(id, even[id], forEven | forOdd);
    else {
      add(id, even[id], forEven);
      add(id, odd[id], forOdd);
    }
  }
  return { heads, buckets, nodes };
}

/** All bits when the keyword does not reach there. A letter has the same lowest five bits in both cases. */
function bitsAt(bytes: Uint8Array, index: number): number {
  return index >= 0 && index < bytes.length ? 1 << (bytes[index] & 31) : -1;
}

/** The bits to set in a byte before it is compared: all of them behind the keyword's end, where any byte may stand. */
function foldBits(bytes: Uint8Array, index: number, isExact: boolean): number {
  if (index >= bytes.length) return anyByte;
  return !isExact && isLetter(bytes[index]) ? 0x20 : 0;
}

function recordsOf(keywords: readonly SieveKeyword[]): { readonly records: Uint8Array; readonly recordAt: Uint32Array } {
  const recordAt = new Uint32Array(keywords.length);
  let end = 0;
  for (let id = 0; id < keywords.length; id++) {
    recordAt[id] = end;
    end += 16 + 32 * Math.ceil(keywords[id].bytes.length / 16);
  }
  const records = new Uint8Array(end).fill(anyByte);
  const headers = new Uint32Array(records.buffer);
  for (let id = 0; id < keywords.length; id++) {
    const { bytes, isExact } = keywords[id];
    const header = recordAt[id] >> 2;
    headers[header] = id;
    headers[header + 1] = bytes.length;
    headers[header + 2] = (bytes.length + 15) >> 4;
    for (let index = 0; index < bytes.length; index++) {
      const at = recordAt[id] + 16 + ((index >> 4) << 5) + (index & 15);
      const byte = bytes[index];
      const bits = !isExact && isLetter(byte) ? 0x20 : 0;
      records[at] = bits;
      records[at + 16] = byte | bits;
    }
  }
  return { records, recordAt };
}

/** Keywords that match at one place are prefixes of each other, but for case. */
function mostAtOneStart(keywords: readonly SieveKeyword[]): number {
  // Lists of the keywords that begin alike: the last of each, and for each one the one before it, plus 1 so that 0 is the end.
  const lasts = new Uint32Array(headCount);
  const before = new Uint32Array(keywords.length);
  for (let id = 0; id < keywords.length; id++) {
    const head = headOf(keywords[id].bytes, 0);
    before[id] = lasts[head];
    lasts[head] = id + 1;
  }
  let most = 1;
  for (let id = 0; id < keywords.length; id++) {
    const { bytes } = keywords[id];
    let count = 0;
    for (let other = lasts[headOf(bytes, 0)]; other > 0; other = before[other - 1]) if (isPrefix(keywords[other - 1].bytes, bytes)) count++;
    if (count > most) most = count;
  }
  return most;
}

function isPrefix(prefix: Uint8Array, bytes: Uint8Array): boolean {
  if (prefix.length > bytes.length) return false;
  for (let index = prefix.length - 1; index >= 0; index--) {
    if (prefix[index] !== bytes[index] && lowerCase(prefix[index]) !== lowerCase(bytes[index])) return false;
  }
  return true;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function isLetter(byte: number): boolean {
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x7a;
}
