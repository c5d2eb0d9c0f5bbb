// The tree of index.json with its images exchanged: indexes are changed where they name what has changed, attachments that are planned
// to go are left out, and what was not chosen too.
import { type Blob, blobOf } from '../../model/blob.ts';
import { cleanedFromAnnotation } from '../../model/cleaned-from.ts';
import type { Digest } from '../../model/digest.ts';
import type { ManifestLink, ManifestTarget, OpenedStore } from '../../model/image.ts';
import { field } from '../../model/json.ts';
import { type JsonEdit, removals } from '../../model/json-edit.ts';
import { annotationEdits } from './annotations.ts';
import { type CleanedImage, cleanedFromOf, descriptorEdits, type DocumentEdits, edited, type JsonBlob } from './clean-image.ts';
import { isNameAnnotation, type NewName, nameAnnotations } from './image-names.ts';

export interface CleanLayout {
  /** The bytes of index.json. */
  readonly index: Buffer;
  /** Indexes, manifests of attachments and their blobs, by digest: all that the tree leads to beside the images. */
  readonly blobs: ReadonlyMap<Digest, Blob>;
}

export interface LayoutRequest {
  /** By the digest of the manifest they come from. */
  readonly images: ReadonlyMap<string, CleanedImage>;
  /** Manifests that are not carried over. */
  readonly gone: ReadonlySet<string>;
  readonly editsOf: DocumentEdits;
  /** The one name of the result, when it gets a new one. */
  readonly name?: NewName;
}

export function cleanLayout({ index, links }: NonNullable<OpenedStore['layout']>, request: LayoutRequest): CleanLayout {
  const walk = new LayoutRewriting(request);
  const { bytes } = walk.index(index, links, request.name);
  return { index: bytes, blobs: walk.blobs };
}

class LayoutRewriting {
  readonly blobs = new Map<Digest, Blob>();
  readonly #request: LayoutRequest;
  readonly #known = new Map<ManifestTarget, JsonBlob | 'gone'>();

  constructor(request: LayoutRequest) {
    this.#request = request;
  }

  index(document: (ManifestTarget & { kind: 'index' })['document'], links: readonly ManifestLink[], name?: NewName): JsonBlob {
    const edits: JsonEdit[] = [...this.#request.editsOf(document)];
    const gone = new Set<number>();
    const seen = new Set<ManifestTarget | undefined>();
    for (const [position, { descriptor, target }] of links.entries()) {
      const result = target === undefined ? undefined : this.#target(target);
      // Under one new name an image stands once.
      if (result === 'gone' || (name !== undefined && seen.has(target))) {
        gone.add(position);
        continue;
      }
      seen.add(target);
      if (result !== undefined) edits.push(...descriptorEdits(descriptor, { digest: result.digest, size: result.bytes.length }));
      const origin = this.#originOf(target);
      edits.push(
        ...annotationEdits(
          descriptor,
          { ...(name && nameAnnotations(name)), ...(origin && { [cleanedFromAnnotation]: origin }) },
          (key) => name !== undefined && isNameAnnotation(key),
        ),
      );
    }
    const manifests = field(document.root, 'manifests');
    if (manifests !== undefined) edits.push(...removals(manifests, (position) => gone.has(position)));
    return edited(document, edits);
  }

  /** What the image of this descriptor was cleaned from, when that is to be written there: beside the image, so that its own digest stays. */
  #originOf(target: ManifestTarget | undefined): Digest | undefined {
    const cleaned = target?.kind === 'image' ? this.#request.images.get(target.document.digest) : undefined;
    const origin = cleaned && cleanedFromOf(cleaned);
    return origin === cleaned?.image.cleanedFrom ? undefined : origin;
  }

  /** What a manifest or index has become; a tree without images is gone. */
  #target(target: ManifestTarget): JsonBlob | 'gone' {
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    const result = this.#rewritten(target);
    this.#known.set(target, result);
    if (result !== 'gone') this.blobs.set(result.digest, blobOf(result.bytes));
    return result;
  }

  #rewritten(target: ManifestTarget): JsonBlob | 'gone' {
    const { digest, bytes } = target.document;
    if (this.#request.gone.has(digest)) return 'gone';
    switch (target.kind) {
      case 'image':
        return this.#request.images.get(digest)?.manifest ?? 'gone';
      case 'index':
        return target.links.every((link) => link.target !== undefined && this.#target(link.target) === 'gone')
          ? 'gone'
          : this.index(target.document, target.links);
      case 'attached':
        for (const { blob, digest: ofBlob } of target.blobs) this.blobs.set(ofBlob, blob);
        return { bytes: Buffer.from(bytes), digest };
    }
  }
}
