// One thread that scans layers, seen from outside: it is asked, watched while it works, and started anew when it had to be stopped.
import { Worker } from 'node:worker_threads';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import type { Limits } from '../../model/limits.ts';
import { printable } from '../../model/printable.ts';
import type { RulesetOptions } from '../../rule/ruleset.ts';
import type { LayerScan } from '../layer-scan.ts';
import { placeOf } from './blob-place.ts';
import type { LayerScanner, LayerTask } from './layer-task.ts';
import { unpackError } from './packed-error.ts';
import { unpackScan } from './packed-scan.ts';
import { Pulse } from './pulse.ts';
import type { LayerAnswer, LayerRequest, LayerTerms } from './serve-layers.ts';
import { workerUrl } from './worker-url.ts';

/** What the threads of one scan share. */
export interface ThreadTerms {
  readonly rulesetOptions: RulesetOptions;
  /** Of the rules that this thread has; others than these would give another report. */
  readonly rulesetHash: string;
  readonly limits: Limits;
  /** Of the heap of each thread; without it as much as V8 gives. */
  readonly heapMegabytes?: number;
}

type Outcome = LayerAnswer | { readonly kind: 'stuck' } | { readonly kind: 'ended'; readonly error?: Error };

/** How often progress is told and a stuck rule looked for. */
const lookMilliseconds = 100;
/** Beside the time that a rule may take: one window may have several, and the machine other work. */
const marginMilliseconds = 1000;

export class LayerThread implements LayerScanner {
  readonly #terms: ThreadTerms;
  #pulse = new Pulse();
  #worker: Worker | undefined;
  #isReady: Promise<boolean> | undefined;

  constructor(terms: ThreadTerms) {
    this.#terms = terms;
  }

  /** False when there is no thread to be had, or the rules that it has loaded are others. */
  start(): Promise<boolean> {
    return (this.#isReady ??= this.#start());
  }

  /**
   * Throws what the scan throws; UnbakeError `unread` when the thread has ended. A rule that does not come back has the layer scanned once
   * more, its code apart (see `guardedRuleset`).
   */
  async scan(task: LayerTask): Promise<LayerScan> {
    const blob = placeOf(task.blob);
    for (const isSuspect of [false, true]) {
      if (blob === undefined || !(await this.start())) break;
      const outcome = await this.#outcomeOf(
        { blob, algorithm: task.algorithm, isSuspect, ...(task.inflate === undefined ? {} : { inflate: task.inflate }) },
        task.onProgress,
      );
      if (outcome.kind === 'scanned') return unpackScan(outcome.scan);
      if (outcome.kind === 'failed') throw unpackError(outcome.error);
      await this.stop();
      if (outcome.kind !== 'stuck') throw endOf(task, outcome.kind === 'ended' ? outcome.error : undefined);
    }
    throw endOf(task, undefined);
  }

  /** Whatever it is at, it is gone when this comes back. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#isReady = undefined;
    await worker?.terminate();
  }

  async #start(): Promise<boolean> {
    const { rulesetOptions, rulesetHash, limits, heapMegabytes } = this.#terms;
    // One that was stopped inside of a rule has left its pulse there.
    this.#pulse = new Pulse();
    const workerData: LayerTerms = { part: 'layers', rulesetOptions, limits, pulse: this.#pulse.memory };
    const resourceLimits = heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: heapMegabytes };
    try {
      this.#worker = new Worker(workerUrl(), { workerData, resourceLimits });
    } catch {
      // As many threads as a process may have.
      return false;
    }
    const outcome = await nextOf(this.#worker);
    return outcome.kind === 'ready' && outcome.hash === rulesetHash;
  }

  async #outcomeOf(request: LayerRequest, onProgress: LayerTask['onProgress']): Promise<Outcome> {
    const worker = this.#worker;
    if (worker === undefined) return { kind: 'ended' };
    const outcome = nextOf(worker);
    let look: NodeJS.Timeout | undefined;
    const stuck = new Promise<Outcome>((resolve) => {
      let seen = { turn: this.#pulse.turn, at: performance.now() };
      look = setInterval(() => {
        onProgress(this.#pulse.read);
        const { turn } = this.#pulse;
        const isWaiting = turn % 2 !== 0 && turn === seen.turn;
        if (!isWaiting) seen = { turn, at: performance.now() };
        else if (performance.now() - seen.at > this.#terms.limits.ruleMilliseconds + marginMilliseconds) resolve({ kind: 'stuck' });
      }, lookMilliseconds);
    });
    worker.postMessage(request, []);
    try {
      return await Promise.race([outcome, stuck]);
    } finally {
      clearInterval(look);
    }
  }
}

/** The next that a thread says, or its end. */
function nextOf(worker: Worker): Promise<Outcome> {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
  return new Promise((resolve) => {
    worker.once('message', (answer: LayerAnswer) => resolve(answer));
    worker.on('error', (error) => resolve({ kind: 'ended', error }));
    worker.once('exit', () => resolve({ kind: 'ended' }));
  });
}

function endOf({ name }: LayerTask, error: Error | undefined): Error {
  // Anything else is a bug of ours, and told as one.
  if (error !== undefined && !isSystemError(error, 'ERR_WORKER_OUT_OF_MEMORY')) return error;
  const why = error === undefined ? 'the thread that scanned it has ended' : 'the thread that scanned it ran out of memory';
  return new UnbakeError('unread', `layer ${printable(name)} could not be scanned: ${why}`, {
    hint: '--jobs 1 scans one layer after the other; NODE_OPTIONS=--max-old-space-size=8192 gives more memory',
  });
}
