// Which stored image somebody means: by name, by a digest, or by its first digits.
import { type Digest, hexOf } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { familiarName } from './image-name.ts';

/** What an image is found by. */
export interface Findable {
  readonly names: readonly string[];
  readonly manifestDigest: Digest;
  /** Undefined for an image whose manifest cannot be read. */
  readonly configDigest?: Digest;
  readonly loadedAt: string;
}

export interface Found<T> {
  readonly image: T;
  /** The name that it was found by; undefined when it was by a digest. */
  readonly name?: string;
}

/**
 * A name without a tag has the tag `latest`; `NAME@DIGEST` is the digest. A name goes before digits. Of images with one config (they run
 * the same) the one that was loaded last is meant. Throws UnbakeError `usage` for digits that several images begin with.
 */
export function lookup<T extends Findable>(images: readonly T[], reference: string): Found<T> | undefined {
  for (const name of namesMeant(reference)) {
    const image = images.find(({ names }) => names.includes(name));
    if (image !== undefined) return { image, name };
  }
  const wanted = reference.slice(reference.indexOf('@') + 1);
  const exact = images.find(({ manifestDigest }) => manifestDigest === wanted);
  if (exact !== undefined) return { image: exact };
  const digits = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(wanted)?.[1];
  const isMeant = (digest: Digest | undefined) => digits !== undefined && digest?.startsWith(`sha256:${digits}`) === true;
  const matching = images.filter(({ manifestDigest, configDigest }) => isMeant(manifestDigest) || isMeant(configDigest));
  if (new Set(matching.map(({ configDigest, manifestDigest }) => configDigest ?? manifestDigest)).size > 1) throw ambiguous(matching, reference);
  const [last] = matching.toSorted((a, b) => (a.loadedAt < b.loadedAt ? 1 : a.loadedAt > b.loadedAt ? -1 : 0));
  return last === undefined ? undefined : { image: last };
}

/** podman calls images that were built here `localhost/NAME`, and finds them by NAME. */
function namesMeant(reference: string): readonly string[] {
  const familiar = familiarName(reference);
  const local = familiar === undefined ? undefined : familiarName(`localhost/${familiar}`);
  return [familiar, local, reference].filter((name) => name !== undefined);
}

function ambiguous(images: readonly Findable[], reference: string): UnbakeError {
  const listed = images
    .slice(0, 10)
    .map(
      ({ names, configDigest, manifestDigest }) =>
        `${hexOf(configDigest ?? manifestDigest).slice(0, 20)} (${names.map(printable).join(', ') || 'no name'})`,
    );
  return new UnbakeError('usage', `${printable(reference)} is the beginning of ${images.length} images: ${listed.join('; ')}`, {
    hint: 'write more digits, or a name',
  });
}
