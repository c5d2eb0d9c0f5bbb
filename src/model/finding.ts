// A finding: one secret at one place of an image, with what became of that place and which instruction brought it in.
import type { Confidence, Severity } from './severity.ts';
import type { Digest } from './digest.ts';
import type { Secret } from './secret.ts';

/** Where in a text. Lines and columns count from 1, columns in UTF-16 code units; `offset` and `length` are bytes of the stored text. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly offset: number;
  readonly length: number;
}

/** What holds the secret. Paths are for printing: absolute, decoded and escaped, with secrets in them masked. */
export type Place =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** The way into a file that holds others: the steps behind `!/`. Then the position is that in the innermost document. */
      readonly way?: readonly string[];
      /** Of an object of git: a commit that has it, and its path there. */
      readonly git?: { readonly commit: string; readonly path: string };
      readonly position: Position;
    }
  /** The name, link target, extended attributes or PAX records of an entry; or of a gzip member or zstd frame. */
  | { readonly kind: 'header'; readonly path: string; readonly position: Position }
  /** Bytes that no entry owns: after the end-of-archive marker, between entries, behind a compressed stream. */
  | { readonly kind: 'stray'; readonly what: string; readonly position: Position }
  /** A value of the config, history, manifest, index, an attestation or a legacy file, such as `config.Env[3]`. */
  | { readonly kind: 'metadata'; readonly pointer: string; readonly position: Position };

/** `/app/app.war!/WEB-INF/lib/x.jar!/application.properties`. */
export function wholePath(place: { readonly path: string; readonly way?: readonly string[] }): string {
  return [place.path, ...(place.way ?? [])].join('!/');
}

/** What later layers made of the place. Whatever it says, the secret is in the image and travels with it. */
export type Fate =
  | { readonly kind: 'visible' }
  /** A whiteout of the file or of a directory above it. */
  | { readonly kind: 'deleted'; readonly byLayer: number; readonly byInstruction?: string }
  /** A later entry with the same path, in a later layer or later in the same one. */
  | { readonly kind: 'overwritten'; readonly byLayer: number; readonly byInstruction?: string }
  /** An opaque directory, or a file that replaced a directory above it. */
  | { readonly kind: 'hidden'; readonly byLayer: number; readonly byInstruction?: string }
  /** Never part of the file system: stray bytes, blobs that nothing references. */
  | { readonly kind: 'unreachable'; readonly why: string };

export interface LayerRef {
  /** Index among the layers of the image, from 0, lowest first. */
  readonly index: number;
  /** Digest of the blob as stored. */
  readonly digest: Digest;
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest;
}

export interface Suppression {
  readonly by: 'baseline' | 'ignorefile';
  readonly reason?: string;
}

export interface Finding {
  /** Stable over rebuilds: 16 hex digits of a keyed hash of rule, place and value. */
  readonly fingerprint: string;
  /** The same for every place of the same value within one report, such as `s3`. */
  readonly secretId: string;
  /** Keyed hash of the value alone, for grouping over reports; only when the user gave a key. */
  readonly secretFingerprint?: string;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly secret: Secret;
  readonly alsoRules: readonly string[];
  readonly proved: readonly string[];
  /** How the value was encoded where it stands, outermost first: `base64`, `gunzip`. Undefined where it stands as it is. */
  readonly decoded?: readonly string[];
  readonly place: Place;
  readonly fate: Fate;
  /** Index into `Report.images`; undefined for what stands around the images (index, unreferenced blobs, the archive itself). */
  readonly image?: number;
  readonly layer?: LayerRef;
  /** The instruction that brought it in, secrets masked; undefined when the history does not tell. */
  readonly createdBy?: string;
  /** True when the layer belongs to the base image, undefined when that is not known. */
  readonly inherited?: boolean;
  /** Other names of the same bytes (hard links), each with its own fate. */
  readonly alsoAt: readonly { readonly path: string; readonly fate: Fate }[];
  readonly suppression?: Suppression;
}
