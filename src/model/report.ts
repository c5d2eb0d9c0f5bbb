// What a scan says: the one input of every report format and of the judge. Plain data, no secret that does not mask itself.
import type { Digest } from './digest.ts';
import type { Finding } from './finding.ts';
import type { RuleInfo } from './rule.ts';
import type { Severity } from './severity.ts';

/** Why something was not read. */
export type SkipReason =
  | 'unsupported' // a compression or form that cannot be read here
  | 'encrypted'
  | 'damaged' // corrupt, truncated, malformed
  | 'mismatch' // the digest or size is not the one announced
  | 'missing' // named, and not in the archive
  | 'limit' // a named limit was reached
  | 'rule-failed'; // a rule threw or was ended

/** Something that was not read, or not completely. Counted, in every report. */
export interface Skipped {
  readonly reason: SkipReason;
  /** Where: blob, entry and byte offset as far as they apply, escaped and masked. */
  readonly place: string;
  /** One sentence: what was expected, what was there. */
  readonly detail: string;
  /** The limit's name, when `reason` is `limit`. */
  readonly limit?: string;
  readonly image?: number;
}

/** Something odd that was read all the same, such as a media type that contradicts the bytes. */
export interface Notice {
  readonly place: string;
  readonly detail: string;
}

export interface LayerInfo {
  readonly index: number;
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly mediaType: string;
  /** Bytes of the blob as stored. */
  readonly size: number;
  /** The instruction that made it, secrets masked. */
  readonly createdBy?: string;
  readonly inherited?: boolean;
}

export interface ImageInfo {
  /** What to call it: a tag, or the reference that was asked for. */
  readonly name: string;
  readonly tags: readonly string[];
  readonly manifestDigest?: Digest;
  /** Digest of the config: the image ID of docker. */
  readonly configDigest?: Digest;
  /** `os/architecture[/variant]`. */
  readonly platform?: string;
  readonly layers: readonly LayerInfo[];
}

export interface Coverage {
  readonly images: number;
  readonly layers: number;
  readonly entries: number;
  /** Uncompressed bytes that were looked at. */
  readonly bytes: number;
  /** Values of configs, manifests and other metadata that were looked at. */
  readonly documents: number;
  /** What was looked at inside of files: members of archives, decompressed streams, objects of git, contents of key stores. */
  readonly inside: { readonly documents: number; readonly bytes: number };
}

export interface Verdict {
  readonly failOn: Severity;
  /** Findings at or above `failOn` that nothing suppresses. */
  readonly counted: number;
  readonly complete: boolean;
}

export interface Report {
  readonly version: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The reference as the user typed it. */
  readonly reference: string;
  readonly images: readonly ImageInfo[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  readonly coverage: Coverage;
  /** The rules that fired. */
  readonly rules: readonly RuleInfo[];
  readonly verdict: Verdict;
}

/** What the JSON form of a report calls itself, and the version of its schema: a higher one breaks its readers. */
export const reportFormat = 'unbake-report';
export const reportSchemaVersion = 1;

/** Not read because of the state of the image, not by choice: after such a thing a scan is never called clean. */
export function isReadError(skipped: Skipped): boolean {
  switch (skipped.reason) {
    case 'unsupported':
    case 'encrypted':
    case 'damaged':
    case 'mismatch':
    case 'missing':
      return true;
    case 'limit':
    case 'rule-failed':
      return false;
  }
}
