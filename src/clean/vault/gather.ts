// What cleaning takes out, gathered for the vault: the bodies of files under each name by which containers saw them, and variables.
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { Entry } from '../../model/entry.ts';
import type { Limits } from '../../model/limits.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import type { Hold } from '../../view/nested/nested.ts';
import type { CleanedImage } from '../apply/clean-image.ts';
import type { RemovedVariable } from '../plan/metadata-cleaner.ts';
import type { Planned, PlannedFile } from '../plan/planned.ts';
import { readBodies } from '../../scan/read-bodies.ts';
import type { VaultContents, VaultFile, VaultVariable } from './contents.ts';
import type { Visibility } from '../plan/visibility.ts';

export interface VaultSource {
  readonly version: string;
  readonly images: readonly CleanedImage[];
  readonly scanned: ScannedStore;
  readonly visibility: Visibility;
  readonly planned: readonly Planned[];
  /** By the digest of the config that they were in. */
  readonly variables: ReadonlyMap<string, readonly RemovedVariable[]>;
  readonly blobOf: (key: string) => Blob;
  readonly limits: Limits;
  readonly hold: Hold;
}

export async function gatherVault(source: VaultSource): Promise<VaultContents> {
  const steps = source.planned.filter((step): step is PlannedFile => step.kind === 'file' && step.follows === undefined);
  const files: VaultFile[] = [];
  for (const [key, ofLayer] of Map.groupBy(steps, ({ key: layer }) => layer)) {
    const entries = ofLayer.flatMap((step) => step.entries.map(({ entry }) => entry)).filter(({ kind, size }) => kind === 'file' || size > 0);
    const bodies = await readBodies(source.blobOf(key), entries, source.limits, source.hold);
    for (const step of ofLayer)
      for (const { entry } of step.entries) {
        const body = bodies.get(entry.index);
        if (body !== undefined) files.push(...filesOf(step, entry, body, source));
      }
  }
  return {
    version: source.version,
    images: source.images.map(({ image, manifest, config }) => ({
      name: source.scanned.mask(image.name),
      ...(image.platform === undefined ? {} : { platform: image.platform }),
      oldDigest: (image.manifestDigest ?? image.configDigest) as Digest,
      newDigest: manifest.digest,
      newConfigDigest: config.digest,
    })),
    files,
    variables: variablesOf(source),
  };
}

/** One for the entry, and one for each hard link that containers see: a mount has one name. */
function filesOf({ key, step, links }: PlannedFile, entry: Entry, body: Blob, { scanned, visibility, images }: VaultSource): VaultFile[] {
  const own = { key, entry };
  const visibleLinks = links.filter((link) => visibility.isVisible(link));
  const { digest } = scanned.layers.get(key)!;
  return [own, ...visibleLinks].map((name) => ({
    path: name.entry.path,
    mode: entry.mode & 0o7777,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    size: body.size,
    body,
    layer: images.flatMap(({ image }) => image.layers).find((layer) => layer.key === key)!.index,
    layerDigest: digest,
    treatment: step.treatment,
    isVisible: visibility.isVisible(name),
    images: images.flatMap(({ image }, index) => (image.layers.some((layer) => layer.key === key) ? [index] : [])),
  }));
}

/** The same variable with the same value in several images is one. */
function variablesOf({ images, variables }: VaultSource): VaultVariable[] {
  const found = new Map<string, { readonly variable: RemovedVariable; readonly images: number[] }>();
  for (const [index, { image }] of images.entries()) {
    const config = image.documents.find(({ name }) => name === 'config');
    for (const variable of variables.get(config?.digest ?? '') ?? []) {
      const key = `${variable.name}=${variable.value.reveal()}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { variable, images: [index] });
      else if (!known.images.includes(index)) known.images.push(index);
    }
  }
  return [...found.values()].map(({ variable, images: where }) => ({ ...variable, images: where }));
}
