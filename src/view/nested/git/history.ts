// Where the blobs of a git repository stand: found from its trees and commits, which may be given in any order. Nothing is worked out
// before it is asked for.
import { pathText } from '../../../model/entry.ts';
import { printable } from '../../../model/printable.ts';
import type { ObjectType } from './object-head.ts';
import { treeEntries } from './tree-entries.ts';

export interface BlobPlace {
  /** The commit that brought it in, as far as is known: the oldest of those that have it. */
  readonly commit: string;
  /** From the root of the repository; printable. */
  readonly path: string;
}

export interface HistoryLimits {
  /** Bytes of trees that are held. */
  readonly treeBytes: number;
  /** Names of blobs and trees, and commits, that are held. */
  readonly entries: number;
}

/** An entry takes about 200 bytes, once for each of the two questions when it was asked. */
const defaults: HistoryLimits = { treeBytes: 64 * 2 ** 20, entries: 2 ** 19 };

/** Inside, ids are the 20 bytes, held as latin1. */
interface Commit {
  readonly id: string;
  readonly tree: string;
  /** Seconds since 1970, of the committer. */
  readonly time: number;
}

/** Where a blob or tree is named: in which tree, under which name. Without a tree: it is the root of a commit. */
interface Naming {
  readonly tree: string | undefined;
  readonly name: string;
  readonly commit: Commit | undefined;
}

/** git has no such limit; a path that is longer is not built. */
const deepest = 4096;

/** The trees and commits of one repository. Ids are 40 hexadecimal digits. What does not fit in the limits is left out, which `problem` says. */
export class GitHistory {
  readonly #limits: HistoryLimits;
  readonly #trees = new Map<string, Buffer>();
  #treeBytes = 0;
  readonly #commits = new Map<string, Commit>();
  /** By child: the first naming that was seen. Filled from `#unread`. */
  readonly #named = new Map<string, Naming>();
  #unread: string[] = [];
  /** By child: from the oldest commit that reaches it. */
  #reached: Map<string, Naming> | undefined;
  #problem: string | undefined;

  constructor(limits: Partial<HistoryLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** Why answers may be missing: there is more than is held. One sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether an object of this type is of use: who knows need not put its bytes together. */
  static wants(type: ObjectType): boolean {
    return type === 'commit' || type === 'tree';
  }

  /** Takes a commit or tree: its bytes without the head `TYPE SIZE\0`, which are copied. Others are passed over, and so is what came before. */
  add({ id: name, type }: { readonly id: string; readonly type: ObjectType }, content: Uint8Array): void {
    const id = bytesOf(name);
    if (type === 'commit' && !this.#commits.has(id)) this.#addCommit(id, content);
    else if (type === 'tree' && !this.#trees.has(id)) this.#addTree(id, content);
  }

  /** A path under which a tree names the blob: the whole of it when all trees above were given, otherwise its end. Printable. */
  nameOf(blob: string): string | undefined {
    this.#readTrees();
    return this.#pathIn(this.#named, bytesOf(blob));
  }

  /** The oldest commit that has the blob, and the path that it has there. Worked out for all blobs when it is asked for first, and again after `add`. */
  whereIs(blob: string): BlobPlace | undefined {
    this.#reached ??= this.#reachable();
    const commit = this.#reached.get(bytesOf(blob))?.commit;
    const path = this.#pathIn(this.#reached, bytesOf(blob));
    return commit === undefined || path === undefined || path === '' ? undefined : { commit: Buffer.from(commit.id, 'latin1').toString('hex'), path };
  }

  #addCommit(id: string, content: Uint8Array): void {
    // Author and committer stand in front of the first empty line; long signatures behind them are of no use here.
    const head = Buffer.from(content.subarray(0, 16 * 1024)).toString('latin1');
    const name = /^tree ([0-9a-f]{40})\n/.exec(head)?.[1];
    if (name === undefined || !this.#hasRoom(this.#commits.size)) return;
    const end = head.indexOf('\n\n');
    const time = /\ncommitter [^\n]* ([0-9]{1,15}) [+-][0-9]{4}(?:\n|$)/.exec(end < 0 ? head : head.slice(0, end))?.[1];
    this.#commits.set(id, { id, tree: bytesOf(name), time: Number(time ?? 0) });
    this.#reached = undefined;
  }

  #addTree(id: string, content: Uint8Array): void {
    if (this.#treeBytes + content.length > this.#limits.treeBytes) {
      this.#problem ??= `the git repository has more than ${this.#limits.treeBytes} bytes of trees: for some of its files it is not known where they stand`;
      return;
    }
    if (!this.#hasRoom(this.#trees.size)) return;
    this.#trees.set(id, Buffer.from(content));
    this.#treeBytes += content.length;
    this.#unread.push(id);
    this.#reached = undefined;
  }

  #hasRoom(held: number): boolean {
    if (held < this.#limits.entries) return true;
    this.#problem ??= `the git repository names more than ${this.#limits.entries} objects: for some of its files it is not known where they stand`;
    return false;
  }

  #readTrees(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const tree of unread) this.#nameAll(this.#named, tree, undefined, () => undefined);
  }

  /** Gives every child of a tree that has none yet its naming. */
  #nameAll(namings: Map<string, Naming>, tree: string, commit: Commit | undefined, isNewTree: (id: string) => void): void {
    const content = this.#trees.get(tree);
    if (content === undefined) return;
    for (const { id, name, kind } of treeEntries(content)) {
      if (kind === 'commit' || namings.has(id)) continue;
      if (!this.#hasRoom(namings.size)) return;
      namings.set(id, { tree, name, commit });
      if (kind === 'tree') isNewTree(id);
    }
  }

  /** From the oldest commit on: each tree is looked at once, for the first commit that has it. */
  #reachable(): Map<string, Naming> {
    const reached = new Map<string, Naming>();
    const byAge = [...this.#commits.values()].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
    for (const commit of byAge) {
      if (reached.has(commit.tree) || !this.#hasRoom(reached.size)) continue;
      reached.set(commit.tree, { tree: undefined, name: '', commit });
      const queue = [commit.tree];
      // The list grows while it is gone through.
      for (const tree of queue) this.#nameAll(reached, tree, commit, (id) => queue.push(id));
    }
    return reached;
  }

  #pathIn(namings: ReadonlyMap<string, Naming>, blob: string): string | undefined {
    const names: string[] = [];
    let naming = namings.get(blob);
    if (naming === undefined) return undefined;
    while (naming !== undefined && naming.tree !== undefined) {
      names.push(naming.name);
      // Whoever gives wrong ids can make a circle of trees.
      if (names.length > deepest) return undefined;
      naming = namings.get(naming.tree);
    }
    return printable(pathText(names.reverse().join('/')));
  }
}

function bytesOf(name: string): string {
  return Buffer.from(name, 'hex').toString('latin1');
}
