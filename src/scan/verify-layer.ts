// What the scan of a layer computed against what its image announced.
import type { Layer } from '../model/image.ts';
import type { Notice, Skipped } from '../model/report.ts';
import type { LayerScan } from './layer-scan.ts';

/** `place` is empty: the whole layer. */
export function mismatches({ announced }: Layer, scan: LayerScan): Skipped[] {
  const wrong = (what: string, actual: string | number, expected: string | number): Skipped => ({
    reason: 'mismatch',
    place: '',
    detail: `its ${what} is ${actual} and should be ${expected}`,
  });
  const found: Skipped[] = [];
  if (!scan.isTar && scan.bytes > 0)
    found.push({
      reason: 'damaged',
      place: '',
      detail: scan.entries.length > 0 ? 'its first header is damaged' : 'it is no tar archive: it was searched as one text',
    });
  if (announced.size !== undefined && announced.size !== scan.size) found.push(wrong('size', scan.size, announced.size));
  if (announced.digest !== undefined && announced.digest !== scan.digest) found.push(wrong('digest', scan.digest, announced.digest));
  else if (announced.diffId?.startsWith('sha256:') && announced.diffId !== scan.diffId && scan.isWhole)
    found.push(wrong('diffId', scan.diffId, announced.diffId));
  return found;
}

/** The magic number decides how a layer is read; a media type that says otherwise is told. */
export function compressionNotice({ mediaType }: Layer, { compression }: LayerScan): Notice[] {
  const claimed = /[.+](gzip|zstd)$/.exec(mediaType)?.[1] ?? (/layer\.(?:nondistributable\.)?v1\.tar$/.test(mediaType) ? 'none' : undefined);
  if (claimed === undefined || claimed === compression) return [];
  return [
    {
      place: '',
      detail: `its media type ${mediaType} says ${claimed === 'none' ? 'no compression' : claimed}, its bytes are ${compression === 'none' ? 'not compressed' : compression}`,
    },
  ];
}
