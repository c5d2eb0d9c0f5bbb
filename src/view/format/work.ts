// Derivations of keys are made to be slow, and the file says how slow: what one file may cost is bounded here.

/** Hashes in all that one file may cost: one to two seconds. Key stores of today ask for 2,000 to 100,000 a password. */
export const mostHashes = 1_000_000;

export class Work {
  #left: number;

  constructor(hashes = mostHashes) {
    this.#left = hashes;
  }

  /** Takes so many hashes from what is left. False: that is not there, and the work is not to be done. */
  spend(hashes: number): boolean {
    if (!(hashes <= this.#left)) return false;
    this.#left -= hashes;
    return true;
  }
}
