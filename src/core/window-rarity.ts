// How common a window of four bytes is in source text and programs, so that each keyword is looked for by a rare part of it. Only
// speed depends on it.

/** Half a power of two less for each letter of the alphabet: for 0x20 to 0x3f, then for 0x60 to 0x7f, of bytes with bit 0x20 set. */
const steps = 'fnprmorpmnlroqnlpostsqtuqrrqsntoqlpmlkmokltrlollntllkmqqqquopotp';
/** Of each byte that is not ASCII. */
const beyondAscii = 2 ** -8;

const shares = Float64Array.from({ length: 256 }, (_, byte) => {
  const folded = byte | 0x20;
  if (folded >= 0x80) return beyondAscii;
  return 2 ** ((0x61 - steps.charCodeAt(folded < 0x40 ? folded - 0x20 : folded - 0x40)) / 2);
});

/** Of the bytes with the same lowest three bits. */
const edgeShares = new Float64Array(8);
for (let byte = 0x20; byte < 0x100; byte = (byte + 1) | 0x20) edgeShares[byte & 7] += shares[byte];

/** The share of windows, about, that have these bytes. Of the first and the last the lowest three bits count; undefined = any. */
export function shareOfWindows(first: number | undefined, second: number, third: number, last: number | undefined): number {
  const edges = (first === undefined ? 1 : edgeShares[first & 7]) * (last === undefined ? 1 : edgeShares[last & 7]);
  return edges * shares[second] * shares[third];
}
