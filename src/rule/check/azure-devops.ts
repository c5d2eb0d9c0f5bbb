// The older token of Azure DevOps: 52 characters of base32. Of its 32 bytes four are the CRC-32 of the others, hidden among them;
// the newer one is a key as azure-key.ts reads them.
import { crc32 } from 'node:zlib';
import { azureKey } from './azure-key.ts';
import { decodeBase32 } from './base32.ts';
import type { Check } from './check.ts';
import { ranked } from './checksum.ts';

/** Where the sum stands, its highest byte first. */
const sumAt = [2, 7, 8, 22] as const;
/** What the sum was combined with: tokens of users, and of applications. */
const marks = [0xe0b9692d, 0x1019f92e] as const;

export const azureDevops: Check = (candidate, argument) => {
  const { secret } = candidate;
  if (secret.length !== 52) return azureKey(candidate, argument);
  const bytes = decodeBase32(secret);
  if (bytes === undefined) return { keep: true };
  const sum = Buffer.from(sumAt.map((at) => bytes[at]!)).readUInt32BE(0);
  const rest = Buffer.from(bytes.filter((_byte, at) => !sumAt.some((place) => place === at)));
  return ranked(marks.some((mark) => (crc32(rest) ^ mark) >>> 0 === sum));
};
