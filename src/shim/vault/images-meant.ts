// Which images of a vault the one that is to be run is: by its digests, for names change.
import type { Digest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import type { VaultManifest } from '../../model/vault.ts';

export interface ImageDigests {
  readonly manifestDigest?: Digest;
  readonly configDigest?: Digest;
}

export interface ImagesMeant {
  /** Indices into the images of the vault. */
  readonly indices: ReadonlySet<number>;
  readonly notices: readonly Notice[];
}

/** A vault of one image is taken for any image, and that is told. Throws UnbakeError `usage` for one of several that are all others. */
export function imagesMeant({ images }: Pick<VaultManifest, 'images'>, { manifestDigest, configDigest }: ImageDigests): ImagesMeant {
  const indices = images.flatMap(({ newDigest, newConfigDigest }, index) => {
    const isManifest = newDigest === manifestDigest;
    const isConfig = configDigest !== undefined && (newConfigDigest === configDigest || newDigest === configDigest);
    return isManifest || isConfig ? [index] : [];
  });
  if (indices.length > 0) return { indices: new Set(indices), notices: [] };
  const [only, ...others] = images;
  const listed = images
    .slice(0, 10)
    .map(({ name, platform, newDigest }) => printable(`${name}${platform === undefined ? '' : ` (${platform})`}, ${newDigest}`));
  if (only === undefined || others.length > 0) {
    throw new UnbakeError('usage', `the vault is not of this image, but of ${listed.length === 0 ? 'none' : listed.join('; ')}`, {
      hint: 'run one of these, or name the vault that was written with this image',
    });
  }
  const detail = `it was written for another image (${listed[0]}): what belonged there is put into this one`;
  return { indices: new Set([0]), notices: [{ place: 'vault', detail }] };
}
