// Where in their repository the objects of git stand in which something was found: the trees and commits of a layer, gathered by repository,
// give blobs their names and the commits that brought them in.
import type { Entry } from '../model/entry.ts';
import { type GitObject, GitHistory } from '../view/nested/nested.ts';
import type { LayerOrigin, LayerSighting } from './layer-scan.ts';

type NestedOrigin = LayerOrigin & { readonly kind: 'nested' };

/** Larger commits and trees are searched, and not understood. */
const longestObject = 16 * 2 ** 20;

export class GitPlaces {
  readonly #histories = new Map<string, GitHistory>();
  readonly #blobs = new Map<NestedOrigin, { readonly history: GitHistory; readonly id: string }>();

  /** What rules should take for the path of a blob, as far as it is known yet. */
  nameOf(entry: Entry, { id, type }: GitObject): string | undefined {
    return type === 'blob' ? this.#historyOf(entry).nameOf(id) : undefined;
  }

  /** Takes in a document that is an object of git, with its bytes when these are wanted. */
  see(origin: NestedOrigin, git: GitObject, content: Buffer | undefined): void {
    const history = this.#historyOf(origin.entry);
    if (git.type === 'blob') this.#blobs.set(origin, { history, id: git.id });
    else if (content !== undefined) history.add(git, content);
  }

  /** Whether an object of this type and size is to be given with its bytes. */
  static wants({ type }: GitObject, size: number): boolean {
    return GitHistory.wants(type) && size <= longestObject;
  }

  /** The same sightings; those in blobs with the commit and the path, where these can be told. */
  located(sightings: readonly LayerSighting[]): readonly LayerSighting[] {
    if (this.#blobs.size === 0) return sightings;
    return sightings.map((sighting) => {
      const { origin } = sighting;
      const blob = origin.kind === 'nested' ? this.#blobs.get(origin) : undefined;
      const git = blob?.history.whereIs(blob.id);
      return git === undefined || origin.kind !== 'nested' ? sighting : { ...sighting, origin: { ...origin, git } };
    });
  }

  /** Why some could not be told, once for each repository. */
  *problems(): Generator<{ readonly repository: string; readonly problem: string }> {
    for (const [repository, { problem }] of this.#histories) if (problem !== undefined) yield { repository, problem };
  }

  #historyOf({ path }: Entry): GitHistory {
    const repository = path.replace(/\/?objects\/(?:pack\/[^/]*|[0-9a-f]{2}\/[0-9a-f]*)$/, '');
    let history = this.#histories.get(repository);
    if (history === undefined) this.#histories.set(repository, (history = new GitHistory()));
    return history;
  }
}
