// All layers of an image in one tree of its own, for where no overlay can be mounted: slower to make and larger than shared layers, and the
// same to look at.
import { mkdirSync } from 'node:fs';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import type { Home } from '../home.ts';
import { EntryWriter, unpackError } from './entry-writer.ts';
import type { LayerToUnpack, UnpackOptions } from './layer-to-unpack.ts';
import { LeftOut } from './left-out.ts';
import { readTar } from './read-tar.ts';
import { removeTreeAt } from './remove-tree.ts';
import { longestPathBelow, Tree } from './tree.ts';

/**
 * Unpacks the layers, lowest first, into `folder`, which must not be there and is made; beside it stands `folder.work` meanwhile. When it
 * fails nothing is left. Throws UnbakeError as `unpackLayers`, `conflict` when the folder is there.
 */
export async function unpackMerged(home: Home, folder: string, layers: readonly LayerToUnpack[], options: UnpackOptions): Promise<readonly Notice[]> {
  const work = `${folder}.work`;
  try {
    mkdirSync(folder, 0o700);
  } catch (cause) {
    if (!isSystemError(cause, 'EEXIST')) throw unpackError(printable(folder), cause);
    throw new UnbakeError('conflict', `${printable(folder)} is there already: layers are unpacked into a new folder only`);
  }
  try {
    mkdirSync(work, 0o700);
    return await unpackInto(home, folder, work, layers, options);
  } catch (cause) {
    removeTreeAt(folder);
    throw unpackError(printable(folder), cause);
  } finally {
    removeTreeAt(work);
  }
}

async function unpackInto(home: Home, folder: string, work: string, layers: readonly LayerToUnpack[], options: UnpackOptions): Promise<Notice[]> {
  const tree = new Tree({ folder, work, longestPath: longestPathBelow(folder), isMerged: true, isRootless: home.isRootless });
  const notices: Notice[] = [];
  const tell = (place: string, leftOut: LeftOut) => notices.push(...leftOut.sentences().map((detail) => ({ place, detail })));
  for (const [i, layer] of layers.entries()) {
    options.onLayer?.(i + 1, layers.length);
    const leftOut = new LeftOut();
    const writer = new EntryWriter(tree, layer.name, leftOut);
    try {
      await readTar(layer, writer, options);
    } finally {
      writer.close();
    }
    tell(printable(layer.name), leftOut);
  }
  const leftOut = new LeftOut();
  tree.finish(leftOut);
  tell('', leftOut);
  return notices;
}
