// What a Sieve searches for.
export interface SieveKeyword {
  /** At least three. */
  readonly bytes: Uint8Array;
  /** False: letters of ASCII match in both cases. */
  readonly isExact: boolean;
}
