// What a regular expression cannot say is said by the name of a check: a small pure function over one candidate.
import type { Confidence, Severity } from '../../model/severity.ts';

export interface Candidate {
  /** The secret's own characters: `text.slice(start, end)`. */
  readonly secret: string;
  /** The named groups of the pattern. */
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** Where the whole match begins. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** The path in the image, or the pseudo path of metadata. */
  readonly name: string;
}

export interface Verdict {
  readonly keep: boolean;
  /** Replaces the rule's own; undefined leaves it. */
  readonly confidence?: Confidence;
  readonly severity?: Severity;
  /** What was proved, in a few words, never with the value. */
  readonly proved?: string;
  /** Of a private key: the SHA-256 of its SubjectPublicKeyInfo in hexadecimal, by which its certificate is found. No secret. */
  readonly publicKey?: string;
}

/** `argument` is what stands behind the colon in the rule, or empty. Never throws, whatever the candidate. */
export type Check = (candidate: Candidate, argument: string) => Verdict;

export const kept: Verdict = { keep: true };
export const dropped: Verdict = { keep: false };
