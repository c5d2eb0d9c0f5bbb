// Finds many keywords in the text region of its memory: a table says in which windows of four bytes a keyword may stand, buckets of
// three bytes sift those, comparisons decide. What is in the tables is written by ../sieve-tables.ts, which tells their form.

/** How far the window that a keyword is found by may stand behind the keyword's beginning. */
const lead: u32 = 8;
/** Starts that are searched in one go: their places fit into 16 bits, what is kept of them into the cache. */
const stretch: u32 = 8192;
/** A bucket holds two sets of what may follow, and where its nodes are. */
const bucketSize: u32 = 16;
const nodeSize: u32 = 16;
const pieceSize: u32 = 32;

// Addresses, set once by `place`.
let windows: u32 = 0;
let heads: u32 = 0;
let buckets: u32 = 0;
let nodes: u32 = 0;
let records: u32 = 0;
let indices: u32 = 0;
let candidates: u32 = 0;
let hits: u32 = 0;
let hitRoom: u32 = 0;
let hitsPerStart: u32 = 1;
let text: u32 = 0;
let textLength: u32 = 0;

/** Where the last search stopped: its `to`, or what is left to be searched when the hits were full. */
export let reached: u32 = 0;
/** The index behind the last newline that was counted, 0 when there was none. */
export let behindLast: u32 = 0;

export function place(
  windowsAt: u32,
  headsAt: u32,
  bucketsAt: u32,
  nodesAt: u32,
  recordsAt: u32,
  scratchAt: u32,
  hitsAt: u32,
  room: u32,
  perStart: u32,
): void {
  windows = windowsAt;
  heads = headsAt;
  buckets = bucketsAt;
  nodes = nodesAt;
  records = recordsAt;
  indices = scratchAt;
  candidates = scratchAt + 16;
  hits = hitsAt;
  hitRoom = room;
  hitsPerStart = perStart;
}

export function placeText(at: u32, length: u32): void {
  text = at;
  textLength = length;
}

/** Searches for keywords that begin at or behind `from` and end at or before `to`; gives the number of hits. */
export function search(from: u32, to: u32): u32 {
  if (from > to || to > textLength) unreachable();
  let count: u32 = 0;
  while (from < to) {
    // A stretch has room for all hits that can begin in it, so that no hit needs to be counted out while it is written.
    const starts = min(min(stretch, to - from), (hitRoom - count) / hitsPerStart);
    if (starts < to - from && starts < 1024 && count > 0) break;
    const found = sift(text + from, min(starts + lead, to - from));
    count = compare(found, from, starts, to, count);
    from += starts;
  }
  reached = from;
  return count;
}

/** Gathers the places from `base` on, `length` of them and a few, at which three bytes of some keyword stand; gives the end of their list. */
function sift(base: u32, length: u32): u32 {
  const fold = i16x8.splat(0x2000);
  const folded = i16x8.splat(0x20);
  const first = i16x8.splat(<i16>0xff07);
  const second = i16x8.splat(0x07ff);
  const firstFactor = i16x8.splat(<i16>0x66fb);
  const secondFactor = i16x8.splat(<i16>0xc5a5);
  const table = windows;
  const index = indices;
  let end = candidates;
  // Two bytes at most are written for each that is passed: the list has room for a stretch, its lead and what the last store has too much.
  for (let at: u32 = 0; at < length; at += 16) {
    const a = v128.and(v128.or(v128.load(base + at), fold), first);
    const b = v128.and(v128.or(v128.load(base + at, 2), folded), second);
    v128.store(index, i16x8.add(i16x8.mul(a, firstFactor), i16x8.mul(b, secondFactor)));
    let pair = at | ((at + 1) << 16);
    end = note(end, pair, table + load<u16>(index, 0));
    end = note(end, pair + 0x20002, table + load<u16>(index, 2));
    end = note(end, pair + 0x40004, table + load<u16>(index, 4));
    end = note(end, pair + 0x60006, table + load<u16>(index, 6));
    end = note(end, pair + 0x80008, table + load<u16>(index, 8));
    end = note(end, pair + 0xa000a, table + load<u16>(index, 10));
    end = note(end, pair + 0xc000c, table + load<u16>(index, 12));
    end = note(end, pair + 0xe000e, table + load<u16>(index, 14));
  }
  // What is kept is written over what was read.
  let kept = candidates;
  for (let at = candidates; at < end; at += 2) {
    const place = <u32>load<u16>(at);
    const bytes = base + place;
    const bucket = buckets + <u32>load<u16>(heads + (headOf(load<u32>(bytes)) << 1)) * bucketSize;
    store<u16>(kept, <u16>place);
    const follows = (load<u32>(bucket, 4) >> <u32>load<u8>(bytes, 3)) & (load<u32>(bucket, 8) >> <u32>load<u8>(bytes, 4));
    kept += ((load<u32>(bucket) >> <u32>load<u8>(bytes - 1)) & follows & 1) << 1;
  }
  return kept;
}

/** Writes a place and the one behind it, and keeps none, the first or both of them, as the table has it: without a branch. */
function note(end: u32, pair: u32, entry: u32): u32 {
  store<u32>(end, pair);
  return end + <u32>load<u8>(entry);
}

function headOf(bytes: u32): u32 {
  return (((bytes | 0x202020) << 8) * 0x9e3779b1) >>> 17;
}

/** Compares the keywords of each place that was kept, and puts hits in order behind the `count` that there are. */
function compare(end: u32, from: u32, starts: u32, to: u32, count: u32): u32 {
  const base = text + from;
  const firstHit = hits + (count << 3);
  let hit = firstHit;
  for (let at = candidates; at < end; at += 2) {
    const place = <u32>load<u16>(at);
    const bucket = buckets + <u32>load<u16>(heads + (headOf(load<u32>(base + place)) << 1)) * bucketSize;
    let node = nodes + load<u32>(bucket, 12) * nodeSize;
    let isLast: u32;
    do {
      const traits = load<u32>(node, 4);
      const start = place - (traits & 0xff);
      isLast = traits & 0x400;
      // Bits 8 and 9 tell whether the node is meant for keywords at even and at odd places. One branch for all: it is hardly ever taken.
      const isSeen = (load<u32>(base + start + (traits >> 16)) | load<u32>(node, 8)) === load<u32>(node, 12);
      if (<u32>isSeen & (traits >> (8 + (start & 1))) & <u32>(start < starts)) {
        const record = records + load<u32>(node);
        if (start + load<u32>(record, 4) <= to - from && isAt(record + 16, load<u32>(record, 8), base + start)) {
          put(firstHit, hit, ((<u64>(from + start)) << 32) | load<u32>(record));
          hit += 8;
        }
      }
      node += nodeSize;
    } while (!isLast);
  }
  return (hit - hits) >>> 3;
}

function isAt(piece: u32, pieces: u32, bytes: u32): bool {
  for (; pieces > 0; pieces--, piece += pieceSize, bytes += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.or(v128.load(bytes), v128.load(piece)), v128.load(piece, 16)))) return false;
  }
  return true;
}

/** Puts a hit before those that begin behind it: few, for they are found by windows at most `lead` bytes behind their beginnings. */
function put(first: u32, at: u32, key: u64): void {
  while (at > first) {
    const before = rotl(load<u64>(at - 8), 32);
    if (before <= key) break;
    store<u64>(at, rotl(before, 32));
    at -= 8;
  }
  store<u64>(at, rotl(key, 32));
}

/** How many newlines stand in the text from `from` to `to`; `behindLast` says where the last one is. */
export function newlines(from: u32, to: u32): u32 {
  if (from > to || to > textLength) unreachable();
  const newline = i8x16.splat(0x0a);
  let count: u32 = 0;
  let last: u32 = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const mask = <u32>i8x16.bitmask(i8x16.eq(v128.load(text + at), newline));
    if (mask !== 0) last = at + 32 - clz(mask);
    count += popcnt(mask);
  }
  for (; at < to; at++) {
    if (load<u8>(text + at) !== 0x0a) continue;
    count++;
    last = at + 1;
  }
  behindLast = last;
  return count;
}

/** UTF-16 code units of the UTF-8 text from `from` to `to`: none for a byte that continues a character, two for one that begins a long one. */
export function columns(from: u32, to: u32): u32 {
  if (from > to || to > textLength) unreachable();
  // As signed numbers, bytes that continue are the lowest 64.
  const continuing = i8x16.splat(-0x40);
  const long = i8x16.splat(<i8>0xf0);
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const bytes = v128.load(text + at);
    count += popcnt(<u32>i8x16.bitmask(i8x16.ge_s(bytes, continuing))) + popcnt(<u32>i8x16.bitmask(i8x16.ge_u(bytes, long)));
  }
  for (; at < to; at++) {
    const byte = load<u8>(text + at);
    if ((byte & 0xc0) !== 0x80) count += byte >= 0xf0 ? 2 : 1;
  }
  return count;
}

/** Whether all bytes of the text from `from` to `to` are 0. */
export function isZero(from: u32, to: u32): bool {
  if (from > to || to > textLength) unreachable();
  let at = from;
  for (; at + 16 <= to; at += 16) if (v128.any_true(v128.load(text + at))) return false;
  for (; at < to; at++) if (load<u8>(text + at) !== 0) return false;
  return true;
}
