// Cleans images built in code, in this process, as `unbake clean` does, and gives everything that there is to look at.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clean, type Cleaned, type CleanOptions } from '../../src/clean/clean.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { parseReference } from '../../src/model/reference.ts';
import type { Ruleset } from '../../src/model/rule.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { type ScannedStore, scanStore } from '../../src/scan/scan.ts';
import { openStore } from '../../src/store/open.ts';
import { archive, docker25Archive, type Member } from '../support/forms.ts';
import { assemble, type ImagePlan } from '../support/image.ts';
import type { Scratch } from '../support/scratch.ts';

let loaded: Promise<Ruleset> | undefined;

export function packagedRuleset(): Promise<Ruleset> {
  return (loaded ??= loadRuleset({}));
}

export async function cleanOptions(changes: Partial<CleanOptions> = {}): Promise<CleanOptions> {
  return {
    ruleset: await packagedRuleset(),
    limits: defaultLimits,
    platform: 'all',
    version: '0.0.0',
    policy: { failOn: 'low', now: new Date(0) },
    selection: {},
    modes: [],
    ...changes,
  };
}

export interface Outcome extends Cleaned {
  readonly source: string;
  readonly output: string;
}

/** The plan as an archive of docker 25, or the members as an archive, cleaned into another archive. */
export async function cleaned(place: Scratch, image: ImagePlan | readonly Member[], changes: Partial<CleanOptions> = {}): Promise<Outcome> {
  const source = place.file(archive('layers' in image ? docker25Archive(assemble(image)) : image));
  const output = changes.output ?? join(place.newFolder(), 'clean.tar');
  const result = await clean(source, await cleanOptions({ ...changes, output }));
  return { ...result, source, output };
}

export async function scanned(path: string): Promise<ScannedStore> {
  const options = await cleanOptions();
  const store = await openStore(parseReference(path), options);
  try {
    return await scanStore(store, path, options);
  } finally {
    await store.close();
  }
}

export interface LayerOnDisk {
  readonly digest: string;
  readonly bytes: Buffer;
}

/** What a reader of the archive gets: images with their documents, and the stored bytes of each layer. */
export async function contentOf(path: string) {
  const store = await openStore(parseReference(path), await cleanOptions());
  try {
    const images = [];
    for (const { tags, layers, documents, manifestDigest, configDigest } of store.images) {
      const read: LayerOnDisk[] = [];
      for (const { blob, announced } of layers) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of blob.open()) chunks.push(Buffer.from(chunk));
        read.push({ digest: announced.digest!, bytes: Buffer.concat(chunks) });
      }
      const json = Object.fromEntries(documents.map(({ name, bytes }) => [name, JSON.parse(Buffer.from(bytes).toString()) as Record<string, any>]));
      images.push({ tags, manifestDigest, configDigest, layers: read, json });
    }
    return { images, bytes: readFileSync(path) };
  } finally {
    await store.close();
  }
}
