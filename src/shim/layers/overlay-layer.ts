// Turns the whiteouts of a layer into what an overlay takes for them (kernel documentation, overlayfs, "whiteouts and opaque directories"):
// a character device 0, 0 for what is deleted, and an extended attribute on directories whose lower content is hidden.
import { linkSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { requiredProgram } from '../runtime.ts';
import { parentOf } from './layer-paths.ts';
import { makeNode, runProgram } from './programs.ts';
import type { Tree } from './tree.ts';

/**
 * To be called when all entries are written and before the tree is finished. Gives the directories that hide all below them, by either kind of
 * whiteout; '' is the root, to which an overlay pays no heed: the layers below such a layer are to be left out.
 */
export function asOverlayLayer(tree: Tree): ReadonlySet<string> {
  const { paths } = tree;
  const hiding = new Set([...tree.whitedOut, ...tree.opaque].filter((path) => paths.isDirectory(path)));
  const whiteouts = new Whiteouts(tree.options.work);
  for (const path of tree.whitedOut) {
    // A file at the path hides what is below; a parent that was replaced hides it too.
    if (paths.kindAt(path) === undefined && paths.isDirectory(parentOf(path))) whiteouts.putAt(tree.bytesOf(path));
  }
  makeOpaque(
    tree,
    [...hiding].filter((path) => path !== ''),
  );
  return hiding;
}

/** One device node with many names, as overlayfs itself makes whiteouts: it has nothing that could differ. */
class Whiteouts {
  readonly #work: string;
  #nodes = 0;

  constructor(work: string) {
    this.#work = work;
  }

  putAt(path: Buffer): void {
    if (this.#nodes === 0) this.#makeNode();
    try {
      linkSync(this.#node(), path);
    } catch (cause) {
      if (!isSystemError(cause, 'EMLINK')) throw cause;
      this.#makeNode();
      linkSync(this.#node(), path);
    }
  }

  #node(): string {
    return join(this.#work, `whiteout-${this.#nodes}`);
  }

  #makeNode(): void {
    this.#nodes++;
    makeNode(this.#node(), 'c');
  }
}

// A directory that is made where one of a lower layer was removed is opaque: the kernel sets the attribute, which Node cannot.
const script = `
set -e
mount -t overlay overlay -o "$1" merged
cd merged
ls >../names
xargs rmdir <../names
xargs mkdir <../names
`;

function makeOpaque(tree: Tree, directories: readonly string[]): void {
  if (directories.length === 0) return;
  const { work, isRootless } = tree.options;
  const place = join(work, 'opaque');
  for (const name of ['', 'lower', 'upper', 'working', 'merged', ...directories.map((_, i) => `lower/d${i}`)]) mkdirSync(join(place, name), 0o700);
  const unshare = requiredProgram('unshare', 'util-linux', 'an image with hidden directories');
  const options = `${isRootless ? 'userxattr,' : ''}lowerdir=lower,upperdir=upper,workdir=working`;
  const { isDone, complaint } = runProgram(unshare, [...(isRootless ? ['-U', '-r'] : []), '-m', 'sh', '-c', script, 'sh', options], place);
  if (!isDone) {
    throw new UnbakeError('unsupported', `no overlay file system can be mounted in ${printable(work)}: ${complaint}`, {
      hint: 'name a folder on another file system with --root DIR or UNBAKE_ROOT',
    });
  }
  for (const [i, path] of directories.entries()) {
    const replacement = Buffer.from(join(place, 'upper', `d${i}`)).toString('latin1');
    for (const name of readdirSync(tree.bytesOf(path), 'latin1'))
      renameSync(tree.bytesOf(`${path}/${name}`), Buffer.from(`${replacement}/${name}`, 'latin1'));
    rmdirSync(tree.bytesOf(path));
    renameSync(Buffer.from(replacement, 'latin1'), tree.bytesOf(path));
  }
}
