// What a file of a known format turned out to hold: finds, texts that rules read like any document, and what could not be read.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { SkipReason } from '../../model/report.ts';
import type { Confidence, Severity } from '../../model/severity.ts';

export interface FormatFind {
  /** The `format` that a rule names. */
  readonly kind: string;
  /** The bytes of the file that are it: the key entry where it can be told, else the whole file. */
  readonly start: number;
  readonly end: number;
  /** The secret where it is text: whatever finds the same text elsewhere has found the same secret. */
  readonly text?: string;
  /** In few words, printable, and never with a value that is secret. */
  readonly proved: readonly string[];
  /** Undefined: as the rule says. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
}

export interface FormatText {
  /** The step from the file to this text: no two texts of a file have the same. */
  readonly step: string;
  readonly text: Buffer;
  /** It does not stand in the file as it is. */
  readonly isDecrypted?: true;
}

export interface FormatSkip {
  readonly reason: SkipReason;
  readonly detail: string;
  readonly limit?: string;
}

export interface FormatContent {
  readonly finds: readonly FormatFind[];
  readonly texts: readonly FormatText[];
  readonly skipped?: FormatSkip;
}

/** More entries than a person ever looks through. */
export const mostFinds = 1000;
const longestName = 120;

/** Gathers a FormatContent: what was gathered stays when the rest of the file turns out to be damaged. */
export class Gathered {
  readonly #finds: FormatFind[] = [];
  readonly #texts: FormatText[] = [];
  #skipped: FormatSkip | undefined;

  find(find: FormatFind): void {
    if (this.#finds.length < mostFinds) this.#finds.push(find);
    else this.skip({ reason: 'limit', detail: `there are more than ${mostFinds} keys in this file: the others are not told`, limit: 'finds' });
  }

  text(step: string, text: Buffer): void {
    if (text.length > 0) this.#texts.push({ step, text });
  }

  decrypted(text: Buffer): void {
    if (text.length > 0) this.#texts.push({ step: 'decrypted', text, isDecrypted: true });
  }

  /** The first one is kept. */
  skip(skipped: FormatSkip): void {
    this.#skipped ??= skipped;
  }

  get isEmpty(): boolean {
    return this.#finds.length === 0 && this.#texts.length === 0;
  }

  content(): FormatContent {
    return { finds: this.#finds, texts: this.#texts, ...(this.#skipped === undefined ? {} : { skipped: this.#skipped }) };
  }
}

/** Shows what a file of one format holds; `path` is its path. Throws UnbakeError `damaged` where it ends too early or contradicts itself. */
export type FormatReader = (file: Buffer, gathered: Gathered, path: string) => void;

export function damaged(what: string): UnbakeError {
  return new UnbakeError('damaged', what);
}

/** A name that a stranger wrote, for `proved`: printable, in quotes, and not long. */
export function quoted(name: string): string {
  return `"${printable(name.length > longestName ? `${name.slice(0, longestName)}...` : name)}"`;
}
