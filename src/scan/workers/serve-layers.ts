// The thread's side of `layer-threads.ts`: loads the rules, then scans the layers that it is given, one after the other.
import type { MessagePort } from 'node:worker_threads';
import type { Limits } from '../../model/limits.ts';
import type { Ruleset } from '../../model/rule.ts';
import { loadRuleset, type RulesetOptions } from '../../rule/ruleset.ts';
import { type LayerScanOptions, scanLayer } from '../scan-layer.ts';
import { type BlobPlace, blobAt } from './blob-place.ts';
import { codeIn, warmUp } from './code-rules.ts';
import { forgetStops, guardedRuleset } from './guarded-ruleset.ts';
import { packError, type PackedError } from './packed-error.ts';
import { packScan, type PackedScan } from './packed-scan.ts';
import { Pulse } from './pulse.ts';

/** What the thread is started with. */
export interface LayerTerms {
  readonly part: 'layers';
  readonly rulesetOptions: RulesetOptions;
  readonly limits: Limits;
  readonly pulse: SharedArrayBuffer;
}

export interface LayerRequest {
  readonly blob: BlobPlace;
  readonly algorithm: NonNullable<LayerScanOptions['algorithm']>;
  readonly inflate?: LayerScanOptions['inflate'];
  /** All code runs apart: it did not come back when this layer was scanned before. */
  readonly isSuspect: boolean;
}

export type LayerAnswer =
  | { readonly kind: 'ready'; readonly hash: string }
  | { readonly kind: 'scanned'; readonly scan: PackedScan }
  | { readonly kind: 'failed'; readonly error: PackedError };

export async function serveLayers(port: MessagePort, { rulesetOptions, limits, pulse: memory }: LayerTerms): Promise<void> {
  const pulse = new Pulse(memory);
  const loaded = await loadRuleset(rulesetOptions);
  const usual = guardedRuleset(watchedRuleset(loaded, pulse), rulesetOptions, limits.ruleMilliseconds);
  let suspected: Ruleset | undefined;
  const answerTo = async ({ blob, algorithm, inflate, isSuspect }: LayerRequest): Promise<void> => {
    const ruleset = isSuspect ? (suspected ??= guardedRuleset(loaded, rulesetOptions, limits.ruleMilliseconds, true)) : usual;
    forgetStops(ruleset);
    pulse.read = 0;
    try {
      const scan = await scanLayer(blobAt(blob), {
        ruleset,
        limits,
        algorithm,
        ...(inflate === undefined ? {} : { inflate }),
        onProgress: (read) => (pulse.read = read),
      });
      const { packed, moved } = packScan(scan);
      port.postMessage({ kind: 'scanned', scan: packed } satisfies LayerAnswer, moved);
    } catch (thrown) {
      port.postMessage({ kind: 'failed', error: packError(thrown) } satisfies LayerAnswer);
    }
  };
  port.on('message', (request: LayerRequest) => void answerTo(request));
  port.postMessage({ kind: 'ready', hash: loaded.hash } satisfies LayerAnswer);
}

/** Tells the other thread when code runs. */
function watchedRuleset(ruleset: Ruleset, pulse: Pulse): Ruleset {
  let isWarm: Promise<void> | undefined;
  return {
    ...ruleset,
    async detect(text, name, detectors, survey) {
      if (survey === undefined || codeIn(survey).length === 0) return ruleset.detect(text, name, detectors, survey);
      await (isWarm ??= warmUp());
      return pulse.during(() => ruleset.detect(text, name, detectors, survey));
    },
  };
}
