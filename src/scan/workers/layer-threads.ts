// Layers over threads, the largest first, each scanned whole by one of them. Who calls need not know how many there are: the scans and the
// errors are those that one thread gives.
import type { Ruleset } from '../../model/rule.ts';
import type { LayerScan } from '../layer-scan.ts';
import type { LayerScanner, LayerTask } from './layer-task.ts';
import { BytesThread } from './bytes-thread.ts';
import { LayerThread, type ThreadTerms } from './layer-thread.ts';
import { ThisThread } from './this-thread.ts';

/** What there is beside this thread. Without it this one scans the layers in their order. */
export interface Threads {
  /** A thread reads the largest layer for this one: see `BytesThread`. */
  readonly isReadApart: boolean;
  /** So many threads scan other layers. */
  readonly further: number;
  readonly terms: ThreadTerms | undefined;
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
  const reader = threads?.isReadApart === true ? new BytesThread() : undefined;
  const scanners: LayerScanner[] = [new ThisThread(ruleset, limits, signal, reader)];
  const { further = 0, terms } = threads ?? {};
  if (terms !== undefined) for (let count = 0; count < further; count++) scanners.push(new LayerThread(terms));
  const scans: LayerScan[] = [];
  const errors = new Map<number, unknown>();
  const firstError = (): number => Math.min(...errors.keys());
  /** What each is at. */
  const current = new Map<LayerScanner, number>();
  const starting = new Set(scanners);
  const work = async (scanner: LayerScanner): Promise<void> => {
    if (!(await scanner.start())) return;
    starting.delete(scanner);
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
    // They would find nothing to do any more.
    for (const other of starting) await other.stop();
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
