// The memory of `runs`: [header of 32-bit numbers | the bytes, as many as there is room for | zeros | a list of places for each kind].
// Places of bytes are indices from the first of them.

const header: usize = 1024;
/**
 * Where the bytes begin. Loads of sixteen bytes begin at the first of them, or less than 64 behind the last; an index of a byte and a constant
 * in the load itself (`v128.load(index, input + 16)`) cost no addition.
 */
export const input: usize = 2048;
const constants: usize = 1536;
/** Readable behind the last byte: a step of the pass, and the bytes that follow the last of it. */
const spare: u32 = 128;

export const dense: u32 = 0;
export const percent: u32 = 1;
export const backslash: u32 = 2;
export const byteLists: u32 = 3;

/** How many bytes there are, and how many have room. */
export let length: u32 = 0;
let room: u32 = 0;
export let isEnd: bool = false;

/** The bytes stand there already; what is behind them becomes zero. Traps when the memory is too small. */
export function open(bytes: u32, capacity: u32, isLast: bool): void {
  // Of the lists, each of which has a place for eight bytes: two and a half bytes for a byte.
  const needed = <u64>input + capacity + spare + <u64>capacity * 2 + 64;
  if (bytes > capacity || needed > (<u64>memory.size()) << 16) unreachable();
  length = bytes;
  room = capacity;
  isEnd = isLast;
  memory.fill(input + bytes, 0, spare);
  placeConstants();
  for (let kind = dense; kind <= byteLists; kind++) store<u32>(header + (kind << 2), 0);
}

/** The byte at an index, 0 behind the last. */
export function byteAt(index: u32): u32 {
  return index < length ? load<u8>(index, input) : 0;
}

/** Adds a place to the list of its kind: at most one for eight bytes of the input, as every run is longer. */
export function found(kind: u32, index: u32): void {
  const count = load<u32>(header + (kind << 2));
  if (count >= (room >> 3) + 2) unreachable();
  store<u32>(header + (kind << 2), count + 1);
  store<u32>(input + room + spare + ((kind * ((room >> 3) + 2) + count) << 2), index);
}

/** Where the finder of a kind goes on with more bytes when nothing else keeps it. */
export function resume(kind: u32, index: u32): void {
  store<u32>(header + 16 + (kind << 2), index);
}

/** Where base64 was looked for from, behind a piece that went on. */
export function began(index: u32): void {
  store<u32>(header + 32, index);
}

/**
 * Constants of 16 bytes. Five classes of bytes together are base64: the signs `+-/`, digits, and letters by their high half. The highest
 * two are the backslash and the percent sign.
 */
export const lowClasses: u32 = 0;
export const highClasses: u32 = 16;
export const lowHalf: u32 = 32;
export const base64Classes: u32 = 48;
export const markClasses: u32 = 64;
export const zeroX: u32 = 80;

export function constant(which: u32): v128 {
  return v128.load(constants + which);
}

function placeConstants(): void {
  const low = i8x16(0x1a, 0x1e, 0x1e, 0x1e, 0x1e, 0x5e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1c, 0x05, -0x7c, 0x05, 0x04, 0x0d);
  v128.store(constants + lowClasses, low);
  v128.store(constants + highClasses, i8x16(0, 0, 0x41, 0x02, 0x04, -0x78, 0x04, 0x10, 0, 0, 0, 0, 0, 0, 0, 0));
  v128.store(constants + lowHalf, i8x16.splat(0x0f));
  v128.store(constants + base64Classes, i8x16.splat(0x1f));
  v128.store(constants + markClasses, i8x16.splat(-0x40));
  v128.store(constants + zeroX, i16x8.splat(0x7830));
}

/** How many places of any kind were found. */
export function placesFound(): u32 {
  return load<u32>(header) + load<u32>(header + 4) + load<u32>(header + 8) + load<u32>(header + 12);
}
