// The thread that reports is one of those that scan: its rules are loaded, and it would only wait.
import type { Limits } from '../../model/limits.ts';
import type { Ruleset } from '../../model/rule.ts';
import type { LayerScan } from '../layer-scan.ts';
import { scanLayer } from '../scan-layer.ts';
import { forgetStops } from './guarded-ruleset.ts';
import type { LayerScanner, LayerTask } from './layer-task.ts';

export class ThisThread implements LayerScanner {
  readonly #ruleset: Ruleset;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  #stopping: AbortController | undefined;

  constructor(ruleset: Ruleset, limits: Limits, signal?: AbortSignal) {
    this.#ruleset = ruleset;
    this.#limits = limits;
    this.#signal = signal;
  }

  async start(): Promise<boolean> {
    return true;
  }

  async scan({ blob, algorithm, onProgress }: LayerTask): Promise<LayerScan> {
    forgetStops(this.#ruleset);
    this.#stopping = new AbortController();
    const signals = [this.#stopping.signal, ...(this.#signal === undefined ? [] : [this.#signal])];
    const options = { ruleset: this.#ruleset, limits: this.#limits, algorithm, onProgress, signal: AbortSignal.any(signals) };
    return await scanLayer(blob, options).finally(() => forgetStops(this.#ruleset));
  }

  /** The scan ends at its next chunk. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
  }
}
