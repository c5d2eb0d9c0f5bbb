// What cleaning took out of images, as it goes into a vault, and the files that a vault is made of.
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { Secret } from '../../model/secret.ts';

export interface VaultImage {
  readonly name: string;
  readonly platform?: string;
  /** Of manifests; of the config where the old image had no manifest. */
  readonly oldDigest: Digest;
  readonly newDigest: Digest;
  /** What it is still known by where an engine writes another manifest for it. */
  readonly newConfigDigest: Digest;
}

export interface VaultFile {
  /** Normalised path in the image, latin1 bytes as in `Entry.path`. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly size: number;
  readonly body: Blob;
  /** Where it was, in the image that was cleaned: index of the layer from 0, the lowest, and the layer's digest. */
  readonly layer: number;
  readonly layerDigest: Digest;
  /** What cleaning did to it. */
  readonly treatment: 'drop' | 'empty' | 'redact' | 'rewrite';
  /** The running container saw it: only such files are put back. One that a later layer had deleted is kept and not mounted. */
  readonly isVisible: boolean;
  /** Indices into `VaultContents.images`. */
  readonly images: readonly number[];
}

export interface VaultVariable {
  readonly name: string;
  /** The whole value of the variable, as text; stored as UTF-8. */
  readonly value: Secret;
  /** Indices into `VaultContents.images`. */
  readonly images: readonly number[];
}

export interface VaultContents {
  readonly images: readonly VaultImage[];
  readonly files: readonly VaultFile[];
  /** In the order of the images' configs. */
  readonly variables: readonly VaultVariable[];
  /** Of unbake. */
  readonly version: string;
}

/** Bytes that are made while they are read: each call gives other ones of the same meaning, and their number is not known before. */
export type MadeBytes = () => AsyncIterable<Uint8Array>;

export interface VaultMember {
  /** Path inside the vault: letters, digits, `.`, `_`, `-`, and `/` behind `files` and `variables`. */
  readonly name: string;
  /** Text is to be written as UTF-8. */
  readonly content: Blob | string | MadeBytes;
  readonly mode: number;
}
