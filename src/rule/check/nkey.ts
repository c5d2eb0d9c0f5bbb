// Seeds of NATS: base32 of two bytes that say "seed" and whose, 32 bytes of an Ed25519 seed, and a CRC-16 with the low byte first.
import { decodeBase32 } from './base32.ts';
import type { Check } from './check.ts';
import { ranked } from './checksum.ts';

const owners: Readonly<Record<string, string>> = { A: 'account', C: 'cluster', N: 'server', O: 'operator', U: 'user', X: 'curve' };

export const nkey: Check = ({ secret }) => {
  const bytes = secret.length === 58 ? decodeBase32(secret) : undefined;
  if (bytes === undefined) return { keep: true };
  const owner = owners[secret[1]!.toUpperCase()];
  return ranked(crc16(bytes.subarray(0, -2)) === bytes.readUInt16LE(bytes.length - 2), owner === undefined ? [] : [`seed of a NATS ${owner}`]);
};

/** The polynomial of XMODEM, 0x1021, from 0, the highest bit first. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000) === 0 ? (sum << 1) & 0xffff : ((sum << 1) ^ 0x1021) & 0xffff;
  }
  return sum;
}
