// Escapes of single characters, and how they are read.
import { hexValue } from './alphabet.ts';

export interface Escaping {
  readonly name: 'percent' | 'backslash';
  /** The character at an index times sixteen, plus the length of the escape; 0 when none stands there. */
  read(bytes: Buffer, at: number): number;
}

/** Percent-encoding of URLs (RFC 3986, section 2.1). */
export const percent: Escaping = {
  name: 'percent',
  read(bytes, at) {
    return bytes[at] === 0x25 ? packed(hexNumber(bytes, at + 1, 2), 3) : 0;
  },
};

const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '/': '/', '\\': '\\' };

/** Escapes of string literals: `\x41`, `\u0041`, `\101`, and the simple ones beside them. */
export const backslash: Escaping = {
  name: 'backslash',
  read(bytes, at) {
    if (bytes[at] !== 0x5c) return 0;
    const kind = bytes[at + 1];
    if (kind === 0x78) return packed(hexNumber(bytes, at + 2, 2), 4);
    if (kind === 0x75) return packed(hexNumber(bytes, at + 2, 4), 6);
    if (isOctal(kind) && kind < 0x34 && isOctal(bytes[at + 2]) && isOctal(bytes[at + 3]))
      return packed(((kind & 7) << 6) | ((bytes[at + 2] & 7) << 3) | (bytes[at + 3] & 7), 4);
    const character = simple[String.fromCharCode(kind)];
    return character === undefined ? 0 : packed(character.charCodeAt(0), 2);
  },
};

function packed(value: number, length: number): number {
  return value < 0 ? 0 : (value << 4) | length;
}

function hexNumber(bytes: Buffer, at: number, digits: number): number {
  if (at + digits > bytes.length) return -1;
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexValue(bytes[i]);
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function isOctal(byte: number): boolean {
  return byte >= 0x30 && byte < 0x38;
}
