// What the scan of one layer knows: of the layer alone, never of the image. The same blob gives the same LayerScan anywhere.
import type { Digest } from '../model/digest.ts';
import type { Entry } from '../model/entry.ts';
import type { Notice, Skipped } from '../model/report.ts';
import type { Compression } from '../tar/compression.ts';
import type { Sighting } from './kept-sightings.ts';

/** Where in a layer a sighting stands. */
export type LayerOrigin =
  | { readonly kind: 'body' | 'header'; readonly entry: Entry }
  /** Inside of a body: `way` leads to the document in which the position counts. */
  | {
      readonly kind: 'nested';
      readonly entry: Entry;
      readonly way: readonly string[];
      /** Where the document begins in the innermost decoded stream around it, and how long it is; undefined when that cannot be told. */
      readonly base?: { readonly way: readonly string[]; readonly start: number; readonly size?: number };
      /** Decrypted from all of the document at `base`: nothing less of it can be written over. */
      readonly isOfWhole?: true;
      readonly git?: { readonly commit: string; readonly path: string };
    }
  /** `isBeside`: not among the uncompressed bytes, but beside the compressed stream; `offset` counts in that. */
  | { readonly kind: 'stray'; readonly what: string; readonly offset: number; readonly isBeside?: true };

export type LayerSighting = Sighting<LayerOrigin>;

/** A certificate by its public key; `place` is printable. */
export interface LayerCertificate {
  /** SHA-256 of its SubjectPublicKeyInfo in hexadecimal. */
  readonly spki: string;
  readonly subject: string;
  /** The day after which it is not valid; empty when it does not tell. */
  readonly notAfter: string;
  readonly place: string;
}

export interface LayerScan {
  /** Digest of the blob as stored, computed while it streamed. */
  readonly digest: Digest;
  /** Digest of what came out of the decompression, computed too. */
  readonly diffId: Digest;
  readonly size: number;
  readonly compression: Compression;
  /** False when the first block is no tar header: all of it was searched as one text. */
  readonly isTar: boolean;
  /** False when the decompression broke off: then the diffId is that of what came before. */
  readonly isWhole: boolean;
  readonly entries: readonly Entry[];
  readonly sightings: readonly LayerSighting[];
  /** Seen on the way: no findings, but they tell whose a private key is. */
  readonly certificates: readonly LayerCertificate[];
  /** Places are relative to the layer: who reports them says which. */
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  /** Uncompressed bytes that were looked at. */
  readonly bytes: number;
  /** Documents inside of files that were looked at too, and their bytes. */
  readonly inside: { readonly documents: number; readonly bytes: number };
}

/** What a report tells of the way into a file. */
export function insideOf(origin: LayerOrigin): {
  readonly way?: readonly string[];
  readonly git?: { readonly commit: string; readonly path: string };
} {
  if (origin.kind !== 'nested') return {};
  return { way: origin.way, ...(origin.git === undefined ? {} : { git: origin.git }) };
}
