// How a place and its fate are said in words: the same in every format that people read. The words are not yet neutralised.
import { type Fate, type Place, wholePath } from '../model/finding.ts';
import type { ImageInfo, Skipped } from '../model/report.ts';

/** `/app/.env:3:12`, `config.Env[3]`. */
export function wordsForPlace(place: Place): string {
  const { line, column } = place.position;
  switch (place.kind) {
    case 'file':
      return `${wholePath(place)}:${line}:${column}${place.git === undefined ? '' : ` (${place.git.path} in commit ${place.git.commit.slice(0, 12)})`}`;
    case 'header':
      return `${place.path} (header of the entry)`;
    case 'stray':
      return place.what;
    case 'metadata':
      return line === 1 ? place.pointer : `${place.pointer}:${line}:${column}`;
  }
}

/** Says for everything that is gone from the file system that it is still in the image. */
export function wordsForFate(fate: Fate): string {
  switch (fate.kind) {
    case 'visible':
      return 'visible';
    case 'deleted':
    case 'overwritten':
    case 'hidden': {
      const instruction = fate.byInstruction === undefined ? '' : `: ${fate.byInstruction}`;
      return `${fate.kind} by layer ${fate.byLayer}${instruction}; still in the image`;
    }
    case 'unreachable':
      return `not part of the file system (${fate.why}); still in the image`;
  }
}

/** `app:1.0 (linux/arm64)`. */
export function wordsForImage(image: ImageInfo): string {
  return image.platform === undefined ? image.name : `${image.name} (${image.platform})`;
}

/** `limit (max-entry-size): layer 3, /var/log/big: 5 GB, only the first 1 GB were looked at`. */
export function wordsForSkipped(skipped: Skipped): string {
  const limit = skipped.limit === undefined ? '' : ` (${skipped.limit})`;
  return `${skipped.reason}${limit}: ${skipped.place}: ${skipped.detail}`;
}
