// Layers unpacked once a diffID and shared by all images that have them: `sha256/HEX/tree` holds the files, `unpacked.json` beside it what
// is to be said of them. A folder with its name is whole: it is made under another one, written out to the disk and renamed.
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, hexOf, isDigest } from '../../model/digest.ts';
import { printablePath } from '../../model/entry.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import type { Home } from '../home.ts';
import { EntryWriter, unpackError } from './entry-writer.ts';
import { hiddenLinks, impliedTree, type UnpackedLayer } from './implied.ts';
import type { LayerToUnpack, UnpackOptions } from './layer-to-unpack.ts';
import { LeftOut } from './left-out.ts';
import { asOverlayLayer } from './overlay-layer.ts';
import { syncFileSystem } from './programs.ts';
import { readTar } from './read-tar.ts';
import { removeTreeAt } from './remove-tree.ts';
import { makeTemporaryFolder, sweepTemporaryFolders, temporaryPath } from './temporary-folder.ts';
import { longestPathBelow, Tree } from './tree.ts';
import { mostKeptPaths, readRecord, type UnpackedRecord, writeRecord } from './unpacked-record.ts';

export type { LayerToUnpack, UnpackOptions } from './layer-to-unpack.ts';

/**
 * Unpacks what is not there yet, and sweeps first. `trees`: the folders for `lowerdir`, lowest layer first; not always one a layer: of two
 * with the same content the upper one is enough, below a layer that hides everything none counts, and on top may lie one more (implied.ts).
 * Throws UnbakeError `damaged` or `limit` for a layer that cannot be read whole, is not what its diffId says, or has an entry that cannot be
 * unpacked safely; `io`; `unsupported` and `runtime` when the machine lacks something; `conflict` when a layer is removed meanwhile. Nothing
 * of a layer that failed is kept.
 */
export async function unpackLayers(
  home: Home,
  layers: readonly LayerToUnpack[],
  options: UnpackOptions,
): Promise<{ readonly trees: readonly string[]; readonly notices: readonly Notice[] }> {
  // An overlay takes no folder twice. What a repeated layer has comes again in the upper one, which is in front of all between.
  const distinct = [...new Map(layers.toReversed().map((layer) => [layer.diffId, layer])).values()].reverse();
  const missing = distinct.filter(({ diffId }) => readRecord(layerFolder(home, diffId), diffId) === undefined);
  if (missing.length > 0) await sweepLayers(home);
  for (const [i, layer] of missing.entries()) {
    options.onLayer?.(i + 1, missing.length);
    try {
      await unpackLayer(home, layer, options);
    } catch (cause) {
      throw unpackError(printable(layer.name), cause);
    }
  }
  const unpacked = distinct.map(({ diffId, name }) => ({ name, tree: treeOf(home, diffId), record: recordOf(home, diffId) }));
  const lowest = unpacked.findLastIndex(({ record }) => record.hiding.includes(''));
  const visible = unpacked.slice(Math.max(0, lowest));
  const above = treeAbove(home, visible);
  return {
    trees: [...visible.map(({ tree }) => tree), ...(above === undefined ? [] : [above])],
    notices: [
      ...unpacked.flatMap(({ name, record }) => record.notices.map((detail) => ({ place: printable(name), detail }))),
      ...visible.flatMap((layer, index) => hiddenLinks(layer, visible.slice(0, index)).map((path) => hiddenLinkNotice(layer.name, path))),
    ],
  };
}

/** docker's overlay2 does the same; engines that unpack each layer onto those below follow the link. */
function hiddenLinkNotice(name: string, path: string): Notice {
  return {
    place: printable(name),
    detail: `it has files in ${printablePath(path)}, which is a link in the layers below it: a directory takes its place, and what the link led to is not seen there`,
  };
}

/** The folder that holds an unpacked layer, or would hold it. */
export function layerFolder(home: Home, diffId: Digest): string {
  return join(home.layers, diffId.slice(0, diffId.indexOf(':')), hexOf(diffId));
}

/** All unpacked layers, with their bytes on disk. */
export async function unpackedLayers(home: Home): Promise<readonly { readonly diffId: Digest; readonly bytes: number }[]> {
  return ['sha256', 'sha512'].flatMap((algorithm) =>
    namesIn(join(home.layers, algorithm)).flatMap((hex) => {
      const diffId = `${algorithm}:${hex}`;
      const record = isDigest(diffId) ? readRecord(layerFolder(home, diffId), diffId) : undefined;
      return record === undefined ? [] : [{ diffId: record.diffId, bytes: record.bytes }];
    }),
  );
}

/** Nothing happens when it is not there. A kill on the way leaves only what the next sweep removes. Throws UnbakeError `io`. */
export async function removeLayer(home: Home, diffId: Digest): Promise<void> {
  const aside = temporaryPath(home.layers, 'old');
  try {
    renameSync(layerFolder(home, diffId), aside);
    removeTreeAt(aside);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return;
    throw new UnbakeError('io', `the unpacked layer ${diffId} cannot be removed: ${printable(messageOf(cause))}`, { cause });
  }
}

/** Removes what processes that are dead were making or removing. */
export async function sweepLayers(home: Home): Promise<void> {
  try {
    sweepTemporaryFolders(home.layers);
  } catch (cause) {
    throw new UnbakeError('io', `what is left of an earlier run cannot be removed: ${printable(messageOf(cause))}`, { cause });
  }
}

async function unpackLayer(home: Home, layer: LayerToUnpack, options: UnpackOptions): Promise<void> {
  const target = layerFolder(home, layer.diffId);
  const folder = makeTemporaryFolder(home.layers);
  const inFolder = (name: string) => join(folder, name);
  try {
    for (const name of ['tree', 'work']) mkdirSync(inFolder(name), 0o700);
    const tree = new Tree({
      folder: inFolder('tree'),
      work: inFolder('work'),
      longestPath: longestPathBelow(join(target, 'tree'), inFolder('tree')),
      isMerged: false,
      isRootless: home.isRootless,
    });
    const record = await fill(tree, layer, options);
    removeTreeAt(inFolder('work'));
    writeRecord(folder, record);
    await syncFileSystem(folder);
    await putInPlace(home, folder, layer.diffId);
  } finally {
    removeTreeAt(folder);
  }
}

async function fill(tree: Tree, layer: LayerToUnpack, options: UnpackOptions): Promise<UnpackedRecord> {
  const leftOut = new LeftOut();
  const writer = new EntryWriter(tree, layer.name, leftOut);
  try {
    await readTar(layer, writer, options);
  } finally {
    writer.close();
  }
  const hiding = asOverlayLayer(tree);
  tree.finish(leftOut);
  const implied = [...tree.paths.implied()].filter((path) => !tree.whitedOut.has(path));
  const notices = leftOut.sentences();
  if (Math.max(implied.length, hiding.size) > mostKeptPaths)
    notices.push(`more than ${mostKeptPaths} directories are not listed or hide others: some may have another owner and mode than they had below`);
  return {
    diffId: layer.diffId,
    bytes: writer.bytes,
    notices,
    implied: implied.slice(0, mostKeptPaths),
    hiding: [...hiding].slice(0, mostKeptPaths),
  };
}

function treeAbove(home: Home, layers: readonly UnpackedLayer[]): string | undefined {
  const top = layers.at(-1);
  if (top === undefined) return undefined;
  try {
    return impliedTree(layers, { temporary: home.layers, place: layerFolder(home, top.record.diffId), isRootless: home.isRootless });
  } catch (cause) {
    throw unpackError('a tree of directories that layers share', cause);
  }
}

/** Another process may have been faster: then its folder stays. */
async function putInPlace(home: Home, folder: string, diffId: Digest): Promise<void> {
  const target = layerFolder(home, diffId);
  mkdirSync(join(target, '..'), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      return renameSync(folder, target);
    } catch (cause) {
      if (!isSystemError(cause, 'EEXIST', 'ENOTEMPTY')) throw cause;
      if (readRecord(target, diffId) !== undefined) return;
      // Somebody has been at it by hand: without its record it is worth nothing.
      await removeLayer(home, diffId);
    }
  }
}

function treeOf(home: Home, diffId: Digest): string {
  return join(layerFolder(home, diffId), 'tree');
}

function recordOf(home: Home, diffId: Digest): UnpackedRecord {
  const record = readRecord(layerFolder(home, diffId), diffId);
  if (record !== undefined) return record;
  throw new UnbakeError('conflict', `the unpacked layer ${diffId} was removed while it was needed`, { hint: 'run the command again' });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return [];
    throw new UnbakeError('io', `the unpacked layers cannot be listed: ${printable(messageOf(cause))}`, { cause });
  }
}
