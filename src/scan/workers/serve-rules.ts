// The thread's side of `rule-thread.ts`: loads the rules, then runs them over the windows that it is given, one after the other.
import type { MessagePort } from 'node:worker_threads';
import type { RuleFailure, Survey } from '../../model/rule.ts';
import { loadRuleset, type RulesetOptions } from '../../rule/ruleset.ts';
import { type PackedDetection, packDetection } from './packed-detections.ts';
import { packError, type PackedError } from './packed-error.ts';
import { warmUp } from './code-rules.ts';

/** What the thread is started with. */
export interface RuleTerms {
  readonly part: 'rules';
  readonly rulesetOptions: RulesetOptions;
}

/** A window, the detectors for it, and what the survey saw of it: plain data, patterns stay where they are. */
export interface RuleRequest {
  readonly text: string;
  readonly name: string;
  readonly detectors: readonly number[];
  readonly found: Survey['found'];
}

export type RuleAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'found'; readonly detections: readonly PackedDetection[]; readonly failures: readonly RuleFailure[] }
  | { readonly kind: 'failed'; readonly error: PackedError };

export async function serveRules(port: MessagePort, { rulesetOptions }: RuleTerms): Promise<void> {
  const answer = (message: RuleAnswer): void => port.postMessage(message);
  try {
    const ruleset = await loadRuleset(rulesetOptions);
    port.on('message', ({ text, name, detectors, found }: RuleRequest) => {
      ruleset.detect(text, name, detectors, { found, failures: [] }).then(
        ({ detections, failures }) => answer({ kind: 'found', detections: detections.map(packDetection), failures }),
        (thrown: unknown) => answer({ kind: 'failed', error: packError(thrown) }),
      );
    });
    await warmUp();
    answer({ kind: 'ready' });
  } catch (thrown) {
    answer({ kind: 'failed', error: packError(thrown) });
  }
}
