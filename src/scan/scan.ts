// A reference to a report: every distinct layer is scanned once, the layers of each image are merged, and what stands around them is
// searched too. Nothing is judged here.
import { UnbakeError } from '../model/error.ts';
import type { Digest } from '../model/digest.ts';
import type { Finding } from '../model/finding.ts';
import type { Image, OpenedStore } from '../model/image.ts';
import { printable } from '../model/printable.ts';
import { parseReference } from '../model/reference.ts';
import type { Report } from '../model/report.ts';
import { openStore } from '../store/open.ts';
import { assembleFindings } from './assemble.ts';
import { matchedKeys } from './certificates.ts';
import { Gathering } from './gathering.ts';
import { inheritedLayers } from './inherited.ts';
import type { LayerScan } from './layer-scan.ts';
import { mergeLayers } from './merge-layers.ts';
import { relatedKeys } from './related.ts';
import type { ScanOptions } from './scan-options.ts';
import { scanLayers } from './scan-layers.ts';
import { scanLoose } from './scan-loose.ts';
import { scanMetadata } from './scan-metadata.ts';
import type { Trace } from './trace.ts';
import { compressionNotice, mismatches } from './verify-layer.ts';

export type { Progress, ScanOptions } from './scan-options.ts';

/** A report before it is judged, and why there is no image in it, when there is none. */
export interface Scanned {
  readonly report: Omit<Report, 'verdict'>;
  readonly problem?: UnbakeError;
}

/** What a scan knows beyond its report, for whoever changes the image. */
export interface ScannedStore extends Scanned {
  /** By `Layer.key`. */
  readonly layers: ReadonlyMap<string, LayerScan>;
  readonly traces: ReadonlyMap<Finding, Trace>;
  /** Hides every value that was found; for texts that quote the image. */
  readonly mask: (text: string) => string;
  /** Whether a text holds such a value of at least eight characters, as it is or as it would be printed. */
  readonly holdsValue: (text: string) => boolean;
}

/** Throws UnbakeError when the reference leads to no image; what cannot be read of an image is told in the report. */
export async function scan(reference: string, options: ScanOptions): Promise<Scanned> {
  const store = await openStore(parseReference(reference), options);
  try {
    const { report, problem } = await scanStore(store, reference, options);
    return { report, ...(problem === undefined ? {} : { problem }) };
  } finally {
    await store.close();
  }
}

/** The same of a store that is open, and stays open. `reference` is what the report calls it. */
export async function scanStore(store: OpenedStore, reference: string, options: ScanOptions): Promise<ScannedStore> {
  const startedAt = new Date().toISOString();
  const baseDiffIds = options.base === undefined ? undefined : await diffIdsOfBase(options.base, options);
  const { ruleset, limits } = options;
  const gathering = new Gathering();
  gathering.add({ skipped: store.skipped, notices: store.notices });
  gathering.add(await scanMetadata(store.documents, ruleset, limits));

  const { scans, fresh } = await scanLayers(store.images, options);
  const diffIds = new Set([...scans.values()].map((layerScan) => layerScan.diffId));
  const neighbours = store.images.map((image) => ({ image, diffIds: image.layers.map((layer) => scans.get(layer.key)!.diffId) }));
  const told = new Set<LayerScan>();
  const images: Report['images'][number][] = [];
  for (const [index, image] of store.images.entries()) {
    const ofImage = { image: index };
    const inherited = inheritedLayers(image, neighbours[index].diffIds, baseDiffIds, neighbours);
    if (baseDiffIds !== undefined && inherited === undefined) {
      gathering.add({
        notices: [{ place: printable(image.name), detail: `${printable(options.base!)} is not its base: their lowest layers differ` }],
      });
    }
    gathering.add({ skipped: image.skipped }, ofImage);
    gathering.add(await scanMetadata(image.documents, ruleset, limits), ofImage);
    for (const attached of image.attached) gathering.add(await scanLoose(attached, options), ofImage);
    const layers = image.layers.map((layer) => ({ layer, scan: scans.get(layer.key)! }));
    for (const { layer, scan: layerScan } of layers) {
      const within = { ...ofImage, within: `layer ${layer.index} (${layer.name})` };
      // What a layer holds is told once, with its first image; what an image announces of it is told for each.
      if (!told.has(layerScan)) {
        const { skipped, notices, entries, bytes, inside } = layerScan;
        gathering.add({ skipped, notices, entries: entries.length, bytes, inside }, within);
      }
      told.add(layerScan);
      gathering.add({ skipped: mismatches(layer, layerScan), notices: compressionNotice(layer, layerScan) }, within);
    }
    gathering.addPlaced(
      relatedKeys(
        matchedKeys(
          mergeLayers(layers, index, inherited),
          layers.map(({ scan: layerScan }) => layerScan),
        ),
      ),
    );
    images.push(imageInfo(image, layers, inherited));
  }

  for (const blob of store.loose) {
    options.signal?.throwIfAborted();
    gathering.add(await scanLoose(blob, options), { fate: { kind: 'unreachable', why: 'nothing in the image references it' } });
  }
  const { placed, skipped, notices } = gathering;
  // Without an image the search is never complete, whatever was found.
  if (store.problem !== undefined && placed.length > 0) {
    gathering.add({ skipped: [{ reason: 'missing', place: printable(reference), detail: store.problem.message }] });
  }

  const { findings, traces, mask, holdsValue } = assembleFindings(placed, options.fingerprintKey);
  // Not before: only now it is known what must not be written.
  for (const { layer, scan } of fresh) await options.cache?.put(layer, scan, holdsValue);
  const fired = new Set(findings.flatMap((finding) => [finding.ruleId, ...finding.alsoRules]));
  const report = {
    version: options.version,
    startedAt,
    finishedAt: new Date().toISOString(),
    reference,
    images: images.map((image) => ({
      ...image,
      layers: image.layers.map((layer) => (layer.createdBy === undefined ? layer : { ...layer, createdBy: mask(printable(layer.createdBy)) })),
    })),
    findings,
    skipped: skipped.map((item) => ({ ...item, place: mask(item.place), detail: mask(item.detail) })),
    notices: notices.map((item) => ({ place: mask(item.place), detail: mask(item.detail) })),
    coverage: gathering.coverage(images.length, diffIds.size),
    rules: ruleset.rules.filter((rule) => fired.has(rule.id)),
  };
  return { report, layers: scans, traces, mask, holdsValue, ...(store.problem === undefined ? {} : { problem: store.problem }) };
}

function imageInfo(
  image: Image,
  layers: readonly { readonly layer: Image['layers'][number]; readonly scan: LayerScan }[],
  inherited: number | undefined,
): Report['images'][number] {
  return {
    name: image.name,
    tags: image.tags,
    ...(image.manifestDigest === undefined ? {} : { manifestDigest: image.manifestDigest }),
    ...(image.configDigest === undefined ? {} : { configDigest: image.configDigest }),
    ...(image.platform === undefined ? {} : { platform: image.platform }),
    layers: layers.map(({ layer, scan }) => ({
      index: layer.index,
      digest: scan.digest,
      diffId: scan.diffId,
      mediaType: layer.mediaType,
      size: scan.size,
      ...(layer.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
      ...(inherited === undefined ? {} : { inherited: layer.index < inherited }),
    })),
  };
}

/** The diffIds that the base's config announces: none of its layers is read. */
async function diffIdsOfBase(reference: string, options: ScanOptions): Promise<readonly Digest[]> {
  const store = await openStore(parseReference(reference), options);
  try {
    if (store.images.length !== 1) {
      throw new UnbakeError('usage', `--base ${printable(reference)} names ${store.images.length} images`, {
        hint: 'name one of them: docker-archive:PATH:TAG, oci:PATH:TAG, and --platform',
      });
    }
    const diffIds = store.images[0].layers.flatMap((layer) => layer.announced.diffId ?? []);
    if (diffIds.length < store.images[0].layers.length)
      throw new UnbakeError('damaged', `--base ${printable(reference)} has no config that tells the diffIds of its layers`);
    return diffIds;
  } finally {
    await store.close();
  }
}
