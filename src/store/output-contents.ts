// Everything that a written image consists of, in whatever form it is written.
import type { Blob } from '../model/blob.ts';
import { type Digest, hexOf } from '../model/digest.ts';

export interface OutputContents {
  /** Every blob that index leads to (layers, configs, manifests, indexes, attached artifacts). One with `path` is a file that may be hard-linked. */
  readonly blobs: ReadonlyMap<Digest, Blob>;
  /** The bytes of index.json. */
  readonly index: Buffer;
  /** For manifest.json of a docker-archive, in order. */
  readonly docker: readonly { readonly config: Digest; readonly tags: readonly string[]; readonly layers: readonly Digest[] }[];
}

/** Where a layout has a blob (image-spec, image-layout.md, "Blobs"). */
export function blobName(digest: Digest): string {
  return `${blobFolder(digest)}/${hexOf(digest)}`;
}

export function blobFolder(digest: Digest): string {
  return `blobs/${digest.slice(0, digest.indexOf(':'))}`;
}

/** In one order always, so that the same contents give the same bytes. */
export function sortedBlobs({ blobs }: Pick<OutputContents, 'blobs'>): [Digest, Blob][] {
  return [...blobs].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The bytes of the file `oci-layout` (image-spec, image-layout.md, "oci-layout file"). */
export const layoutMark = '{"imageLayoutVersion":"1.0.0"}';

/** The bytes of manifest.json, as docker writes it since version 25. */
export function dockerManifestOf({ docker }: Pick<OutputContents, 'docker'>): string {
  return JSON.stringify(
    docker.map(({ config, tags, layers }) => ({ Config: blobName(config), RepoTags: tags.length === 0 ? null : tags, Layers: layers.map(blobName) })),
  );
}
