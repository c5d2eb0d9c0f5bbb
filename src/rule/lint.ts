// Runs secretlint's core over one text. A rule that throws costs only itself, and no rule may flood the core, whose removal of
// duplicates is quadratic.
import type { SecretLintCoreConfigRule, SecretLintRuleCreator } from '@secretlint/types';
import type { RuleFailure } from '../model/rule.ts';
import type { Reported } from './loaded-rule.ts';
import { mostSightings } from './sighting.ts';

export interface LintRule {
  /** Our id, for failures. */
  readonly ruleId: string;
  readonly config: SecretLintCoreConfigRule;
}

export interface LintResult {
  /** By the id that the rule has for secretlint. */
  readonly reports: readonly (Reported & { readonly lintId: string })[];
  readonly failures: readonly RuleFailure[];
}

let core: Promise<typeof import('@secretlint/core')> | undefined;

/** Imported at the first text that is linted: start-up and clean layers do not pay for it. */
async function loadCore(): Promise<typeof import('@secretlint/core')> {
  // The profiler keeps every mark of every text for ever.
  const { secretLintProfiler } = await import('@secretlint/profiler');
  secretLintProfiler.setEnabled(false);
  return import('@secretlint/core');
}

export async function lint(text: string, name: string, rules: readonly LintRule[]): Promise<LintResult> {
  const failures = new Map<string, RuleFailure>();
  const fail = (failure: RuleFailure) => failures.set(failure.ruleId, failure);
  const { lintSource } = await (core ??= loadCore());
  // secretlint cuts a byte-order mark off and then counts from behind it.
  const content = text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text;
  const result = await lintSource({
    // "unknown" runs rules for text and for binaries alike, and copies the content nowhere.
    source: { filePath: name === '' ? 'unnamed' : name, content, ext: extensionOf(name), contentType: 'unknown' },
    options: { config: { rules: rules.map((rule) => guarded(rule, fail)) }, noPhysicFilePath: true },
  });
  return {
    reports: result.messages.map(({ ruleId, range, data }) => ({ lintId: ruleId, range, data })),
    failures: [...failures.values()],
  };
}

function guarded({ ruleId, config }: LintRule, fail: (failure: RuleFailure) => void): SecretLintCoreConfigRule {
  const rule: SecretLintRuleCreator = {
    ...config.rule,
    create(context, options) {
      let count = 0;
      const limited: typeof context = {
        ...context,
        report(descriptor) {
          count++;
          if (count <= mostSightings) context.report(descriptor);
          else if (count === mostSightings + 1)
            fail({ ruleId, reason: `it found more than ${mostSightings} in one window; the rest was left out`, isFlood: true });
        },
      };
      try {
        const handler = config.rule.create(limited, options);
        return {
          async file(source) {
            try {
              await handler.file?.(source);
            } catch (thrown) {
              fail({ ruleId, reason: sentenceOf(thrown) });
            }
          },
        };
      } catch (thrown) {
        fail({ ruleId, reason: sentenceOf(thrown) });
        return {};
      }
    },
  };
  return { ...config, rule };
}

/** What was thrown and in which line of the rule. Not its message: that may quote the text, and with it the secret. */
export function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it threw something that is no Error';
  const frame = /[^/\\()\s]+:\d+:\d+/.exec(thrown.stack?.slice(thrown.stack.indexOf('\n    at ') + 1 || thrown.stack.length) ?? '');
  return `it threw a ${thrown.name.replace(/\W/g, '').slice(0, 60)}${frame === null ? '' : ` at ${frame[0]}`}`;
}

function extensionOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return base.lastIndexOf('.') > 0 ? base.slice(base.lastIndexOf('.')) : '';
}
