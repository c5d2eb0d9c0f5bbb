// Bech32 (BIP-173): a readable prefix, `1`, and base32 with 6 characters of a code at the end that finds errors of up to four characters.
import type { Check } from './check.ts';
import { ranked } from './checksum.ts';

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
/** Far beyond the 90 of BIP-173, which age does not keep to. */
const longest = 1000;

/** Whether the sum at the end is right; false for what is no bech32 at all, such as one in mixed case. */
export function isBech32(text: string): boolean {
  if (text.length > longest || (text !== text.toLowerCase() && text !== text.toUpperCase())) return false;
  const lower = text.toLowerCase();
  const split = lower.lastIndexOf('1');
  if (split < 1 || lower.length - split < 7) return false;
  const prefix = Array.from(lower.slice(0, split), (character) => character.charCodeAt(0));
  if (prefix.some((code) => code < 33 || code > 126)) return false;
  const data = Array.from(lower.slice(split + 1), (character) => alphabet.indexOf(character));
  return !data.includes(-1) && remainder([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) === 1;
}

/** BIP-173, section "Checksum". */
function remainder(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if (((top >> bit) & 1) === 1) sum ^= generator;
  }
  return sum;
}

/** age identities, Nostr keys. */
export const bech32: Check = ({ secret }) => ranked(isBech32(secret));
