// What a scan is told, and what it tells on its way.
import type { Digest } from '../model/digest.ts';
import type { Limits } from '../model/limits.ts';
import type { PlatformChoice } from '../model/platform.ts';
import type { Ruleset } from '../model/rule.ts';
import type { RulesetOptions } from '../rule/ruleset.ts';
import type { Decompressing } from '../tar/aside.ts';
import type { LayerScanCache } from './cache/layer-scan-cache.ts';
import type { LayerScan } from './layer-scan.ts';

export interface ScanOptions {
  readonly ruleset: Ruleset;
  readonly limits: Limits;
  readonly platform: PlatformChoice;
  /** Version of the tool, for the report. */
  readonly version: string;
  /** A reference to the base image, whose layers are marked as inherited. */
  readonly base?: string;
  /** Keys the fingerprints: see `fingerprintOf`. */
  readonly fingerprintKey?: string;
  readonly signal?: AbortSignal;
  readonly onLayer?: (progress: Progress) => void;
  /** Scans of blobs by their digest, made with the same rules and limits: such a blob is hashed, and not searched once more. */
  readonly known?: ReadonlyMap<Digest, LayerScan>;
  /**
   * Scans of layers from earlier runs, made with the same rules and limits. They hold no values: the report is the same, and neither
   * its values can be shown nor its secrets be cleaned.
   */
  readonly cache?: LayerScanCache;
  /** The digests that layers announce are taken to be true: a layer whose scan is known or cached is not hashed. */
  readonly isVerified?: true;
  /** How many layers may be scanned at the same time, each in a thread of its own; default: as many as there are cores. The report is the same. */
  readonly jobs?: number;
  /** What inflates gzip; default: the core. The report is the same. */
  readonly inflate?: Decompressing['inflate'];
  /** What `ruleset` was loaded from, for threads load it anew. Without it all is scanned in this thread. */
  readonly rulesetOptions?: RulesetOptions;
  readonly threading?: Threading;
}

/** When threads pay, for tests and benches that know better. */
export interface Threading {
  /** Stored bytes of all layers that are to be read; with fewer none is started. */
  readonly leastBytes?: number;
  readonly cores?: number;
}

/** One layer on its way through the scan. */
export interface Progress {
  readonly layer: string;
  /** Position among the distinct layers, from 1. */
  readonly number: number;
  readonly of: number;
  /** Stored bytes, read and in all. */
  readonly read: number;
  readonly size: number;
  readonly isDone: boolean;
}
