// What a folder and an archive have in common: named files, looked up without ever leaving the folder or archive.
import type { Blob } from '../model/blob.ts';
import type { LooseBlob } from '../model/image.ts';
import type { Notice, Skipped } from '../model/report.ts';

export interface Members {
  /** The file of this name, links inside followed; undefined when there is none or the name leads out. */
  get(name: string): Promise<Blob | undefined>;
  /** True when a file of this name is there. */
  has(name: string): boolean;
  /** Every file that no `get` led to so far, and what stands between the files. */
  unused(): AsyncIterable<LooseBlob>;
  readonly isArchive: boolean;
  readonly names: readonly string[];
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  close(): Promise<void>;
}
