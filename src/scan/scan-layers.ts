// Every distinct layer of the images once: from an earlier run where its scan is known, otherwise by reading it.
import type { Image, Layer } from '../model/image.ts';
import { knownScan } from './known-scan.ts';
import type { LayerScan } from './layer-scan.ts';
import type { ScanOptions } from './scan-options.ts';
import { scanLayer } from './scan-layer.ts';

/** By `Layer.key`; `fresh` are those that were read. */
export async function scanLayers(
  images: readonly Image[],
  options: ScanOptions,
): Promise<{ readonly scans: ReadonlyMap<string, LayerScan>; readonly fresh: readonly { readonly layer: Layer; readonly scan: LayerScan }[] }> {
  const distinct = new Map<string, Layer>();
  for (const layer of images.flatMap((image) => image.layers)) if (!distinct.has(layer.key)) distinct.set(layer.key, layer);
  const scans = new Map<string, LayerScan>();
  const fresh: { layer: Layer; scan: LayerScan }[] = [];
  for (const [key, layer] of distinct) {
    const progress = { layer: layer.name, number: scans.size + 1, of: distinct.size, size: layer.blob.size };
    const onProgress = options.onLayer === undefined ? {} : { onProgress: (read: number) => options.onLayer!({ ...progress, read, isDone: false }) };
    let scan = await knownScan(layer, options);
    if (scan === undefined) {
      scan = await scanLayer(layer.blob, {
        ruleset: options.ruleset,
        limits: options.limits,
        algorithm: layer.announced.digest?.startsWith('sha512:') ? 'sha512' : 'sha256',
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...onProgress,
      });
      fresh.push({ layer, scan });
    }
    scans.set(key, scan);
    options.onLayer?.({ ...progress, read: layer.blob.size, isDone: true });
  }
  return { scans, fresh };
}
