// Images of the local store for people and for programs: the columns of `docker images` with what only unbake knows, or a JSON object a line.
import { jsonText } from './json-text.ts';
import type { Digest } from '../model/digest.ts';
import { shortDigest } from '../model/digest.ts';
import { printable } from '../model/printable.ts';
import type { StoredImage } from '../model/stored-image.ts';
import { age, byteCount, table } from './table.ts';

/** A line for each name. `digests`: with the digest of the manifest. */
export function* imageTable(
  images: readonly StoredImage[],
  now: Date,
  options: { readonly isWhole: boolean; readonly hasDigests: boolean },
): Generator<string> {
  const shown = (digest: Digest) => (options.isWhole ? digest : shortDigest(digest));
  const digestHeading = options.hasDigests ? ['DIGEST'] : [];
  yield* table(
    ['REPOSITORY', 'TAG', ...digestHeading, 'IMAGE ID', 'CREATED', 'SIZE', 'LAYERS', 'SHARED', 'CLEANED FROM'],
    images.flatMap((image) =>
      (image.names.length === 0 ? ['<none>:<none>'] : image.names).map((name) => {
        const colon = name.lastIndexOf(':');
        return [
          printable(name.slice(0, colon)),
          printable(name.slice(colon + 1)),
          ...(options.hasDigests ? [image.manifestDigest] : []),
          shown(image.configDigest),
          image.createdAt === undefined ? '-' : `${age(image.createdAt, now)} ago`,
          byteCount(image.size),
          String(image.layers.length),
          String(image.sharedLayers),
          image.cleanedFrom === undefined ? '-' : cleanedFrom(image.cleanedFrom, images, options.isWhole),
        ];
      }),
    ),
  );
}

/** A source that is here too by the ID and the name that it is listed with. */
function cleanedFrom(digest: Digest, images: readonly StoredImage[], isWhole: boolean): string {
  const source = images.find(({ manifestDigest, configDigest }) => manifestDigest === digest || configDigest === digest);
  const shown = source === undefined ? digest : source.configDigest;
  const name = source?.names[0] === undefined ? '' : ` (${printable(source.names[0])})`;
  return `${isWhole ? shown : shortDigest(shown)}${name}`;
}

export function* imageLines(images: readonly StoredImage[]): Generator<string> {
  for (const image of images) yield `${jsonText(image)}\n`;
}
