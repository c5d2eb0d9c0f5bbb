// Every distinct layer of the images once: from an earlier run where its scan is known, otherwise by reading it, several at the same time
// where that pays.
import { availableParallelism } from 'node:os';
import type { Image, Layer } from '../model/image.ts';
import { knownScan } from './known-scan.ts';
import type { LayerScan } from './layer-scan.ts';
import type { ScanOptions } from './scan-options.ts';
import { placeOf } from './workers/blob-place.ts';
import type { LayerTask } from './workers/layer-task.ts';
import { scanInThreads, type Threads } from './workers/layer-threads.ts';

/** Of stored bytes: less is scanned before threads would have started. */
const leastThreadedBytes = 20 * 2 ** 20;
/** Of the stored bytes. The two stages of a layer take some two thirds of the time of one thread, and the others come after. */
const mostOfAll = 0.75;

/** By `Layer.key`; `fresh` are those that were read, in the order of the images. */
export async function scanLayers(
  images: readonly Image[],
  options: ScanOptions,
): Promise<{ readonly scans: ReadonlyMap<string, LayerScan>; readonly fresh: readonly { readonly layer: Layer; readonly scan: LayerScan }[] }> {
  const distinct = new Map<string, Layer>();
  for (const layer of images.flatMap((image) => image.layers)) if (!distinct.has(layer.key)) distinct.set(layer.key, layer);
  const scans = new Map<string, LayerScan | undefined>();
  const inflating = options.inflate === undefined ? {} : { inflate: options.inflate };
  const unknown: Layer[] = [];
  const tasks: LayerTask[] = [];
  for (const [key, layer] of distinct) {
    const { name, blob, announced } = layer;
    const progress = { layer: name, number: scans.size + 1, of: distinct.size, size: blob.size };
    const onProgress = (read: number): void => options.onLayer?.({ ...progress, read, isDone: false });
    const onDone = (): void => options.onLayer?.({ ...progress, read: blob.size, isDone: true });
    const known = await knownScan(layer, options);
    // A Map keeps the order in which its keys came, so the place of a layer is taken now.
    scans.set(key, known);
    if (known !== undefined) {
      onDone();
      continue;
    }
    unknown.push(layer);
    tasks.push({ name, blob, algorithm: announced.digest?.startsWith('sha512:') ? 'sha512' : 'sha256', ...inflating, onProgress, onDone });
  }
  const made = await scanInThreads(tasks, options, threadsFor(tasks, options));
  const fresh = unknown.map((layer, index) => ({ layer, scan: made[index]! }));
  for (const { layer, scan } of fresh) scans.set(layer.key, scan);
  return { scans: scans as ReadonlyMap<string, LayerScan>, fresh };
}

/**
 * Undefined when this thread alone does as well: little to read, or bytes that no other thread can read. One layer that is most of the bytes
 * is what all would wait for, so the first further thread helps with that one.
 */
function threadsFor(
  tasks: readonly LayerTask[],
  { jobs = Infinity, rulesetOptions, ruleset, limits, threading = {} }: ScanOptions,
): Threads | undefined {
  const { leastBytes = leastThreadedBytes, cores = availableParallelism() } = threading;
  const count = Math.min(jobs, cores);
  const bytes = tasks.reduce((sum, { blob }) => sum + blob.size, 0);
  if (count < 2 || bytes < leastBytes || tasks.some(({ blob }) => placeOf(blob) === undefined)) return undefined;
  const isReadApart = tasks.some(({ blob }) => blob.size >= bytes * mostOfAll);
  return {
    isReadApart,
    further: Math.min(count - (isReadApart ? 2 : 1), tasks.length - 1),
    terms: rulesetOptions === undefined ? undefined : { rulesetOptions, rulesetHash: ruleset.hash, limits },
  };
}
