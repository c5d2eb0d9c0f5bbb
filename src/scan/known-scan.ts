// The scan of a layer that was made before: in this run, or in an earlier one.
import { hashFor, hexOf } from '../model/digest.ts';
import type { Layer } from '../model/image.ts';
import { claimedDigest } from './cache/claimed-digest.ts';
import type { LayerScan } from './layer-scan.ts';
import type { ScanOptions } from './scan-options.ts';

/** The scan of the same bytes, when there is one: whether they are the same, their digest tells. */
export async function knownScan(layer: Layer, { known, cache, isVerified, signal }: ScanOptions): Promise<LayerScan | undefined> {
  const { blob } = layer;
  const digest = claimedDigest(layer);
  const scan = digest === undefined ? undefined : (known?.get(digest) ?? (await cache?.get(layer)));
  if (digest === undefined || scan === undefined || isVerified === true) return scan;
  const hash = hashFor(digest);
  for await (const chunk of blob.open()) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex') === hexOf(digest) ? scan : undefined;
}
