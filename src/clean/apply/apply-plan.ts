// Carries out the steps: layers are rewritten, configs, manifests and indexes follow. The source is only read.
import type { Blob } from '../../model/blob.ts';
import { type Digest, digestOf } from '../../model/digest.ts';
import type { MetadataDocument, OpenedStore } from '../../model/image.ts';
import type { JsonEdit } from '../../model/json-edit.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import type { OutputContents } from '../../store/output-contents.ts';
import { type CleanedImage, cleanImage, type CleanLayer } from './clean-image.ts';
import type { NewName } from './image-names.ts';
import { layerEdits } from './layer-edits.ts';
import type { MadePlan } from '../plan/make-plan.ts';
import type { RemovedVariable } from '../plan/metadata-cleaner.ts';
import type { Planned, PlannedMetadata } from '../plan/planned.ts';
import { rewriteLayer, type RewriteOptions } from './rewrite-layer.ts';
import type { TouchedLayer } from './touched-layer.ts';
import { documentsOf, outputContents } from './write-images.ts';

export interface Applied {
  readonly contents: OutputContents;
  /** The images that are carried over. */
  readonly images: readonly CleanedImage[];
  readonly touched: ReadonlyMap<string, TouchedLayer>;
  /** By the digest of the config that they were in. */
  readonly variables: ReadonlyMap<string, readonly RemovedVariable[]>;
  /** Of all documents that were written. */
  readonly documents: ReadonlySet<Digest>;
}

export interface ApplyOptions extends RewriteOptions {
  readonly name?: NewName;
  readonly isDockerArchive: boolean;
}

export async function applyPlan(
  store: OpenedStore,
  { layers, mask }: ScannedStore,
  { cleaner }: MadePlan,
  planned: readonly Planned[],
  options: ApplyOptions,
): Promise<Applied> {
  const blobs = blobsByKey(store);
  const touched = new Map<string, TouchedLayer>();
  const results = new Map<string, CleanLayer>();
  for (const [key, scan] of layers) {
    const source = blobs.get(key)!;
    const edits = layerEdits(key, planned, scan.bytes);
    const isRewritten = edits.edits.length > 0 || planned.some((step) => step.kind === 'compression' && step.key === key);
    if (!isRewritten) {
      results.set(key, { blob: source, digest: scan.digest, diffId: scan.diffId, compression: scan.compression, isRewritten });
      continue;
    }
    const result = await rewriteLayer(source, edits.edits, scan.compression, options);
    touched.set(key, { key, source, scan, edits, result });
    results.set(key, { ...result, isRewritten });
  }

  const steps = planned.filter((step): step is PlannedMetadata => step.kind === 'metadata');
  const variables = new Map<string, readonly RemovedVariable[]>();
  const editsOf = (document: MetadataDocument): readonly JsonEdit[] => {
    const { edits, variables: removed } = cleaner.edits(document, steps, mask);
    if (removed.length > 0) variables.set(document.digest, removed);
    return edits;
  };
  const gone = new Set<string>(planned.flatMap((step) => (step.kind === 'attached' ? [step.step.digest] : [])));
  const images = store.images.map((image) => cleanImage(image, (key) => results.get(key)!, editsOf));
  const contents = outputContents(store, { images, gone, editsOf, ...options });
  return { contents, images, touched, variables, documents: documentsOf(contents, images, digestOf(contents.index)) };
}

function blobsByKey({ images }: OpenedStore): ReadonlyMap<string, Blob> {
  return new Map(images.flatMap(({ layers }) => layers.map(({ key, blob }) => [key, blob] as const)));
}
