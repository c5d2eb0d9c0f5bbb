// A layer that was changed beside what it was: both are read once more, from their bytes.
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { Limits } from '../../model/limits.ts';
import { compareLayers, type LayerComparison } from './compare-layers.ts';
import { inventory } from './inventory.ts';
import type { TouchedLayer } from '../apply/touched-layer.ts';

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
