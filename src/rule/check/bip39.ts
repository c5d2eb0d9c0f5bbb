// Recovery phrases of wallets (BIP-39): 12 to 24 words of a list, in the last of which stands a part of a SHA-256. A phrase is the whole wallet.
import { createHash } from 'node:crypto';
import { bip39Words } from './bip39-words.ts';
import { type Check, dropped } from './check.ts';
import { ranked } from './checksum.ts';

const bitsOfWord = 11;
const places: ReadonlyMap<string, number> = new Map(bip39Words.map((word, place) => [word, place]));

/** Prose is dropped, for its words are not of the list; a phrase that programs use in their tests is worth nothing. */
export const bip39: Check = ({ secret }) => {
  const words = secret
    .trim()
    .toLowerCase()
    .split(/[\s,]+/, 25);
  if (![12, 15, 18, 21, 24].includes(words.length)) return dropped;
  const numbers = words.map((word) => places.get(word));
  if (numbers.includes(undefined)) return dropped;
  // "test test ... junk" of development chains, "abandon abandon ... about" of specifications.
  if (new Set(words).size <= words.length / 2) return { keep: true, severity: 'info', confidence: 'low', proved: 'phrase of a test' };
  return ranked(hasSum(numbers as number[]), [`recovery phrase of ${words.length} words`]);
};

/** Of 33 bits, 32 are random and the last is the first of their SHA-256. */
function hasSum(numbers: readonly number[]): boolean {
  const bits = numbers.map((number) => number.toString(2).padStart(bitsOfWord, '0')).join('');
  const random = Math.floor((bits.length * 32) / 33);
  const bytes = Buffer.from((bits.slice(0, random).match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const sum = createHash('sha256').update(bytes).digest()[0]!.toString(2).padStart(8, '0');
  return sum.startsWith(bits.slice(random));
}
