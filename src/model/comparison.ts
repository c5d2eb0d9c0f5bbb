// Two images run the same way, one after the other: what each did, and whether the second still does what the first did.
import type { Digest } from './digest.ts';
import type { Health } from './container.ts';

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
  /** Of the first mebibyte of the body. */
  readonly digest?: Digest;
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
