// Writes numbers into the fields of a header block the way they were written there before: digits change, the style of the writer stays.
import { blockSize, hasValidChecksum } from './header.ts';

const zero = 0x30;

/**
 * Writes octal digits over a field, in place. Where the field holds a number already, its width, its leading zeros, spaces or NULs and
 * its terminator stay; else, and where the digits do not fit there, `digits` of them are written, zeros in front and a NUL behind.
 * False, and nothing written, when the value has more octal digits than that.
 */
export function writeOctal(field: Buffer, value: number, digits: number): boolean {
  const octal = value.toString(8);
  const run = digitsOf(field);
  if (run !== undefined && octal.length <= run.end) {
    const isZeroPadded = run.start === 0 || (field[run.start] === zero && run.end - run.start > 1);
    const start = run.end - octal.length;
    if (start > run.start) field.fill(isZeroPadded ? zero : field[run.start - 1], run.start, start);
    field.write(octal, start, 'latin1');
    return true;
  }
  if (octal.length > digits) return false;
  field.write(`${octal.padStart(digits, '0')}\0 `.slice(0, field.length), 0, 'latin1');
  return true;
}

/** Where the octal digits of a field stand; undefined when it has none, or something else. */
function digitsOf(field: Buffer): { readonly start: number; readonly end: number } | undefined {
  const match = /^[ \0]*([0-7]+)(?=[ \0]|$)/.exec(field.toString('latin1'));
  return match === null ? undefined : { start: match[0].length - match[1].length, end: match[0].length };
}

/** Writes a safe integer that is not negative as GNU does what has too many digits: big-endian, the highest bit of the field set. */
export function writeBase256(field: Buffer, value: number): void {
  field.fill(0);
  field[0] = 0x80;
  field.writeBigUInt64BE(BigInt(value), field.length - 8);
}

/** Makes the checksum of a header block right, in place (POSIX: the sum of all bytes, those of its own field counted as spaces). A right one is left alone. */
export function writeChecksum(block: Buffer): void {
  if (hasValidChecksum(block)) return;
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) if (at < 148 || at >= 156) sum += block[at];
  writeOctal(block.subarray(148, 156), sum, 6);
}
