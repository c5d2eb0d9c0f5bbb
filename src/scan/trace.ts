// The way back from a finding to the bytes it was found in: for whoever removes it.
import type { MetadataDocument } from '../model/image.ts';
import type { LayerSighting } from './layer-scan.ts';

export type Trace =
  /** `key` is that of the layer (`Layer.key`). */
  | { readonly kind: 'layer'; readonly key: string; readonly sighting: LayerSighting }
  /** `pointer` is neither masked nor escaped; `!base64` and `!json` stand where a string was unpacked. */
  | { readonly kind: 'metadata'; readonly document: MetadataDocument; readonly pointer: string }
  /** A blob that is no layer, by its name in the store. */
  | { readonly kind: 'loose'; readonly name: string };
