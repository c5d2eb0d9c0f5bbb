// What is unpacked, and what binds and tells of it.
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { Limits } from '../../model/limits.ts';

export interface LayerToUnpack {
  readonly diffId: Digest;
  readonly blob: Blob;
  /** For messages. */
  readonly name: string;
}

export interface UnpackOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  /** Told before each layer that has to be unpacked, counted from 1, of how many. */
  readonly onLayer?: (number: number, of: number) => void;
}
