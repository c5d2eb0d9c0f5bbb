// What the tests of unpacking share: layers from raw tars, both ways to unpack them, and what is then on disk, name by name.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { blobOf } from '../../../src/model/blob.ts';
import { digestOf } from '../../../src/model/digest.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import type { Notice } from '../../../src/model/report.ts';
import { type Home, homeAt } from '../../../src/shim/home.ts';
import { type LayerToUnpack, unpackLayers, type UnpackOptions } from '../../../src/shim/layers/layer-store.ts';
import { unpackMerged } from '../../../src/shim/layers/merged.ts';
import { tar } from '../../support/raw-tar.ts';

export const isRoot = process.getuid!() === 0;

export const options: UnpackOptions = { limits: defaultLimits };

/** One layer with these entries. */
export function layer(...entries: readonly Buffer[]): LayerToUnpack {
  return layerOf(tar(...entries));
}

export function layerOf(bytes: Buffer, name = 'layer'): LayerToUnpack {
  return { diffId: digestOf(bytes), blob: blobOf(bytes), name };
}

/** A new home in a folder. */
export async function newHome(folder: string): Promise<Home> {
  return homeAt(folder);
}

export interface Unpacked {
  /** The folder to look into; of several overlaid layers only the last. */
  readonly tree: string;
  /** All of them, lowest first. */
  readonly trees: readonly string[];
  readonly notices: readonly Notice[];
}

export type Way = 'layer' | 'merged';
export const ways: readonly Way[] = ['layer', 'merged'];

/** Unpacks the layers either way. */
export async function unpack(way: Way, home: Home, ...layers: readonly LayerToUnpack[]): Promise<Unpacked> {
  if (way === 'merged') {
    const tree = join(home.containers, `tree-${readdirSync(home.containers).length}`);
    return { tree, trees: [tree], notices: await unpackMerged(home, tree, layers, options) };
  }
  const { trees, notices } = await unpackLayers(home, layers, options);
  return { tree: trees.at(-1)!, trees, notices };
}

/** All that is below a folder: latin1 path to `TYPE MODE OWNER ...`. Nothing is followed. Directories have no time and no size of their own. */
export function listing(folder: string, { hasTimes = true }: { readonly hasTimes?: boolean } = {}): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    const bytes = Buffer.from(path === '' ? folder : `${Buffer.from(folder).toString('latin1')}/${path}`, 'latin1');
    const stats = lstatSync(bytes);
    const common = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}${hasTimes ? ` ${stats.mtimeMs / 1000}` : ''}`;
    if (stats.isDirectory()) {
      if (path !== '') found[path] = `directory ${common}`;
      for (const name of readdirSync(bytes, 'latin1').sort()) visit(path === '' ? name : `${path}/${name}`);
    } else if (stats.isSymbolicLink()) found[path] = `link ${common.replace(/^\d+ /, '')} ${readlinkSync(bytes, 'latin1')}`;
    else if (stats.isFile())
      found[path] = `file ${common} ${stats.size} ${createHash('sha256').update(readFileSync(bytes)).digest('hex').slice(0, 8)}`;
    else if (stats.isFIFO()) found[path] = `fifo ${common}`;
    else found[path] = `device ${common} ${stats.rdev >> 8},${stats.rdev & 0xff}`;
  };
  visit('');
  return found;
}

/** Runs in a mount namespace of its own, where `$merged` is an overlay of the trees, lowest first; gives what the script prints, names as latin1. */
export function inOverlay(trees: readonly string[], scratch: string, script: string): string {
  for (const name of ['bottom', 'merged']) mkdirSync(join(scratch, name), { recursive: true });
  const lower = [...trees.toReversed(), join(scratch, 'bottom')].join(':');
  const mount = `set -e; merged=$1; mount -t overlay overlay -o "$2" "$merged"; ${script}`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', mount, 'sh', join(scratch, 'merged'), `lowerdir=${lower}`]);
  assert.equal(status, 0, stderr.toString());
  return stdout.toString('latin1');
}

/** Whether this machine lets us mount an overlay. */
export function canOverlay(folder: string): boolean {
  for (const name of ['a', 'b', 'm']) mkdirSync(join(folder, name), { recursive: true });
  return isRoot && spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t overlay overlay -o lowerdir=a:b m'], { cwd: folder }).status === 0;
}
