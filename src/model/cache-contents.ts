// What lies in the cache of scans, in numbers.

export interface CacheContents {
  readonly folder: string;
  /** Why it is not used. */
  readonly problem?: string;
  /** By kind of entry. */
  readonly kinds: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
  readonly entries: number;
  readonly bytes: number;
  /** With more, what was not used for the longest time is removed. */
  readonly maxBytes: number;
  /** When the entry was used that was not used for the longest time, and the one that was used last (RFC 3339). */
  readonly oldest?: string;
  readonly newest?: string;
}
