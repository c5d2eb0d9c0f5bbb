// What a scan wants of a cache of layer scans: `layer-cache.ts` keeps them on disk.
import type { Layer } from '../../model/image.ts';
import type { LayerScan } from '../layer-scan.ts';

export interface LayerScanCache {
  /** The scan of the blob that the layer announces, its secrets without values; undefined: it is not there, or cannot be used. */
  get(layer: Layer): Promise<LayerScan | undefined>;
  /** Keeps it, if it may be kept. `holdsValue` tells whether a text holds a secret, and so must not be written. */
  put(layer: Layer, scan: LayerScan, holdsValue: (text: string) => boolean): Promise<void>;
}
