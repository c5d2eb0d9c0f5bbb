// The files of a layout with one image of the store in it alone: opening it costs as much as the image, not as the store.
import { type Blob, blobOf } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { LooseBlob } from '../../model/image.ts';
import type { Members } from '../../store/members.ts';
import { blobName, layoutMark } from '../../store/output-contents.ts';
import type { BlobFolder } from './blob-folder.ts';

export class LoneImageMembers implements Members {
  readonly #blobs: BlobFolder;
  readonly #texts: ReadonlyMap<string, Blob>;
  readonly #digests: ReadonlyMap<string, Digest>;
  readonly isArchive = false;
  readonly skipped = [];
  readonly notices = [];

  /** `digests` are those of the manifest, the config and the layers. */
  constructor(blobs: BlobFolder, index: string, digests: readonly Digest[]) {
    this.#blobs = blobs;
    this.#texts = new Map([
      ['oci-layout', blobOf(Buffer.from(layoutMark))],
      ['index.json', blobOf(Buffer.from(index))],
    ]);
    this.#digests = new Map(digests.map((digest) => [blobName(digest), digest]));
  }

  get names(): readonly string[] {
    return [...this.#texts.keys(), ...this.#digests.keys()];
  }

  has(name: string): boolean {
    return this.#texts.has(name) || this.#digests.has(name);
  }

  async get(name: string): Promise<Blob | undefined> {
    const digest = this.#digests.get(name);
    return digest === undefined ? this.#texts.get(name) : this.#blobs.get(digest);
  }

  async *unused(): AsyncIterable<LooseBlob> {
    // Everything is the image's.
  }

  async close(): Promise<void> {
    // Files are open only while they are read.
  }
}
