// Layers over threads, the largest first, each scanned whole by one of them. Who calls need not know how many there are: the scans and the
// errors are those that one thread gives.
import type { Ruleset } from '../../model/rule.ts';
import type { LayerScan } from '../layer-scan.ts';
import type { LayerScanner, LayerTask } from './layer-task.ts';
import { LayerThread, type ThreadTerms } from './layer-thread.ts';
import { ThisThread } from './this-thread.ts';

/** `further` threads beside this one, and what they need; without it this thread scans the layers in their order. */
export interface Threads {
  readonly further: number;
  readonly terms: ThreadTerms;
}

/**
 * The scans in the order of the tasks. Of several errors the one of the first task is thrown, for that is where one thread would have stopped;
 * when the signal is aborted its reason is. Threads that cannot be had, or that have loaded other rules, are done without. Before this comes
 * back all of them are gone, so that nobody reads a file that is closed: a thread takes 50 ms to start, and the time to load the rules.
 */
export async function scanInThreads(
  tasks: readonly LayerTask[],
  { ruleset, limits, signal }: { readonly ruleset: Ruleset; readonly limits: ThreadTerms['limits']; readonly signal?: AbortSignal },
  threads?: Threads,
): Promise<readonly LayerScan[]> {
  signal?.throwIfAborted();
  const waiting = [...tasks.entries()];
  if (threads !== undefined) waiting.sort(([a, one], [b, other]) => other.blob.size - one.blob.size || a - b);
  const scanners: LayerScanner[] = [new ThisThread(ruleset, limits, signal)];
  for (let count = 0; threads !== undefined && count < threads.further; count++) scanners.push(new LayerThread(threads.terms));
  const scans: LayerScan[] = [];
  const errors = new Map<number, unknown>();
  const firstError = (): number => Math.min(...errors.keys());
  /** What each is at. */
  const current = new Map<LayerScanner, number>();
  const work = async (scanner: LayerScanner): Promise<void> => {
    if (!(await scanner.start())) return;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, task] = next;
      if (index > firstError() || signal?.aborted === true) continue;
      current.set(scanner, index);
      try {
        scans[index] = await scanner.scan(task);
        task.onDone();
      } catch (thrown) {
        errors.set(index, thrown);
        for (const [other, at] of current) if (at > firstError()) await other.stop();
      }
      current.delete(scanner);
    }
  };
  const stopAll = () => Promise.all(scanners.map((scanner) => scanner.stop()));
  const onAbort = (): void => void stopAll();
  signal?.addEventListener('abort', onAbort);
  try {
    await Promise.all(scanners.map(work));
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await stopAll();
  }
  signal?.throwIfAborted();
  if (errors.size > 0) throw errors.get(firstError());
  return scans;
}
