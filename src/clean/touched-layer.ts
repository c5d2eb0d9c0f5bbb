// A layer that was changed: what was planned for it, what came of it, and the comparison of both with the written bytes.
import type { Blob } from '../model/blob.ts';
import type { Digest } from '../model/digest.ts';
import type { Limits } from '../model/limits.ts';
import type { LayerScan } from '../scan/layer-scan.ts';
import { compareLayers, type LayerComparison } from './compare-layers.ts';
import { inventory } from './inventory.ts';
import type { LayerEdits } from './layer-edits.ts';
import type { RewrittenLayer } from './rewrite-layer.ts';

export interface TouchedLayer {
  readonly key: string;
  readonly source: Blob;
  readonly scan: LayerScan;
  readonly edits: LayerEdits;
  readonly result: RewrittenLayer;
}

export interface LayerProof extends LayerComparison {
  readonly outside: {
    readonly before: { readonly bytes: number; readonly digest: Digest };
    readonly after: { readonly bytes: number; readonly digest: Digest };
  };
}

/** Reads both versions once more. `written` is the new blob as it stands in the output. */
export async function proveLayer(touched: TouchedLayer, written: Blob, limits: Limits, signal?: AbortSignal): Promise<LayerProof> {
  const { source, edits, result } = touched;
  const before = await inventory(source, edits.edits, limits, signal);
  const after = await inventory(written, result.replaced, limits, signal);
  const comparison = compareLayers(before.entries, after.entries, edits.changes);
  return { ...comparison, outside: { before: before.outside, after: after.outside } };
}
