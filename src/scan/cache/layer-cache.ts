// Scans of layers on disk, by the digest of the blob: another image with the same layer does not have it scanned again. Why not by the
// diffId, for all compressions at once: docs/decisions/0029-known-layers-are-not-read.md.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Layer } from '../../model/image.ts';
import type { LayerScan } from '../layer-scan.ts';
import type { CacheFolder } from './cache-folder.ts';
import { cacheKey, type ScanTerms } from './cache-key.ts';
import { claimedDigest } from './claimed-digest.ts';
import { fromKept, type KeptLayer, mayBeKept, toKept } from './kept-layer.ts';
import type { LayerScanCache } from './layer-scan-cache.ts';
import { keyOf, seal, unseal } from './sealed.ts';

/** To be counted up with every change of what is written. */
const form = 1;
/** A million entries take a quarter of it. */
const maxOutputLength = 512 * 2 ** 20;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Reads 8 KiB of a layer's blob, and no more, to open what was kept of it. */
export function layerCache(folder: CacheFolder, terms: ScanTerms): LayerScanCache {
  return {
    async get(layer) {
      const digest = claimedDigest(layer);
      if (digest === undefined) return undefined;
      const sealed = await folder.read('layer', cacheKey(form, [digest], terms));
      if (sealed === undefined) return undefined;
      try {
        const text = await decompress(unseal(sealed, await keyOf(digest, layer.blob)), { maxOutputLength });
        const scan = fromKept(JSON.parse(text.toString()) as KeptLayer);
        return scan.digest === digest ? scan : undefined;
      } catch {
        // Sealed for other bytes, or not by us: the layer is scanned.
        return undefined;
      }
    },
    async put(layer: Layer, scan: LayerScan, holdsValue) {
      const digest = claimedDigest(layer);
      if (digest === undefined || digest !== scan.digest || !mayBeKept(scan, holdsValue)) return;
      try {
        const text = Buffer.from(JSON.stringify(toKept(scan, terms.fingerprintKey)));
        if (text.length > maxOutputLength) return;
        await folder.write('layer', cacheKey(form, [digest], terms), seal(await compress(text), await keyOf(digest, layer.blob)));
      } catch {
        // A blob that cannot be read any more: the scan of it is done, and is not kept.
      }
    },
  };
}
