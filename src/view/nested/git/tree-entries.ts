// What a tree of git names (git, gitformat-pack and "Git Internals: Tree Objects"): `MODE NAME\0` and the SHA-1 as bytes, one behind the other.

export interface TreeEntry {
  /** The SHA-1, held as latin1: a repository has very many. */
  readonly id: string;
  /** As bytes, held as latin1. */
  readonly name: string;
  /** `commit`: a submodule, whose commit is in another repository. Links are blobs. */
  readonly kind: 'blob' | 'tree' | 'commit';
}

const idLength = 20;

/** Up to the first thing that is no entry. */
export function* treeEntries(tree: Buffer): Generator<TreeEntry> {
  for (let at = 0; at < tree.length;) {
    const nul = tree.indexOf(0, at);
    if (nul < 0 || nul + 1 + idLength > tree.length) return;
    const match = /^([0-7]{5,6}) ([^]+)$/.exec(tree.toString('latin1', at, Math.min(nul, at + 4096)));
    if (match === null) return;
    const type = Number.parseInt(match[1], 8) & 0o170000;
    const kind = type === 0o040000 ? 'tree' : type === 0o160000 ? 'commit' : 'blob';
    at = nul + 1 + idLength;
    yield { id: tree.toString('latin1', nul + 1, at), name: match[2], kind };
  }
}
