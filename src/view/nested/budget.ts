// What may be decoded of one outermost file: every level counts, so that a small file that unfolds without end comes to one.

export interface NestedLimits {
  /** How many containers may stand in each other. */
  readonly depth: number;
  /** Decoded bytes in all of one outermost file. */
  readonly bytes: number;
  /** Decoded bytes for each stored one of the outermost file, asked once more than 64 MiB were decoded. */
  readonly ratio: number;
  /** Members of archives and objects of git in all of one outermost file; each takes memory. Default: 1,048,576. */
  readonly members?: number;
}

const trusted = 64 * 2 ** 20;
const defaultMembers = 2 ** 20;

export class Budget {
  readonly #limits: NestedLimits;
  readonly #stored: number;
  #bytes = 0;
  #members = 0;
  /** The limit that was reached: nothing more is read then. */
  reached: 'bytes' | 'ratio' | 'members' | undefined;

  /** `stored`: the size of the outermost file. */
  constructor(limits: NestedLimits, stored: number) {
    this.#limits = limits;
    this.#stored = stored;
  }

  /** Counts decoded bytes. Returns what is to be said when this reaches a limit. */
  decoded(bytes: number): string | undefined {
    this.#bytes += bytes;
    if (this.reached !== undefined) return undefined;
    if (this.#bytes > this.#limits.bytes) {
      this.reached = 'bytes';
      return `more than ${this.#limits.bytes} bytes come out of this file: the rest of it is not read`;
    }
    if (this.#bytes > trusted && this.#bytes > this.#limits.ratio * this.#stored) {
      this.reached = 'ratio';
      return `more than ${this.#limits.ratio} bytes come out of each of the ${this.#stored} bytes of this file: the rest of it is not read`;
    }
    return undefined;
  }

  /** Counts one member. Returns what is to be said when this reaches the limit. */
  member(): string | undefined {
    const most = this.#limits.members ?? defaultMembers;
    this.#members++;
    if (this.reached !== undefined || this.#members <= most) return undefined;
    this.reached = 'members';
    return `there are more than ${most} members in this file: the rest of it is not read`;
  }
}
