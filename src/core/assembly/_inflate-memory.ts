// Where things stand in the memory of the inflate module. What the compiler places itself (constants) lies below `litLenTable`.

/** Entries of the two tables of a block: the most that complete codes of 15 bits need behind a first level of 11 and of 8 bits. */
export const litLenEntries: u32 = 2342;
export const distanceEntries: u32 = 402;
export const litLenBits: u32 = 11;
export const distanceBits: u32 = 8;
export const preBits: u32 = 7;

export const litLenTable: usize = 0x1000;
export const distanceTable: usize = 0x3800;
export const preTable: usize = 0x4000;
/** Code lengths of a block, one byte each: 286 and 30 of a dynamic block, 288 and 32 of a fixed one, 19 that code the others. */
export const lengths: usize = 0x4200;
/** How many codes have each length, and where each length begins among the sorted symbols: 16 numbers of 16 bits each. */
export const counts: usize = 0x4400;
export const starts: usize = 0x4420;
/** Symbols by length and value, 16 bits each. */
export const sorted: usize = 0x4440;
/** For distances below 16: which bytes to take to repeat them over 16 bytes, and how far that reaches in whole repetitions. */
export const patterns: usize = 0x4800;
export const strides: usize = 0x4900;
/** What `Stream` of _inflate-state.ts holds. */
export const streamState: usize = 0x4a00;
/** Blocks that began: bit offset and output offset as doubles, kind and isLast as 32 bits each. */
export const blockLog: usize = 0x5000;
export const blockLogEntries: u32 = 512;
export const blockLogWidth: u32 = 24;

export const input: usize = 0x8000;
export const inputLength: usize = 256 * 1024;
/** A load of eight bytes at the last byte of input stays in front of the window. */
export const history: usize = input + inputLength + 64;
export const historyLength: usize = 32 * 1024;
export const output: usize = history + historyLength;
export const outputLength: usize = 256 * 1024;
// One turn of the fast loop may write three literals, a match, and what copies of 16 bytes write too much, behind `outputLength`: some 300 bytes.
// All ends before 0x90240; the memory has 0xa0000 bytes (src/core/inflate.ts).
