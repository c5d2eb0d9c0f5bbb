// Texts that are to be hidden wherever they stand in other texts, thousands of them at the cost of one look a character. A text is held
// as it is, or, where it may not be held, recognised by its hash.
import { hash } from 'node:crypto';

/** What a text is recognised by that is not held. */
export interface TextTrait {
  /** UTF-16 code units. */
  readonly length: number;
  /** A checksum of its first characters, so that not every stretch of a text has to be hashed. */
  readonly head: number;
  readonly hash: string;
}

export interface HiddenText {
  readonly text: string | TextTrait;
  /** What is shown in its place. */
  readonly mask: string;
}

/** Shorter texts are never looked for. */
const shortestHidden = 3;
/** Texts of at least so many characters are told apart by that many, so that thousands with the same beginning cost no more. */
const longHead = 8;

export function traitOf(text: string): TextTrait {
  return { length: text.length, head: headOf(text), hash: hashOf(text) };
}

/** The first 128 bits of its SHA-256. */
export function hashOf(text: string): string {
  return hash('sha256', text).slice(0, 32);
}

interface Candidate extends HiddenText {
  readonly length: number;
}

export class HiddenTexts {
  readonly #long = new Heads(longHead);
  readonly #short = new Heads(shortestHidden);

  /** Of two that are the same the first counts. Those of less than three characters are left out. */
  constructor(hidden: Iterable<HiddenText>) {
    const known = new Set<string>();
    for (const { text, mask } of hidden) {
      const key = typeof text === 'string' ? text : text.hash;
      if (text.length < shortestHidden || known.has(key)) continue;
      known.add(key);
      const heads = text.length < longHead ? this.#short : this.#long;
      heads.add(typeof text === 'string' ? headOf(text) : text.head, { text, mask, length: text.length });
    }
    this.#long.sort();
    this.#short.sort();
  }

  /** The text with masks in it; where two begin at the same character, the longer one is hidden. */
  mask(text: string): string {
    let masked = '';
    let from = 0;
    for (let at = 0; at + shortestHidden <= text.length; at++) {
      const found = this.#at(text, at);
      if (found === undefined) continue;
      masked += text.slice(from, at) + found.mask;
      from = at + found.length;
      at = from - 1;
    }
    return from === 0 ? text : masked + text.slice(from);
  }

  isIn(text: string): boolean {
    if (this.#long.isEmpty && this.#short.isEmpty) return false;
    for (let at = 0; at + shortestHidden <= text.length; at++) if (this.#at(text, at) !== undefined) return true;
    return false;
  }

  #at(text: string, at: number): Candidate | undefined {
    return this.#long.at(text, at) ?? this.#short.at(text, at);
  }
}

/** Candidates by their first characters. */
class Heads {
  readonly #length: number;
  readonly #isHead = new Uint8Array(0x10000);
  readonly #candidates = new Map<number, Candidate[]>();

  constructor(length: number) {
    this.#length = length;
  }

  get isEmpty(): boolean {
    return this.#candidates.size === 0;
  }

  add(head: number, candidate: Candidate): void {
    this.#isHead[head & 0xffff] = 1;
    const same = this.#candidates.get(head);
    if (same === undefined) this.#candidates.set(head, [candidate]);
    else same.push(candidate);
  }

  /** Longest first. */
  sort(): void {
    for (const same of this.#candidates.values()) same.sort((a, b) => b.length - a.length);
  }

  at(text: string, at: number): Candidate | undefined {
    if (this.#candidates.size === 0 || at + this.#length > text.length) return undefined;
    const head = headAt(text, at, this.#length);
    if (this.#isHead[head & 0xffff] === 0) return undefined;
    return this.#candidates.get(head)?.find((candidate) => standsAt(candidate, text, at));
  }
}

function standsAt({ text: hidden, length }: Candidate, text: string, at: number): boolean {
  if (typeof hidden === 'string') return text.startsWith(hidden, at);
  return at + length <= text.length && hashOf(text.slice(at, at + length)) === hidden.hash;
}

function headOf(text: string): number {
  return headAt(text, 0, text.length < longHead ? Math.min(text.length, shortestHidden) : longHead);
}

function headAt(text: string, at: number, length: number): number {
  let head = 0;
  for (let index = at; index < at + length; index++) head = Math.imul(head ^ (head >>> 15), 0x9e3779b1) + text.charCodeAt(index);
  return (head ^ (head >>> 13)) >>> 0;
}
