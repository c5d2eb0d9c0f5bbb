// Tokens that end in a CRC-32 of what stands before.
import { crc32 } from 'node:zlib';
import type { Check } from './check.ts';
import { littleEndian, ranked, toBase } from './checksum.ts';

/** The last 6 characters are the base62 CRC-32 of the characters between the last `_` and them (GitHub, npm, Vercel). */
export const crc32Base62: Check = ({ secret }) => {
  const body = secret.slice(secret.lastIndexOf('_') + 1);
  // GitHub's fine-grained and JWT-like forms carry other checksums: nothing is said of them.
  if (!/^[A-Za-z0-9]{30,62}$/.test(body) || secret.startsWith('github_pat_')) return { keep: true };
  return ranked(toBase(crc32(body.slice(0, -6)), 62, 6) === body.slice(-6));
};

/**
 * The last 8 hexadecimal digits are the CRC-32 of everything before them (Atlassian). With `crc32-hex:body`, of what stands
 * between the prefix that ends in `_` and them, without a `_` before them (Cloudflare, Zuplo).
 */
export const crc32Hex: Check = ({ secret }, argument) => {
  const before = secret.slice(0, -8);
  const body = argument === 'body' ? before.slice(before.indexOf('_') + 1).replace(/_$/, '') : before;
  // Other forms of the same providers carry none.
  if (argument === 'body' && !/^[A-Za-z]{2,12}_(?:[A-Za-z0-9]{40}|[A-Za-z0-9]{32}_)[A-Za-z0-9]{8}$/.test(secret)) return { keep: true };
  return ranked(crc32(body).toString(16).padStart(8, '0') === secret.slice(-8).toLowerCase());
};

/** `glsa_` + 32 + `_` + the little-endian CRC-32 of what stands before that `_` (Grafana). */
export const crc32Grafana: Check = ({ secret }) =>
  /_[0-9a-fA-F]{8}$/.test(secret)
    ? ranked(littleEndian(crc32(secret.slice(0, -9))).toString('hex') === secret.slice(-8).toLowerCase())
    : { keep: true };

/** The last 7 characters are the base36 CRC-32 of everything before them (GitLab's routable tokens). */
export const crc32Base36: Check = ({ secret }) =>
  /\.[0-9a-z]{2}\.[0-9a-z]{9}$/.test(secret) || /\.[0-9a-z]{9}$/.test(secret)
    ? ranked(toBase(crc32(secret.slice(0, -7)), 36, 7).toLowerCase() === secret.slice(-7))
    : { keep: true };

/** The last 6 characters are the base64 of the little-endian CRC-32 of those between a prefix of 4 and them (Confluent). */
export const crc32Base64: Check = ({ secret }) =>
  ranked(
    littleEndian(crc32(secret.slice(4, -6)))
      .toString('base64')
      .slice(0, 6) === secret.slice(-6),
  );
