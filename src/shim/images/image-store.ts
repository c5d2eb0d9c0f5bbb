// The local image store: an OCI image layout (image-spec, image-layout.md) in which each blob stands once, whatever images share it. Several
// commands may use it at once; `.unbake` in it holds the lock and what is being written.
import { join } from 'node:path';
import type { Digest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Image, OpenedStore } from '../../model/image.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import type { StoredImage } from '../../model/stored-image.ts';
import { gatherImages } from '../../store/gather.ts';
import type { OpenOptions } from '../../store/open.ts';
import type { Home } from '../home.ts';
import { BlobFolder } from './blob-folder.ts';
import { emptyIndex, type ImageIndex, indexText, type IndexedImage } from './image-index.ts';
import { archiveName, parseImageName } from './image-name.ts';
import { type IncomingImage, incomingImage, type KnownDigests } from './incoming-image.ts';
import { IndexFile } from './index-file.ts';
import { LoneImageMembers } from './lone-image-members.ts';
import { type Found, lookup } from './lookup.ts';
import { reachableFrom } from './reach.ts';
import { type LoneImage, storedParts, withSharing } from './stored-parts.ts';

export interface AddOptions {
  /** For a single image, beside the names that it has. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  /** Called before each blob that is looked at: number `number` of `of`. */
  readonly onBlob?: (number: number, of: number) => void;
}

export interface RemoveOptions {
  readonly force: boolean;
  /** Why the image may not go, such as a container that is made of it. */
  inUse(image: StoredImage): string | undefined;
}

/** What docker prints of it: names that were taken away, and digests of blobs that are gone. */
export interface Removal {
  readonly untagged: readonly string[];
  readonly deleted: readonly Digest[];
}

export interface PruneOptions {
  /** Images with names too. */
  readonly all: boolean;
  isNeeded(image: StoredImage): boolean;
}

export interface Pruned {
  /** Image IDs. */
  readonly images: readonly Digest[];
  readonly blobs: number;
  /** That are free now. */
  readonly bytes: number;
}

/** An image of the index, with what its blobs say or what is wrong with them. */
type Readable = IndexedImage & { readonly configDigest?: Digest; readonly parts: LoneImage | UnbakeError };

const mostTries = 5;

export class ImageStore {
  readonly #index: IndexFile;
  readonly #blobs: BlobFolder;

  constructor({ images }: Pick<Home, 'images'>) {
    const own = join(images, '.unbake');
    this.#index = new IndexFile(images, own);
    this.#blobs = new BlobFolder(images, join(own, 'incoming'));
  }

  /** The images that can be read, the one that was loaded last first. `problems` tells of the others. Reads two small files an image. */
  async list(): Promise<readonly StoredImage[]> {
    return storedImages(await this.#readable()).toSorted((a, b) => (a.loadedAt < b.loadedAt ? 1 : a.loadedAt > b.loadedAt ? -1 : 0));
  }

  /** What is wrong with images that `list` leaves out. */
  async problems(): Promise<readonly Notice[]> {
    return (await this.#readable()).flatMap(({ parts, names, manifestDigest }) =>
      parts instanceof UnbakeError ? [{ place: `image ${printable(names[0] ?? manifestDigest)}`, detail: parts.message }] : [],
    );
  }

  /**
   * By name (the tag is `latest` where none is given), by the digest of the manifest or config, or by its first digits, at least four.
   * Undefined: it is not here. Throws UnbakeError `usage` for digits that several images begin with, `damaged` for an image that cannot
   * be read.
   */
  async find(reference: string): Promise<StoredImage | undefined> {
    return (await this.findNamed(reference))?.image;
  }

  /** As `find`, with the name of the image that it was found by; without one it was found by a digest. */
  async findNamed(reference: string): Promise<Found<StoredImage> | undefined> {
    const readable = await this.#readable();
    const found = lookup(readable, reference);
    if (found === undefined) return undefined;
    const { image, name } = found;
    if (image.parts instanceof UnbakeError) throw image.parts;
    const stored = storedImages(readable).find(({ manifestDigest }) => manifestDigest === image.manifestDigest)!;
    return { image: stored, ...(name === undefined ? {} : { name }) };
  }

  /**
   * Copies what is missing, or links it; every digest is verified first. The names of the images come along, from the images that had them
   * before. Names that are tags of nothing, such as `latest` alone, do not. Throws UnbakeError `damaged` or `unread` for images that are
   * not whole, `usage` for a name that cannot be given, `conflict` when another command does not end: then nothing is added.
   */
  async add(store: OpenedStore, images: readonly Image[], options: AddOptions = {}): Promise<readonly StoredImage[]> {
    const { name, signal, onBlob } = options;
    if (images.length === 0) throw store.problem ?? new UnbakeError('not-found', 'there is no image to be loaded');
    const names = images.map((image) => [...new Set(image.tags.map(archiveName).filter((each) => each !== undefined))]);
    if (name !== undefined) giveName(names, parseImageName(name));
    const known: KnownDigests = new Map();
    const incoming: IncomingImage[] = [];
    for (const image of images) incoming.push(await incomingImage(image, known, signal));
    const blobs = new Map(incoming.flatMap((image) => [...image.blobs]));
    let number = 0;
    for (const [digest, blob] of blobs) {
      onBlob?.(++number, blobs.size);
      await this.#blobs.put(digest, blob, signal);
    }
    await this.#index.change(
      async (index, write) => {
        // Another command may have removed them since, for nothing needed them yet.
        for (const [digest, blob] of blobs) await this.#blobs.put(digest, blob, signal);
        await this.#blobs.sync();
        await write(incoming.reduce((changed, image, position) => withImage(changed, image, images[position], names[position]), index));
      },
      { ...(signal && { signal }) },
    );
    const stored = storedImages(await this.#readable());
    return incoming.map(({ manifestDigest }) => {
      const image = stored.find((each) => each.manifestDigest === manifestDigest);
      if (image !== undefined) return image;
      throw new UnbakeError('conflict', 'the image was removed by another command as soon as it was loaded', { hint: 'load it again' });
    });
  }

  /** The image as others read it, under its names; whoever opens closes. Costs as much as this image, whatever else is here. */
  async open(image: StoredImage, options: OpenOptions): Promise<{ readonly store: OpenedStore; readonly image: Image }> {
    const indexed = (await this.#index.read()).images.find(({ manifestDigest }) => manifestDigest === image.manifestDigest);
    if (indexed === undefined) throw gone(image);
    const digests = [image.manifestDigest, image.configDigest, ...image.layers.map(({ digest }) => digest)];
    const members = new LoneImageMembers(this.#blobs, indexText({ ...emptyIndex, images: [indexed] }), digests);
    const reference = { kind: 'oci', typed: image.names[0] ?? image.configDigest, path: '' } as const;
    const store = await gatherImages(reference, members, options);
    const [opened] = store.images;
    if (opened === undefined) throw store.problem ?? gone(image);
    return { store, image: opened };
  }

  /**
   * By one of several names: takes the name away. By the last name, or a digest: the image goes, and the blobs that no other image needs.
   * Throws UnbakeError `not-found`; `conflict` when it is in use, or has several names and a digest was given. With `force` all its names
   * are taken away then, and an image in use stays, without a name.
   */
  async remove(reference: string, { force, inUse }: RemoveOptions): Promise<Removal> {
    return this.#index.change(async (index, write) => {
      const readable = await this.#read(index);
      const found = lookup(readable, reference);
      if (found === undefined) throw notHere(reference);
      const { image, name } = found;
      const { names, manifestDigest } = image;
      if (name !== undefined && names.length > 1) {
        await write(
          withImages(index, (each) => (each.manifestDigest === manifestDigest ? { ...each, names: names.filter((other) => other !== name) } : each)),
        );
        return { untagged: [name], deleted: [] };
      }
      if (name === undefined && names.length > 1 && !force) {
        throw new UnbakeError('conflict', `${printable(reference)} has ${names.length} names: ${names.map(printable).join(', ')}`, {
          hint: 'remove it by its names, or with --force',
        });
      }
      const reason =
        image.parts instanceof UnbakeError ? undefined : inUse(storedImages(readable).find((each) => each.manifestDigest === manifestDigest)!);
      if (reason !== undefined && !force)
        throw new UnbakeError('conflict', `${printable(reference)} cannot be removed: ${reason}`, {
          hint: 'remove the container first, or take the name away with --force',
        });
      if (reason !== undefined) {
        await write(withImages(index, (each) => (each.manifestDigest === manifestDigest ? { ...each, names: [] } : each)));
        return { untagged: names, deleted: [] };
      }
      const { deleted } = await this.#drop(index, new Set([manifestDigest]), write, false);
      return { untagged: names, deleted };
    });
  }

  /**
   * Removes images without a name (`all`: with names too) that are not needed, blobs that nothing needs, and what commands that were
   * killed have left.
   */
  async prune({ all, isNeeded }: PruneOptions): Promise<Pruned> {
    return this.#index.change(async (index, write) => {
      const stored = storedImages(await this.#read(index));
      const unneeded = stored.filter((image) => (all || image.names.length === 0) && !isNeeded(image));
      const leftovers = await this.#blobs.sweepIncoming();
      const { deleted, bytes } = await this.#drop(index, new Set(unneeded.map(({ manifestDigest }) => manifestDigest)), write, true);
      return { images: unneeded.map(({ configDigest }) => configDigest), blobs: deleted.length, bytes: bytes + leftovers };
    });
  }

  /** Takes images out of the index, then their blobs (of all blobs, where `isSweeping`) as far as nothing else needs them. */
  async #drop(index: ImageIndex, manifests: ReadonlySet<Digest>, write: (index: ImageIndex) => Promise<void>, isSweeping: boolean) {
    const isDropped = ({ manifestDigest }: IndexedImage) => manifests.has(manifestDigest);
    const left: ImageIndex = { ...index, images: index.images.filter((image) => !isDropped(image)) };
    const dropped: ImageIndex = { ...emptyIndex, images: index.images.filter(isDropped) };
    const needed = await reachableFrom(left, this.#blobs);
    const theirs = isSweeping ? undefined : await reachableFrom(dropped, this.#blobs);
    const deleted = (await this.#blobs.digests()).filter((digest) => !needed.has(digest) && theirs?.has(digest) !== false);
    if (manifests.size > 0) await write(left);
    return { deleted, bytes: await this.#blobs.remove(deleted) };
  }

  /** Without the lock an image may be removed while its blobs are read: then the index is another one. */
  async #readable(): Promise<readonly Readable[]> {
    for (let tries = 1; ; tries++) {
      const index = await this.#index.read();
      const readable = await this.#read(index);
      if (tries === mostTries || readable.every(({ parts }) => !(parts instanceof UnbakeError))) return readable;
      if ((await this.#index.read()).bytes.equals(index.bytes)) return readable;
    }
  }

  async #read(index: ImageIndex): Promise<readonly Readable[]> {
    const readable: Readable[] = [];
    for (const indexed of index.images) {
      try {
        const parts = await storedParts(indexed, this.#blobs);
        readable.push({ ...indexed, configDigest: parts.configDigest, parts });
      } catch (thrown) {
        if (!(thrown instanceof UnbakeError)) throw thrown;
        readable.push({ ...indexed, parts: thrown });
      }
    }
    return readable;
  }
}

function storedImages(readable: readonly Readable[]): readonly StoredImage[] {
  return withSharing(readable.flatMap(({ parts }) => (parts instanceof UnbakeError ? [] : [parts])));
}

function giveName(names: string[][], name: string): void {
  if (names.length > 1) {
    throw new UnbakeError('usage', `there are ${names.length} images, and ${name} can name only one`, {
      hint: 'choose one of them: PATH:TAG, or --platform',
    });
  }
  if (!names[0].includes(name)) names[0].push(name);
}

function withImage(index: ImageIndex, incoming: IncomingImage, image: Image, names: readonly string[]): ImageIndex {
  const { manifestDigest, mediaType, size } = incoming;
  const untagged = withImages(index, (each) => ({ ...each, names: each.names.filter((name) => !names.includes(name)) }));
  const known = untagged.images.find((each) => each.manifestDigest === manifestDigest);
  const cleanedFrom = image.cleanedFrom ?? known?.cleanedFrom;
  const added: IndexedImage = {
    manifestDigest,
    mediaType,
    size,
    ...(image.platform === undefined ? {} : { platform: image.platform }),
    names: [...(known?.names ?? []), ...names],
    loadedAt: known?.loadedAt ?? new Date().toISOString(),
    ...(cleanedFrom === undefined ? {} : { cleanedFrom }),
  };
  return { ...untagged, images: [...untagged.images.filter((each) => each !== known), added] };
}

function withImages(index: ImageIndex, change: (image: IndexedImage) => IndexedImage): ImageIndex {
  return { ...index, images: index.images.map(change) };
}

function notHere(reference: string): UnbakeError {
  return new UnbakeError('not-found', `there is no image ${printable(reference)} in the image store`, {
    hint: 'unbake images lists those that are there',
  });
}

function gone({ names, configDigest }: StoredImage): UnbakeError {
  return notHere(names[0] ?? configDigest);
}
