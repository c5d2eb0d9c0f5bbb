// A layer that waits to be scanned, and what can scan it.
import type { Blob } from '../../model/blob.ts';
import type { LayerScan } from '../layer-scan.ts';
import type { LayerScanOptions } from '../scan-layer.ts';

export interface LayerTask {
  /** How messages call the layer. */
  readonly name: string;
  readonly blob: Blob;
  readonly algorithm: NonNullable<LayerScanOptions['algorithm']>;
  readonly inflate?: LayerScanOptions['inflate'];
  readonly onProgress: (bytes: number) => void;
  readonly onDone: () => void;
}

export interface LayerScanner {
  /** False when it cannot scan at all: another one has to. */
  start(): Promise<boolean>;
  /** One layer at a time. Throws what the scan throws. */
  scan(task: LayerTask): Promise<LayerScan>;
  /** Ends the scan that it is at; it may be asked for another one. */
  stop(): Promise<void>;
}
