// Each written image beside the one it comes from: the same layers in the same places but for those that were to be changed, and
// config and manifest with nothing else in them.
import { printable } from '../../model/printable.ts';
import type { OpenedStore } from '../../model/image.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';
import { type CleanedImage, cleanedFromOf } from '../apply/clean-image.ts';
import { documentProblems } from './compare-documents.ts';
import type { Planned } from '../plan/planned.ts';
import type { TouchedLayer } from '../apply/touched-layer.ts';

export interface ImageComparison {
  readonly images: readonly CleanedImage[];
  /** The scans of the old layers and of the written ones, by `Layer.key` of each. */
  readonly before: ReadonlyMap<string, LayerScan>;
  readonly after: ReadonlyMap<string, LayerScan>;
  readonly touched: ReadonlyMap<string, TouchedLayer>;
  readonly planned: readonly Planned[];
  readonly mask: (text: string) => string;
}

/** What is wrong with the images of `written`, a sentence each. */
export function imageProblems(written: Pick<OpenedStore, 'images'>, comparison: ImageComparison): readonly string[] {
  const byManifest = new Map(written.images.map((image) => [image.manifestDigest as string | undefined, image]));
  return comparison.images.flatMap((cleaned) => {
    const now = byManifest.get(cleaned.manifest.digest);
    // That an image is missing is told with the digests.
    if (now === undefined) return [];
    return [...layerProblems(cleaned, now, comparison), ...metadataProblems(cleaned, now, comparison), ...originProblems(cleaned, now)];
  });
}

/** What the descriptor of the written image says of where it comes from. */
function originProblems(cleaned: CleanedImage, { cleanedFrom }: WrittenImage): readonly string[] {
  const should = cleanedFromOf(cleaned);
  if (cleanedFrom === should) return [];
  return [
    `${printable(cleaned.image.name)} should be marked as cleaned from ${should ?? 'nothing'}, and is marked as cleaned from ${cleanedFrom ?? 'nothing'}`,
  ];
}

type WrittenImage = OpenedStore['images'][number];

function layerProblems({ image }: CleanedImage, now: WrittenImage, { before, after, touched }: ImageComparison): readonly string[] {
  if (image.layers.length !== now.layers.length) return [`${printable(image.name)} had ${image.layers.length} layers and has ${now.layers.length}`];
  return image.layers.flatMap(({ key, index }, position) => {
    const should = touched.get(key)?.result.diffId ?? before.get(key)!.diffId;
    const is = after.get(now.layers[position].key)!.diffId;
    return should === is ? [] : [`layer ${index} of ${printable(image.name)} should hold ${should} and holds ${is}`];
  });
}

function metadataProblems({ image }: CleanedImage, now: WrittenImage, { planned, mask }: ImageComparison): readonly string[] {
  return ['config', 'manifest'].flatMap((name) => {
    const old = image.documents.find((document) => document.name === name);
    const written = now.documents.find((document) => document.name === name);
    // A manifest may be new: archives of docker had none.
    if (old === undefined) return [];
    if (written === undefined) return [`the ${name} of ${printable(image.name)} is missing`];
    const treatments = new Map(
      planned.flatMap((step) =>
        step.kind === 'metadata' && step.step.document === old.digest ? [[step.step.pointer, step.step.treatment] as const] : [],
      ),
    );
    return documentProblems(old, written, (pointer) => (treatments.size === 0 ? undefined : treatments.get(mask(pointer))));
  });
}
