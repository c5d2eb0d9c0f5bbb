// Images of the store on their way out, in one archive or layout, for docker, skopeo or another store.
import { type Blob, blobOf } from '../../model/blob.ts';
import { cleanedFromAnnotation } from '../../model/cleaned-from.ts';
import type { Digest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Image } from '../../model/image.ts';
import { stringField } from '../../model/json.ts';
import { defaultLimits, type Limits } from '../../model/limits.ts';
import { printable } from '../../model/printable.ts';
import type { StoredImage } from '../../model/stored-image.ts';
import { type OutputContents, type OutputTarget, parseOutput, stageOutput } from '../../store/output.ts';
import { manifestMediaTypes } from './image-index.ts';
import { fullName, parseImageName } from './image-name.ts';
import type { ImageStore } from './image-store.ts';

export interface SaveOptions {
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
}

/** An image that is written, and under which names: full ones with a tag, or what a layout calls it. */
interface Chosen {
  readonly image: StoredImage;
  readonly names: readonly { readonly kind: 'full' | 'short'; readonly name: string }[];
}

/**
 * Writes the images where `output` says: `docker-archive:FILE` (also for a plain path), `oci-archive:FILE`, `oci:DIR`, or `-`. One that is
 * chosen by a name has that name there, one that is chosen by a digest all of its names. Everything is staged, every blob verified, and then
 * put in place. Throws UnbakeError `not-found`, `usage`, `damaged`, `io`; then the target is as it was.
 */
export async function saveImages(
  store: ImageStore,
  references: readonly string[],
  output: string,
  { limits = defaultLimits, signal }: SaveOptions = {},
): Promise<readonly StoredImage[]> {
  if (references.length === 0) throw new UnbakeError('usage', 'there is no image to be saved', { hint: 'name one: unbake images lists them' });
  const target = parseOutput(output, 'docker-archive');
  const chosen = await chosenImages(store, references, target);
  const opened: { readonly chosen: Chosen; readonly image: Image }[] = [];
  const options = { platform: 'all', limits, ...(signal && { signal }) } as const;
  // Closing it is not needed: files of the store are open only while they are read.
  for (const each of chosen) opened.push({ chosen: each, image: (await store.open(each.image, options)).image });
  const staged = await stageOutput(target, contentsOf(opened), signal && { signal });
  await staged.commit();
  return chosen.map(({ image }) => image);
}

async function chosenImages(store: ImageStore, references: readonly string[], target: OutputTarget): Promise<readonly Chosen[]> {
  const chosen = new Map<Digest, { readonly image: StoredImage; readonly names: Set<string> }>();
  for (const reference of references) {
    const found = await store.findNamed(reference);
    if (found === undefined) {
      throw new UnbakeError('not-found', `there is no image ${printable(reference)} in the image store`, {
        hint: 'unbake images lists those that are there',
      });
    }
    const { image, name } = found;
    const { names } = chosen.get(image.manifestDigest) ?? { names: new Set() };
    for (const each of name === undefined ? image.names : [name]) names.add(each);
    chosen.set(image.manifestDigest, { image, names });
  }
  const images = [...chosen.values()];
  if (target.kind === 'stdout' || target.tag === undefined) {
    return images.map(({ image, names }) => ({ image, names: [...names].map((name) => ({ kind: 'full', name })) }));
  }
  const { tag, kind } = target;
  if (images.length > 1) throw new UnbakeError('usage', `there are ${images.length} images, and ${printable(tag)} can name only one`);
  const name = kind === 'docker-archive' ? ({ kind: 'full', name: parseImageName(tag) } as const) : ({ kind: 'short', name: tag } as const);
  return images.map(({ image }) => ({ image, names: [name] }));
}

function contentsOf(opened: readonly { readonly chosen: Chosen; readonly image: Image }[]): OutputContents {
  const blobs = new Map<Digest, Blob>();
  const manifests: unknown[] = [];
  const docker: OutputContents['docker'][number][] = [];
  for (const { chosen, image } of opened) {
    const { manifestDigest, configDigest, layers, cleanedFrom } = chosen.image;
    const document = (name: string) => image.documents.find((each) => each.name === name);
    const manifest = document('manifest');
    const config = document('config');
    const [problem] = image.skipped;
    if (manifest === undefined || config === undefined || problem !== undefined) {
      throw new UnbakeError(
        'damaged',
        `${printable(image.name)} is not whole in the image store: ${problem?.detail ?? 'its config cannot be read'}`,
        {
          hint: 'remove it with unbake rmi, and load it again',
        },
      );
    }
    blobs.set(manifestDigest, blobOf(manifest.bytes)).set(configDigest, blobOf(config.bytes));
    for (const { blob, announced } of image.layers) blobs.set(announced.digest!, blob);
    const descriptor = {
      mediaType: stringField(manifest.root, 'mediaType') ?? manifestMediaTypes[0],
      digest: manifestDigest,
      size: manifest.bytes.length,
      ...platformOf(chosen.image),
    };
    const origin = cleanedFrom === undefined ? {} : { [cleanedFromAnnotation]: cleanedFrom };
    for (const annotations of chosen.names.length === 0 ? [origin] : chosen.names.map((name) => ({ ...nameAnnotations(name), ...origin })))
      manifests.push({ ...descriptor, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) });
    const tags = chosen.names.filter(({ kind }) => kind === 'full').map(({ name }) => name);
    docker.push({ config: configDigest, tags, layers: layers.map(({ digest }) => digest) });
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  return { blobs, index: Buffer.from(JSON.stringify(index)), docker };
}

/** As docker and containerd write them; skopeo and umoci know the second alone. */
function nameAnnotations({ kind, name }: Chosen['names'][number]): Readonly<Record<string, string>> {
  const ref = 'org.opencontainers.image.ref.name';
  if (kind === 'short') return { [ref]: name };
  const full = fullName(name);
  return { 'io.containerd.image.name': full, [ref]: full.slice(full.lastIndexOf(':') + 1) };
}

function platformOf({ platform }: StoredImage): object {
  const [os, architecture, variant] = platform?.split('/') ?? [];
  if (os === undefined || architecture === undefined) return {};
  return { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
}
