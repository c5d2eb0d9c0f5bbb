// The same rules, none of which can hold up a scan: those that are code run in a thread of their own, which is stopped when it does not come
// back. Nothing else can end a function, and a promise that is never kept has nothing that could be ended.
import type { DetectionResult, RuleFailure, Ruleset, Survey } from '../../model/rule.ts';
import type { Limits } from '../../model/limits.ts';
import { loadRuleset, type RulesetOptions } from '../../rule/ruleset.ts';
import { codeIn, usersOwn } from './code-rules.ts';
import { RuleThread } from './rule-thread.ts';

/** How often a rule is stopped in one layer before it is not run over the rest of it. */
const mostStops = 3;

const guards = new WeakMap<Ruleset, Guard>();

/**
 * Which code runs apart: the user's own, of `.secretlintrc`, always and wherever texts are searched, small images and metadata included. That
 * of the preset comes with us, and its patterns are proved to have no endless loop (test/rule/backtracking.test.ts): it runs apart only where
 * `all` asks for it, because a `LayerThread` has seen it not come back; in the thread that reports nobody watches it. A rule that takes longer than
 * `milliseconds` over a window is a failure there, like a pattern of ours. `options` are what the rules were loaded from; where they name no
 * configuration of the user's, and not `all` is asked for, the rules are given back as they are.
 */
export function guardedRuleset(ruleset: Ruleset, options: RulesetOptions, milliseconds: number, all = false): Ruleset {
  const isUsers = usersOwn(ruleset);
  if (!all && (options.rcDirectory === undefined || !ruleset.detectors.some((_, detector) => isUsers(detector)))) return ruleset;
  const guard = new Guard(ruleset, new RuleThread(options), milliseconds, all ? () => true : isUsers);
  const guarded: Ruleset = {
    ...ruleset,
    detect: (text, name, detectors, survey) => {
      const indices = [...detectors];
      const seen = survey ?? ruleset.survey([{ text, name, detectors: indices }], milliseconds)[0]!;
      return guard.detect(text, name, indices, seen);
    },
  };
  guards.set(guarded, guard);
  return guarded;
}

/** `loadRuleset`, and the rules guarded. */
export async function loadGuardedRuleset(options: RulesetOptions, { ruleMilliseconds }: Limits): Promise<Ruleset> {
  return guardedRuleset(await loadRuleset(options), options, ruleMilliseconds);
}

/** To be called before each layer: what became of a rule in one layer must not change what is told of another. */
export function forgetStops(ruleset: Ruleset): void {
  guards.get(ruleset)?.forgetStops();
}

class Guard {
  readonly #ruleset: Ruleset;
  readonly #thread: RuleThread;
  readonly #milliseconds: number;
  readonly #isApart: (detector: number) => boolean;
  readonly #stops = new Map<number, number>();

  constructor(ruleset: Ruleset, thread: RuleThread, milliseconds: number, isApart: (detector: number) => boolean) {
    this.#ruleset = ruleset;
    this.#thread = thread;
    this.#milliseconds = milliseconds;
    this.#isApart = isApart;
  }

  forgetStops(): void {
    this.#stops.clear();
  }

  async detect(text: string, name: string, detectors: readonly number[], { found, failures }: Survey): Promise<DetectionResult> {
    const left = new Map([...found].filter(([detector]) => (this.#stops.get(detector) ?? 0) < mostStops));
    const stopped: RuleFailure[] = [];
    for (;;) {
      const code = codeIn({ found: left, failures: [] });
      const request = { text, name, detectors: detectors.filter((detector) => left.has(detector)), found: left };
      const isHarmless = !code.some(this.#isApart);
      const result = isHarmless
        ? await this.#ruleset.detect(text, name, request.detectors, { found: left, failures: [] })
        : await this.#thread.detect(request, this.#milliseconds);
      if (!('stopped' in result)) return { ...result, failures: [...failures, ...stopped, ...result.failures] };
      for (const detector of await this.#culprits(text, name, code)) {
        left.delete(detector);
        stopped.push({ ruleId: this.#ruleset.detectors[detector]!.ruleId, reason: this.#stop(detector, result.stopped) });
      }
    }
  }

  /** Which of them do not come back when they run alone; all of them, when each does. */
  async #culprits(text: string, name: string, code: readonly number[]): Promise<readonly number[]> {
    if (code.length === 1) return code;
    const stuck: number[] = [];
    for (const detector of code) {
      const alone = { text, name, detectors: [detector], found: new Map([[detector, 'unknown']]) };
      if ('stopped' in (await this.#thread.detect(alone, this.#milliseconds))) stuck.push(detector);
    }
    return stuck.length === 0 ? code : stuck;
  }

  #stop(detector: number, reason: string): string {
    const stops = (this.#stops.get(detector) ?? 0) + 1;
    this.#stops.set(detector, stops);
    return stops < mostStops ? reason : `${reason}, as twice before: it was not run over what follows`;
  }
}
