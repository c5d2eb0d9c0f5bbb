// What is kept beside an unpacked layer: what was left out, and what the files on disk do not tell. A layer without a readable record is
// not unpacked.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, isDigest } from '../../model/digest.ts';

export interface UnpackedRecord {
  readonly diffId: Digest;
  /** Bytes on disk. */
  readonly bytes: number;
  /** Sentences about what was left out. */
  readonly notices: readonly string[];
  /** Directories that no entry speaks of, not even to delete them in lower layers: latin1 paths, '' is the root. */
  readonly implied: readonly string[];
  /** Directories whose content in lower layers is hidden. */
  readonly hiding: readonly string[];
}

/** Paths of one kind that are kept; layers of usual images have fewer than ten. */
export const mostKeptPaths = 10_000;

const recordName = 'unpacked.json';

export function writeRecord(folder: string, record: UnpackedRecord): void {
  writeFileSync(join(folder, recordName), `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** undefined: there is none, or it is not what was written. */
export function readRecord(folder: string, diffId: Digest): UnpackedRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, recordName), 'utf8'));
    return isRecord(record) && record.diffId === diffId ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is UnpackedRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { diffId, bytes, notices, implied, hiding } = value as Readonly<Record<string, unknown>>;
  const areStrings = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  return isDigest(diffId) && Number.isSafeInteger(bytes) && areStrings(notices) && areStrings(implied) && areStrings(hiding);
}
