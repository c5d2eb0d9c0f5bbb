// The thread that reports is one of those that scan: its rules are loaded, and it would only wait.
import type { Limits } from '../../model/limits.ts';
import type { Ruleset } from '../../model/rule.ts';
import type { LayerScan } from '../layer-scan.ts';
import { scanLayer } from '../scan-layer.ts';
import type { BytesThread } from './bytes-thread.ts';
import { forgetStops } from './guarded-ruleset.ts';
import type { LayerScanner, LayerTask } from './layer-task.ts';

export class ThisThread implements LayerScanner {
  readonly #ruleset: Ruleset;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  #reader: BytesThread | undefined;
  #stopping: AbortController | undefined;

  /** `reader` reads the first layer for it. */
  constructor(ruleset: Ruleset, limits: Limits, signal?: AbortSignal, reader?: BytesThread) {
    this.#reader = reader;
    this.#ruleset = ruleset;
    this.#limits = limits;
    this.#signal = signal;
  }

  async start(): Promise<boolean> {
    return true;
  }

  async scan({ blob, algorithm, inflate, onProgress }: LayerTask): Promise<LayerScan> {
    forgetStops(this.#ruleset);
    this.#stopping = new AbortController();
    const signals = [this.#stopping.signal, ...(this.#signal === undefined ? [] : [this.#signal])];
    const reading = {
      algorithm,
      onProgress,
      ...(inflate === undefined ? {} : { inflate }),
      ...(this.#reader === undefined ? {} : { open: this.#reader.open }),
    };
    try {
      return await scanLayer(blob, { ruleset: this.#ruleset, limits: this.#limits, signal: AbortSignal.any(signals), ...reading });
    } finally {
      forgetStops(this.#ruleset);
      await this.#reader?.stop();
      this.#reader = undefined;
    }
  }

  /** The scan ends at its next chunk. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#reader?.stop();
  }
}
