// Follows the bodies of a layer for what packages say of them: databases of packages are taken in whole, and of a body in which something
// was found the digests are kept.
import type { Blob } from '../../model/blob.ts';
import type { Entry } from '../../model/entry.ts';
import type { LayerSighting } from '../layer-scan.ts';
import { ownerOf } from './claim.ts';
import { gradeOwned } from './grade-owned.ts';
import { PackageFiles } from './package-files.ts';
import { WaitingBodies } from './waiting-bodies.ts';

export class OwnedBodies {
  readonly #packages = new PackageFiles();
  readonly #digests = new WaitingBodies();
  #entry: Entry | undefined;
  #database: Uint8Array[] | undefined;

  begin(entry: Entry): void {
    this.#entry = entry;
    this.#database = this.#packages.wants(entry.path, entry.size) ? [] : undefined;
    this.#digests.begin(entry.size);
  }

  /** The chunk is copied where it is kept. */
  write(chunk: Uint8Array): void {
    this.#database?.push(Buffer.from(chunk));
    this.#digests.write(chunk);
  }

  /** `isLookedAt`: rules run, or ran, over some of the body. */
  end(isLookedAt: boolean): void {
    if (this.#database !== undefined) this.#packages.add(this.#entry!.path, Buffer.concat(this.#database));
    this.#database = undefined;
    this.#digests.end(this.#entry!.index, isLookedAt);
  }

  /** True when rules should run, so that bodies are let go. */
  get isFull(): boolean {
    return this.#digests.isFull;
  }

  /** When rules have run over all bodies that have ended. */
  settle(isFound: (index: number) => boolean): void {
    this.#digests.settle(isFound);
  }

  /** A body that was kept for another reason, and in which something was found. */
  async add(entry: Entry, body: Blob): Promise<void> {
    await this.#digests.add(entry.index, body);
  }

  /** Gives back what is held outside of memory, for a scan that ends early. */
  close(): void {
    this.#digests.close();
  }

  /** The same sightings; those in files of packages with another grade. */
  graded(sightings: readonly LayerSighting[]): readonly LayerSighting[] {
    const inFiles = sightings.flatMap(({ origin }) => (origin.kind === 'body' || origin.kind === 'nested' ? [origin.entry.path] : []));
    if (inFiles.length === 0) return sightings;
    const claims = this.#packages.claimsOn(new Set(inFiles));
    if (claims.size === 0) return sightings;
    return sightings.map((sighting) => {
      const { origin, detection } = sighting;
      if (origin.kind !== 'body' && origin.kind !== 'nested') return sighting;
      const owner = ownerOf(claims.get(origin.entry.path) ?? [], this.#digests.of(origin.entry.index));
      return owner === undefined ? sighting : { ...sighting, detection: gradeOwned(detection, origin.entry.path, owner) };
    });
  }

  /** What of the databases could not be read, one sentence each. */
  get problems(): readonly string[] {
    return this.#packages.problems;
  }
}
