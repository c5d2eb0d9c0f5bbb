// Under which digest the scan of a layer is kept and looked for.
import type { Digest } from '../../model/digest.ts';
import type { Layer } from '../../model/image.ts';

/**
 * The digest that the stored bytes of a layer should have. Many archives tell the diffId alone: where a layer is stored as it is, that is
 * its digest too, and where it is compressed its size and samples are not those of the blob that has this digest.
 */
export function claimedDigest({ announced: { digest, diffId } }: Layer): Digest | undefined {
  return digest ?? diffId;
}
