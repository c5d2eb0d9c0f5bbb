// A secret hides itself: whatever prints, logs or serialises it gets the mask. `reveal()` is the only way to the value.
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { hashOf, type TextTrait } from './hidden-texts.ts';

const shownAtMost = 0.2;

/** What may be kept of a secret without its value: enough to group it, to report it, and to recognise it in other texts. */
export interface SecretTraits {
  readonly mask: string;
  /** See `Secret.identity`. */
  readonly identity: string;
  /** See `Secret.keyedHash`; of the one key that the scan had, if any. */
  readonly keyedHash?: string;
  /** Undefined: it is not looked for in other texts any more. */
  readonly texts?: {
    readonly whole: TextTrait;
    /** Each of its lines. */
    readonly lines: readonly TextTrait[];
    /** As `printable` shows it. */
    readonly printed: TextTrait;
  };
}

export class Secret {
  readonly #value: string | undefined;
  readonly #traits: SecretTraits | undefined;
  #identity: string | undefined;

  /** Of the value; or of what was kept of it, and then there is no value to reveal. */
  constructor(known: string | SecretTraits) {
    this.#value = typeof known === 'string' ? known : undefined;
    this.#traits = typeof known === 'string' ? undefined : known;
  }

  /** The value itself. Every caller of this is reviewed. Throws RangeError when the value was not kept: see `traits`. */
  reveal(): string {
    if (this.#value === undefined) throw new RangeError('the value of this secret was not kept');
    return this.#value;
  }

  /** Undefined where the value is there. */
  get traits(): SecretTraits | undefined {
    return this.#traits;
  }

  /** The same for the same value: a part of its SHA-256, so it is not for other eyes (docs/decisions/0003-fingerprints.md). */
  get identity(): string {
    return (this.#identity ??= this.#traits?.identity ?? hashOf(this.reveal()));
  }

  /** HMAC-SHA-256 of the value, 32 hexadecimal digits. */
  keyedHash(key: string): string {
    if (this.#traits?.keyedHash !== undefined) return this.#traits.keyedHash;
    return createHmac('sha256', key).update(this.reveal()).digest('hex').slice(0, 32);
  }

  /** A few characters of each end of a long token, at most a fifth of it; of a short one nothing, not even its length. */
  get mask(): string {
    if (this.#traits !== undefined) return this.#traits.mask;
    const value = this.reveal();
    const atEachEnd = Math.floor((value.length * shownAtMost) / 2);
    if (value.length < 20 || /[^\x21-\x7e]/.test(value)) return '********';
    const head = value.slice(0, Math.min(4, atEachEnd));
    const tail = value.slice(-Math.min(3, atEachEnd));
    return `${head}********${tail}`;
  }

  toString(): string {
    return this.mask;
  }

  toJSON(): string {
    return this.mask;
  }

  [inspect.custom](): string {
    return `Secret(${this.mask})`;
  }
}
