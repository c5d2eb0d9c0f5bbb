// From a reference to an image in the local store: one that is there by its name, or one of an archive or layout, which is copied there.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../model/error.ts';
import type { Image, OpenedStore } from '../model/image.ts';
import type { Limits } from '../model/limits.ts';
import { parsePlatform, type Platform } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import { parseReference } from '../model/reference.ts';
import type { StoredImage } from '../model/stored-image.ts';
import { ImageStore } from '../shim/images/image-store.ts';
import type { Home } from '../shim/home.ts';
import { machineArchitecture } from '../shim/machine.ts';
import { openStore } from '../store/open.ts';

export interface ImageSought {
  readonly reference: string;
  /** os/architecture[/variant]; left out: this machine's. */
  readonly platform?: string;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly onStage?: (stage: string) => void;
}

/** An image of the local store, and the names that it had in the archive that it came from and has not here yet. */
export interface ImageFound {
  readonly image: StoredImage;
  readonly names: readonly string[];
}

/**
 * What is copied gets no name: one that is refused, or does not start, takes none away from another image. Throws UnbakeError `not-found`,
 * `no-such-platform`, `usage` when the reference leads to several images, and what reading them throws.
 */
export async function storedImageFor(home: Home, sought: ImageSought): Promise<ImageFound> {
  const name = await nameInStore(home, sought.reference);
  if (name !== undefined) return { image: await namedImage(home, name, sought), names: [] };
  const { signal, onStage } = sought;
  const { store, image } = await openPath(sought);
  try {
    const images = new ImageStore(home);
    const onBlob = (number: number, of: number) => onStage?.(`copying part ${number} of ${of} into the local store`);
    const [stored] = await images.add(store, [{ ...image, tags: [] }], { onBlob, ...(signal && { signal }) });
    return { image: stored, names: image.tags.filter((tag) => !stored.names.includes(tag)) };
  } finally {
    await store.close();
  }
}

/** The same without a copy: whoever calls closes the store. */
export async function openedImageFor(home: Home, sought: ImageSought): Promise<{ readonly store: OpenedStore; readonly image: Image }> {
  const name = await nameInStore(home, sought.reference);
  if (name === undefined) return openPath(sought);
  return new ImageStore(home).open(await namedImage(home, name, sought), {
    platform: 'all',
    limits: sought.limits,
    ...(sought.signal && { signal: sought.signal }),
  });
}

async function openPath(sought: ImageSought): Promise<{ readonly store: OpenedStore; readonly image: Image }> {
  const { reference, limits, signal } = sought;
  const store = await openStore(parseReference(reference), { platform: 'all', limits, ...(signal && { signal }) });
  try {
    if (store.images.length === 0) throw noImage(store, reference);
    return { store, image: chosenImage(store, sought) };
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

/** What could not be read says more than what was not found. */
export function noImage({ problem, skipped }: OpenedStore, reference: string): UnbakeError {
  if (skipped.length > 0) {
    const [{ place, detail }] = skipped;
    return new UnbakeError('damaged', `${printable(reference)} has no image that can be read: ${place}: ${detail}`, {
      hint: 'save it anew; unbake scan tells all that is missing',
    });
  }
  return problem ?? new UnbakeError('not-an-image', `${printable(reference)} holds no image`);
}

async function namedImage(home: Home, name: string, { platform }: ImageSought): Promise<StoredImage> {
  const image = await new ImageStore(home).find(name);
  if (image !== undefined) {
    const wanted = platform === undefined ? 'all' : parsePlatform(platform);
    if (wanted === 'all' || image.platform === undefined || isPlatform(image.platform, wanted)) return image;
    throw noSuchPlatform(name, [image.platform], platform);
  }
  throw new UnbakeError('not-found', `there is no file ${printable(name)}, and no image of that name in the local store`, {
    hint: 'unbake images lists the store; an archive or layout is named by its path: docker save IMAGE -o image.tar, then unbake run image.tar',
  });
}

/** A file or layout goes before a name, and a name before a folder that is no layout: that is just called so. */
async function nameInStore(home: Home, typed: string): Promise<string | undefined> {
  const reference = parseReference(typed);
  if (reference.kind !== 'path') return undefined;
  if (!existsSync(reference.path)) return typed;
  if (['index.json', 'manifest.json'].some((name) => existsSync(join(reference.path, name)))) return undefined;
  const isNamed = statSync(reference.path).isDirectory() && (await new ImageStore(home).find(typed)) !== undefined;
  return isNamed ? typed : undefined;
}

/** Of the images of several platforms the one that this machine runs. */
export function chosenImage(store: Pick<OpenedStore, 'images'>, { reference, platform }: ImageSought): Image {
  const wanted = platform === undefined ? { os: 'linux', architecture: machineArchitecture() } : parsePlatform(platform);
  const { images } = store;
  const fitting = wanted === 'all' ? images : images.filter((image) => image.platform === undefined || isPlatform(image.platform, wanted));
  if (fitting.length === 1) return fitting[0];
  const plainest = wanted === 'all' ? undefined : plainestOf(fitting);
  if (plainest !== undefined) return plainest;
  // One that does not fit is told of by whoever runs it, who knows of emulators.
  if (fitting.length === 0 && images.length === 1 && platform === undefined) return images[0];
  if (fitting.length === 0) {
    throw noSuchPlatform(
      reference,
      images.map((image) => image.platform ?? 'unknown'),
      platform,
    );
  }
  const names = fitting.slice(0, 8).map(({ name, platform: of = 'any' }) => `${printable(name)} (${printable(of)})`);
  throw new UnbakeError('usage', `${printable(reference)} holds ${fitting.length} images: ${names.join(', ')}`, {
    hint: 'name one of them: docker-archive:PATH:TAG, oci:PATH:TAG, and --platform',
  });
}

/** Of variants of one image that which every machine of the architecture runs: v2 and v3 of amd64 stand behind none, v7 of arm behind v6. */
function plainestOf(fitting: readonly Image[]): Image | undefined {
  const areVariants = new Set(fitting.map(({ name }) => name)).size === 1 && new Set(fitting.map(({ platform }) => platform)).size === fitting.length;
  const variantOf = ({ platform = '' }: Image) => platform.split('/')[2] ?? '';
  return areVariants ? fitting.toSorted((a, b) => (variantOf(a) < variantOf(b) ? -1 : 1))[0] : undefined;
}

function noSuchPlatform(reference: string, has: readonly string[], platform = `linux/${machineArchitecture()}`): UnbakeError {
  const shown = printable([...new Set(has)].join(', '));
  return new UnbakeError('no-such-platform', `${printable(reference)} has no image for ${printable(platform)}: it has ${shown}`, {
    hint: 'choose one with --platform, or get the image for this platform',
  });
}

function isPlatform(text: string, wanted: Platform): boolean {
  const [os, architecture, variant] = text.split('/');
  return os === wanted.os && architecture === wanted.architecture && (wanted.variant === undefined || wanted.variant === variant);
}
