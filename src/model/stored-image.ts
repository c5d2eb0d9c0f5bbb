// An image in the local store: what `images` lists, and what a container is made of.
import type { Digest } from './digest.ts';

export interface StoredLayer {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes as stored. */
  readonly size: number;
  readonly mediaType: string;
}

export interface StoredImage {
  /** As docker shows them, such as `app:1`; none when another image has taken the name. */
  readonly names: readonly string[];
  readonly manifestDigest: Digest;
  /** The image ID, as docker prints it. */
  readonly configDigest: Digest;
  /** `os/architecture[/variant]`. */
  readonly platform?: string;
  /** Bytes of its layers as stored, each counted once. */
  readonly size: number;
  /** From the lowest up. */
  readonly layers: readonly StoredLayer[];
  /** How many of its layers another stored image has too. */
  readonly sharedLayers: number;
  /** As the config says. */
  readonly createdAt?: string;
  readonly loadedAt: string;
  /** The image that it was cleaned from: digest of its manifest, of its config where it had none. */
  readonly cleanedFrom?: Digest;
}
