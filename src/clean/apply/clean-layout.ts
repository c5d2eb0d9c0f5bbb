// The tree of index.json with its images exchanged: indexes are changed where they name what has changed, attachments that are planned
// to go are left out, and what was not chosen too.
import { type Blob, blobOf } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { ManifestLink, ManifestTarget, OpenedStore } from '../../model/image.ts';
import { field, type JsonNode } from '../../model/json.ts';
import { additions, type JsonEdit, removals, replaced } from '../../model/json-edit.ts';
import { type CleanedImage, descriptorEdits, type DocumentEdits, edited, type JsonBlob } from './clean-image.ts';
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
      if (name !== undefined) edits.push(...naming(descriptor, name));
    }
    const manifests = field(document.root, 'manifests');
    if (manifests !== undefined) edits.push(...removals(manifests, (position) => gone.has(position)));
    return edited(document, edits);
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

function naming(descriptor: JsonNode, name: NewName): JsonEdit[] {
  if (descriptor.kind !== 'object') return [];
  const annotations = field(descriptor, 'annotations');
  const wanted = nameAnnotations(name);
  if (annotations === undefined) return additions(descriptor, { annotations: wanted });
  if (annotations.kind !== 'object' || annotations.entries.every(({ key }) => isNameAnnotation(key))) return [replaced(annotations, wanted)];
  return [...removals(annotations, (index) => isNameAnnotation(annotations.entries[index].key)), ...additions(annotations, wanted)];
}
