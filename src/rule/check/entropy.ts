// How random the characters look: Shannon entropy in bits a character. `entropy:3.5` drops what has less.
import { type Check, dropped, kept } from './check.ts';

export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

export const entropy: Check = ({ secret }, argument) => (entropyOf(secret) >= Number(argument || 3) ? kept : dropped);
