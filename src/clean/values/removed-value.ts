// A value that is to leave the image. A telling one is searched for in every byte and every encoding; one that could as well be a word
// (`admin1`), or is no more than a guess of a rule, is removed only where a rule found it: elsewhere it may mean something else.
import type { Finding } from '../../model/finding.ts';
import type { Secret } from '../../model/secret.ts';
import type { Span } from '../../model/span.ts';
import { type EncodedValue, encodedForms } from './encodings.ts';

export interface RemovedValue {
  /** As in the report of the scan: `s3`. */
  readonly id: string;
  readonly secret: Secret;
  /** Fingerprints of the findings that have this value. */
  readonly findings: readonly string[];
  readonly ruleIds: readonly string[];
  /** Looked for everywhere, not only where it was found. */
  readonly isTelling: boolean;
  /** All findings of it are of low confidence. */
  readonly isGuess: boolean;
}

const shortestTelling = 8;
/** Bits of Shannon entropy of the whole value: a random token of 12 characters has about 40, eight different characters have 24. */
const leastBits = 28;
const leastBitsOfMixed = 24;

const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u];

/** One for each distinct value of the findings, in their order. */
export function removedValues(findings: readonly Finding[]): readonly RemovedValue[] {
  const byId = new Map<string, Finding[]>();
  for (const finding of findings) {
    const same = byId.get(finding.secretId);
    if (same === undefined) byId.set(finding.secretId, [finding]);
    else same.push(finding);
  }
  return [...byId].map(([id, all]) => ({
    id,
    isGuess: isGuess(all),
    secret: all[0].secret,
    findings: [...new Set(all.map(({ fingerprint }) => fingerprint))],
    ruleIds: [...new Set(all.flatMap(({ ruleId, alsoRules }) => [ruleId, ...alsoRules]))],
    isTelling: !isGuess(all) && isTelling(all[0].secret.reveal()),
  }));
}

function isGuess(findings: readonly Finding[]): boolean {
  return findings.every(({ confidence }) => confidence === 'low');
}

/** False of what could stand in a text by chance: short values, words with a number behind them. */
export function isTelling(value: string): boolean {
  if (Buffer.byteLength(value) < shortestTelling) return false;
  if (value.length < 16 && /^[\p{L}_-]+[\d!@#$%.]{0,4}$/u.test(value) && !/\p{Ll}\p{Lu}.*\p{Ll}\p{Lu}/u.test(value)) return false;
  // A password of the shortest kind that people are asked for.
  const isMixed = classes.filter((some) => some.test(value)).length >= 3;
  return bitsOf(value) >= (isMixed ? leastBitsOfMixed : leastBits);
}

/** The forms to look for when a value is telling, or where it is known to stand. */
export function formsOfValue({ secret }: RemovedValue): readonly EncodedValue[] {
  return encodedForms(secret.reveal());
}

/** The value as it is written in UTF-8. */
export function plainBytes({ secret }: RemovedValue): Buffer {
  return Buffer.from(secret.reveal());
}

/** Where the value stands as it is, however short it may be. */
export function plainRanges(value: RemovedValue, bytes: Buffer): readonly Span[] {
  const needle = plainBytes(value);
  const ranges: Span[] = [];
  for (let start = bytes.indexOf(needle); start >= 0; start = bytes.indexOf(needle, start + needle.length))
    ranges.push({ start, end: start + needle.length });
  return ranges;
}

function bitsOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / value.length);
  return bits;
}
