// What a checksum inside a token tells. Half of the tokens in published tests have a wrong one, so a checksum ranks and never rejects.
import type { Verdict } from './check.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `also` is what else was read in the token, in a few words and never with the value. */
export function ranked(isValid: boolean, also: readonly string[] = []): Verdict {
  const confidence = isValid ? 'high' : 'medium';
  return { keep: true, confidence, proved: [isValid ? 'checksum valid' : 'checksum not valid', ...also].join(', ') };
}

/** A number in base 2 to 62 with the digits 0-9, A-Z, a-z, filled up with zeros to `length`. */
export function toBase(value: number, base: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / base)) text = digits[rest % base]! + text;
  return text.padStart(length, '0');
}

/** Four bytes, the lowest first. */
export function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
