// A thread that runs rules over one window at a time and can be stopped. It is started when there is a first window for it, anew after it
// was stopped, and holds up nobody's end.
import { Worker } from 'node:worker_threads';
import { UnbakeError } from '../../model/error.ts';
import type { DetectionResult } from '../../model/rule.ts';
import type { RulesetOptions } from '../../rule/ruleset.ts';
import { unpackDetection } from './packed-detections.ts';
import { unpackError } from './packed-error.ts';
import type { RuleAnswer, RuleRequest, RuleTerms } from './serve-rules.ts';
import { workerUrl } from './worker-url.ts';

/** For the way there and back on a machine that has other work too. */
const marginMilliseconds = 1000;
/** To load all rules, and the user's with what they import. */
const startMilliseconds = 60_000;

/** The rules did not come back, and their thread is gone. */
export interface Stopped {
  /** To be told of a rule, in words of ours. */
  readonly stopped: string;
}

export class RuleThread {
  readonly #options: RulesetOptions;
  #worker: Worker | undefined;
  /** Requests wait for each other: a window must not be blamed for the time of another one. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RulesetOptions) {
    this.#options = options;
  }

  /** Throws what the rules cannot be loaded for. */
  async detect(request: RuleRequest, milliseconds: number): Promise<DetectionResult | Stopped> {
    const turn = this.#last.then(() => this.#detect(request, milliseconds));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #detect(request: RuleRequest, milliseconds: number): Promise<DetectionResult | Stopped> {
    const worker = this.#worker ?? (await this.#start());
    worker.ref();
    const answer = await this.#answerOf(worker, milliseconds + marginMilliseconds, () => worker.postMessage(request, []));
    worker.unref();
    switch (answer.kind) {
      case 'found':
        return { detections: answer.detections.map(unpackDetection), failures: answer.failures };
      case 'late':
        return { stopped: `it took longer than ${milliseconds / 1000} s over this text and was ended` };
      case 'failed':
      case 'ended':
      case 'ready':
        return { stopped: 'it ended the thread that it was run in' };
    }
  }

  async #start(): Promise<Worker> {
    const workerData: RuleTerms = { part: 'rules', rulesetOptions: this.#options };
    const worker = new Worker(workerUrl(), { workerData });
    this.#worker = worker;
    const answer = await this.#answerOf(worker, startMilliseconds, () => undefined);
    if (answer.kind === 'ready') return worker;
    if (answer.kind === 'failed') throw unpackError(answer.error);
    throw new UnbakeError('usage', 'the rules of .secretlintrc cannot be loaded in a thread of their own', {
      hint: '--no-rc leaves them out',
    });
  }

  /** The next that it says. A thread that says nothing in time is stopped, and one that is gone is forgotten. */
  async #answerOf(worker: Worker, milliseconds: number, ask: () => void): Promise<RuleAnswer | { readonly kind: 'late' | 'ended' }> {
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<RuleAnswer | { readonly kind: 'late' | 'ended' }>((resolve) => {
      worker.once('message', resolve);
      // Out of memory, an error that nobody caught, process.exit in a rule.
      worker.once('error', () => resolve({ kind: 'ended' }));
      worker.once('exit', () => resolve({ kind: 'ended' }));
      timer = setTimeout(() => resolve({ kind: 'late' }), milliseconds);
      ask();
    });
    clearTimeout(timer);
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    if (answer.kind !== 'found' && answer.kind !== 'ready') {
      this.#worker = undefined;
      worker.on('error', () => undefined);
      await worker.terminate();
    }
    return answer;
  }
}
