// `unbake images`, `load`, `save`, `rmi`: the local store of images.
import { parseLimits } from '../model/limits.ts';
import { parsePlatform } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import { parseReference } from '../model/reference.ts';
import type { StoredImage } from '../model/stored-image.ts';
import { imageLines, imageTable } from '../report/image-table.ts';
import { keptContainers } from '../shim/container/record.ts';
import { type Home, homeAt } from '../shim/home.ts';
import { ImageStore } from '../shim/images/image-store.ts';
import { saveImages } from '../shim/images/save-images.ts';
import { openStore } from '../store/open.ts';
import { failWith } from './fail.ts';
import type { HomeFlags } from './home-flag.ts';
import { interruptible } from './interrupt.ts';
import { isAboutImage, maskedError } from './masked-error.ts';
import { writeStandardOutput } from './outputs.ts';
import { progressOn } from './progress.ts';
import { noImage } from './run-image.ts';

export interface ImagesFlags extends HomeFlags {
  readonly quiet?: true;
  readonly digests?: true;
  readonly trunc: boolean;
  readonly format: 'text' | 'json';
}

export async function listImages(flags: ImagesFlags): Promise<void> {
  const store = new ImageStore(await homeAt(flags.root));
  const images = await store.list();
  for (const { place, detail } of await store.problems()) process.stderr.write(`unbake: ${place}: ${printable(detail)}\n`);
  if (flags.quiet) return writeStandardOutput(images.map(({ configDigest }) => `${flags.trunc ? configDigest.slice(7, 19) : configDigest}\n`));
  await writeStandardOutput(
    flags.format === 'json' ? imageLines(images) : imageTable(images, new Date(), { isWhole: !flags.trunc, hasDigests: flags.digests === true }),
  );
}

export interface LoadFlags extends HomeFlags {
  readonly platform: string;
  readonly tag?: string;
  readonly limit?: readonly string[];
  readonly quiet?: true;
}

export async function loadImages(reference: string, flags: LoadFlags): Promise<void> {
  const home = await homeAt(flags.root);
  const platform = parsePlatform(flags.platform);
  const limits = parseLimits(flags.limit ?? []);
  const progress = progressOn(process.stderr, flags.quiet === true);
  const loaded = await interruptible(async (signal) => {
    const store = await openStore(parseReference(reference), { platform, limits, signal });
    try {
      if (store.images.length === 0) throw noImage(store, reference);
      const onBlob = (number: number, of: number) => progress?.say(`copying part ${number} of ${of}`);
      return await new ImageStore(home).add(store, store.images, { signal, onBlob, ...(flags.tag === undefined ? {} : { name: flags.tag }) });
    } finally {
      progress?.clear();
      await store.close();
    }
  }).catch(async (thrown: unknown) => {
    throw isAboutImage(thrown) ? await maskedError(thrown, await (await import('../rule/ruleset.ts')).loadRuleset()) : thrown;
  });
  await writeStandardOutput(loaded.flatMap((image) => loadedLines(image)));
}

function loadedLines({ names, configDigest }: StoredImage): readonly string[] {
  return names.length === 0 ? [`Loaded image ID: ${configDigest}\n`] : names.map((name) => `Loaded image: ${printable(name)}\n`);
}

export interface SaveFlags extends HomeFlags {
  readonly output: string;
  readonly quiet?: true;
}

export async function saveAll(references: readonly string[], flags: SaveFlags): Promise<void> {
  const store = new ImageStore(await homeAt(flags.root));
  await interruptible((signal) => saveImages(store, references, flags.output, { signal }));
}

export interface RmiFlags extends HomeFlags {
  readonly force?: true;
}

export async function removeImages(references: readonly string[], flags: RmiFlags): Promise<number> {
  const home = await homeAt(flags.root);
  const store = new ImageStore(home);
  const users = await usersOf(home);
  let exitCode = 0;
  for (const reference of references) {
    try {
      const { untagged, deleted } = await store.remove(reference, { force: flags.force === true, inUse: (image) => users(image) });
      await writeStandardOutput([...untagged.map((name) => `Untagged: ${printable(name)}\n`), ...deleted.map((digest) => `Deleted: ${digest}\n`)]);
    } catch (thrown) {
      exitCode = failWith(thrown);
    }
  }
  return exitCode;
}

/** Which container an image may not go for. */
export async function usersOf(home: Home): Promise<(image: StoredImage) => string | undefined> {
  const { containers } = await keptContainers(home);
  return ({ manifestDigest }) => {
    const user = containers.find(({ record }) => record.imageDigest === manifestDigest);
    return user === undefined ? undefined : `container ${user.name} was made of it`;
  };
}
