// A layer that was changed: what was planned for it, and what came of it.
import type { Blob } from '../../model/blob.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';
import type { LayerEdits } from './layer-edits.ts';
import type { RewrittenLayer } from './rewrite-layer.ts';

export interface TouchedLayer {
  readonly key: string;
  readonly source: Blob;
  readonly scan: LayerScan;
  readonly edits: LayerEdits;
  readonly result: RewrittenLayer;
}
