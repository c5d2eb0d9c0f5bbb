// An image as a store gives it: an ordered list of layers, and the metadata that says what they are. Nothing is read yet.
import type { Blob } from './blob.ts';
import type { Digest } from './digest.ts';
import type { UnbakeError } from './error.ts';
import type { JsonNode } from './json.ts';
import type { Notice, Skipped } from './report.ts';

export interface Layer {
  readonly blob: Blob;
  /** Same key, same bytes: such layers are scanned once. */
  readonly key: string;
  /** How messages call it: the digest, or the name in the archive. */
  readonly name: string;
  readonly mediaType: string;
  /** What the manifest and the config announce; the scan computes the true ones. */
  readonly announced: { readonly digest?: Digest; readonly size?: number; readonly diffId?: Digest };
  /** The instruction that made it, when the history tells. */
  readonly createdBy?: string;
}

/** JSON around the layers, searched string by string. */
export interface MetadataDocument {
  /** What its pointers begin with, such as `config`. */
  readonly name: string;
  readonly root: JsonNode;
  /** The text that `root` was parsed from, and its digest. */
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** A blob that is no layer of a selected image: searched as whatever it is. */
export interface LooseBlob {
  readonly name: string;
  readonly blob: Blob;
  /** Never to be taken for an archive: pieces of one. */
  readonly isFragment?: true;
}

export interface Image {
  readonly name: string;
  readonly tags: readonly string[];
  readonly manifestDigest?: Digest;
  readonly configDigest?: Digest;
  readonly platform?: string;
  /** A layer that cannot be had is left out here and told in `skipped`; `index` keeps its place. */
  readonly layers: readonly (Layer & { readonly index: number })[];
  readonly documents: readonly MetadataDocument[];
  readonly attached: readonly LooseBlob[];
  /** What `org.opencontainers.image.base.*` says. */
  readonly base?: { readonly digest?: string; readonly name?: string };
  /** What it was cleaned from, as its descriptor says. */
  readonly cleanedFrom?: Digest;
  readonly skipped: readonly Skipped[];
}

/** A descriptor of an index, and what it leads to; undefined: that could not be read. */
export interface ManifestLink {
  readonly descriptor: JsonNode;
  readonly target: ManifestTarget | undefined;
}

/** A manifest or index as it stands in a layout. */
export type ManifestTarget =
  | { readonly kind: 'index'; readonly document: MetadataDocument; readonly links: readonly ManifestLink[] }
  /** The image whose `manifestDigest` is the digest of the document. */
  | { readonly kind: 'image'; readonly document: MetadataDocument }
  /** An attestation, signature or referrer, about the manifest `subject`; or an artifact of its own. */
  | {
      readonly kind: 'attached';
      readonly document: MetadataDocument;
      readonly subject: string | undefined;
      readonly blobs: readonly (LooseBlob & { readonly digest: Digest })[];
    };

export type StoreForm = 'docker-archive' | 'oci-archive' | 'oci';

/** What a reference leads to. `close` gives files back. */
export interface OpenedStore {
  readonly form: StoreForm;
  readonly images: readonly Image[];
  /** How many images there are that were not asked for. */
  readonly unchosen: number;
  /** The tree below `index.json`, when there is one. */
  readonly layout?: { readonly index: MetadataDocument; readonly links: readonly ManifestLink[] };
  /** Metadata that belongs to no single image: indexes, the legacy files of an archive. */
  readonly documents: readonly MetadataDocument[];
  /** What nothing references, and bytes of the archive that belong to no member. */
  readonly loose: readonly LooseBlob[];
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  /** Why there is no image, when there is none and all the same something to search. */
  readonly problem?: UnbakeError;
  close(): Promise<void>;
}
