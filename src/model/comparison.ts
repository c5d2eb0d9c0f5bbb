// Two images run the same way, one after the other: what each did, and whether the second still does what the first did.
import type { Digest } from './digest.ts';
import type { Health } from './container.ts';
import { printable } from './printable.ts';

/** An HTTP request to a published port of the container. */
export interface HttpProbe {
  readonly port: number;
  readonly path: string;
}

export interface HttpAnswer {
  readonly probe: HttpProbe;
  /** Undefined when there was no answer. */
  readonly status?: number;
  readonly contentType?: string;
  /** Of the first mebibyte of the body, keyed with a number that this run of unbake alone knows: nobody can guess a body by it. */
  readonly fingerprint?: string;
  /** Bytes of the body. */
  readonly length?: number;
  /** Why there was no answer. */
  readonly error?: string;
}

/** How far a container came. `running`: it still ran when the time was over, or when all that was waited for had come. */
export type Outcome =
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'exited'; readonly exitCode: number; readonly isOutOfMemory: boolean }
  | { readonly kind: 'running'; readonly health?: Health };

export interface Trial {
  /** The reference as it was typed. */
  readonly image: string;
  readonly digest: Digest;
  readonly outcome: Outcome;
  readonly answers: readonly HttpAnswer[];
  /** Lines that it printed; more are not looked at. */
  readonly lines: number;
  /** When it was asked to end after it had run: its exit code. */
  readonly stopCode?: number;
}

export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** Something that worked does not. */
  readonly isBreaking: boolean;
}

export interface Comparison {
  readonly before: Trial;
  readonly after: Trial;
  readonly differences: readonly Difference[];
  /**
   * `same`: nothing differs; `works`: something differs, and nothing that worked has stopped; `broken`: something has; `unclear`: the first
   * did not work either, so that nothing can be said.
   */
  readonly verdict: 'same' | 'works' | 'broken' | 'unclear';
}

/** In words: how far a container came. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'failed':
      return `could not be started: ${printable(outcome.why)}`;
    case 'exited':
      return `ended with exit code ${outcome.exitCode}${outcome.isOutOfMemory ? ', out of memory' : ''}`;
    case 'running':
      return `runs${outcome.health === undefined ? '' : `, ${outcome.health === 'starting' ? 'health still unknown' : outcome.health}`}`;
  }
}

export function answerText({ status, contentType, error }: HttpAnswer): string {
  return status === undefined ? `no answer: ${printable(error ?? '')}` : `${status}${contentType === undefined ? '' : ` ${printable(contentType)}`}`;
}

/** With every text that came out of a container, or may tell of one, masked. */
export function maskedComparison(comparison: Comparison, mask: (text: string) => string): Comparison {
  const answer = (given: HttpAnswer): HttpAnswer => ({
    ...given,
    ...(given.contentType === undefined ? {} : { contentType: mask(given.contentType) }),
    ...(given.error === undefined ? {} : { error: mask(given.error) }),
  });
  const trial = (tried: Trial): Trial => ({
    ...tried,
    outcome: tried.outcome.kind === 'failed' ? { kind: 'failed', why: mask(tried.outcome.why) } : tried.outcome,
    answers: tried.answers.map(answer),
  });
  const differences = comparison.differences.map((each) => ({ ...each, before: mask(each.before), after: mask(each.after) }));
  return { ...comparison, before: trial(comparison.before), after: trial(comparison.after), differences };
}
