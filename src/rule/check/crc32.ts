// Tokens that end in a CRC-32 of what stands before. Half of the tokens in published tests have a wrong one, so the checksum
// ranks and never rejects.
import { crc32 } from 'node:zlib';
import type { Check, Verdict } from './check.ts';

const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function toBase(value: number, base: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / base)) text = base62Digits[rest % base]! + text;
  return text.padStart(length, '0');
}

function ranked(isValid: boolean): Verdict {
  return isValid ? { keep: true, confidence: 'high', proved: 'checksum valid' } : { keep: true, confidence: 'medium', proved: 'checksum not valid' };
}

/** The last 6 characters are the base62 CRC-32 of the characters between the last `_` and them (GitHub, npm, Vercel). */
export const crc32Base62: Check = ({ secret }) => {
  const body = secret.slice(secret.lastIndexOf('_') + 1);
  // GitHub's fine-grained and JWT-like forms carry other checksums: nothing is said of them.
  if (!/^[A-Za-z0-9]{30,62}$/.test(body) || secret.startsWith('github_pat_')) return { keep: true };
  return ranked(toBase(crc32(body.slice(0, -6)), 62, 6) === body.slice(-6));
};

/** The last 8 hexadecimal digits are the CRC-32 of everything before them (Atlassian). */
export const crc32Hex: Check = ({ secret }) => ranked(crc32(secret.slice(0, -8)).toString(16).padStart(8, '0') === secret.slice(-8).toLowerCase());

/** `glsa_` + 32 + `_` + the little-endian CRC-32 of what stands before that `_` (Grafana). */
export const crc32Grafana: Check = ({ secret }) => {
  const body = secret.slice(0, -9);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return /_[0-9a-fA-F]{8}$/.test(secret) ? ranked(sum.toString('hex') === secret.slice(-8).toLowerCase()) : { keep: true };
};

/** The last 7 characters are the base36 CRC-32 of everything before them (GitLab's routable tokens). */
export const crc32Base36: Check = ({ secret }) =>
  /\.[0-9a-z]{2}\.[0-9a-z]{9}$/.test(secret) || /\.[0-9a-z]{9}$/.test(secret)
    ? ranked(toBase(crc32(secret.slice(0, -7)), 36, 7).toLowerCase() === secret.slice(-7))
    : { keep: true };
