// How a cleaned image tells what it was cleaned from: by an annotation of its descriptor in an index, so that its own digests stay the same.
import type { Digest } from './digest.ts';
import { isDigest } from './digest.ts';
import { field, type JsonNode, stringField } from './json.ts';

/** Its value is the digest of the manifest, of the config where there was none. */
export const cleanedFromAnnotation = 'dev.unbake.cleaned-from';

/** What a descriptor says; undefined where it says nothing, or something that is no digest. */
export function cleanedFromOf(descriptor: JsonNode): Digest | undefined {
  const digest = stringField(field(descriptor, 'annotations'), cleanedFromAnnotation);
  return isDigest(digest) ? digest : undefined;
}
