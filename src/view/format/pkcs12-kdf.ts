// The key derivation of PKCS #12 (RFC 7292, appendix B): for its MAC, for its older encryption, and for key stores of Bouncy Castle.
import { hash } from 'node:crypto';

/** What the derived bytes are for (RFC 7292, appendix B.3). */
export type Purpose = 'key' | 'iv' | 'mac';

const purposeByte: Readonly<Record<Purpose, number>> = { key: 1, iv: 2, mac: 3 };

interface HashForm {
  readonly size: number;
  readonly block: number;
}

const forms: Readonly<Record<string, HashForm>> = {
  sha1: { size: 20, block: 64 },
  sha224: { size: 28, block: 64 },
  sha256: { size: 32, block: 64 },
  sha384: { size: 48, block: 128 },
  sha512: { size: 64, block: 128 },
};

/** Longer salts are nobody's. */
const longestSalt = 1024;

/** How a password is written: big-endian UTF-16 and a final NUL (RFC 7292, appendix B.1). */
export function passwordBytes(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16();
}

/** Hashes that the derivation costs. */
export function hashesOf(algorithm: string, iterations: number, length: number): number {
  return iterations * Math.ceil(length / (forms[algorithm]?.size ?? 1));
}

export interface Derivation {
  /** `sha1`, `sha256`, ... */
  readonly algorithm: string;
  readonly salt: Buffer;
  /** The caller bounds them. */
  readonly iterations: number;
}

/** Undefined for a hash that is not known, and for salts and counts that nobody has. `password` is as `passwordBytes` gives it, or empty. */
export function pkcs12Key({ algorithm, salt, iterations }: Derivation, password: Buffer, purpose: Purpose, length: number): Buffer | undefined {
  const form = forms[algorithm];
  if (form === undefined || salt.length > longestSalt || iterations < 1) return undefined;
  const { size, block } = form;
  const diversifier = Buffer.alloc(block, purposeByte[purpose]);
  const input = Buffer.concat([stretched(salt, block), stretched(password, block)]);
  const pieces: Buffer[] = [];
  for (let made = 0; made < length; made += size) {
    let piece = hash(algorithm, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < iterations; round++) piece = hash(algorithm, piece, 'buffer');
    pieces.push(piece);
    const addend = Buffer.alloc(block, piece);
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/** Repeated up to a multiple of the block; nothing stays nothing. */
function stretched(bytes: Buffer, block: number): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let i = target.length - 1; i >= 0; i--) {
    const sum = target[i] + addend[i] + carry;
    target[i] = sum & 0xff;
    carry = sum >> 8;
  }
}
