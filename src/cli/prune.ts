// `unbake prune`: gives back the room that nothing needs: ended containers, nameless images, unpacked layers, what killed commands left.
import { counted } from '../model/counted.ts';
import { byteCount } from '../report/table.ts';
import { sweepContainers } from '../shim/container/delete.ts';
import { keptContainers } from '../shim/container/record.ts';
import { stateOf } from '../shim/container/state.ts';
import { removeContainer } from '../shim/container/stop.ts';
import { sweepTrials } from '../shim/compare/trial-home.ts';
import { homeAt } from '../shim/home.ts';
import { ImageStore } from '../shim/images/image-store.ts';
import { removeLayer, sweepLayers, unpackedLayers } from '../shim/layers/layer-store.ts';
import type { HomeFlags } from './home-flag.ts';
import { usersOf } from './images.ts';
import { writeStandardOutput } from './outputs.ts';

export interface PruneFlags extends HomeFlags {
  /** Images with a name that no container uses too, and all layers that no container uses. */
  readonly all?: true;
}

export async function prune(flags: PruneFlags): Promise<void> {
  const home = await homeAt(flags.root);
  const removed: string[] = [];
  for (const container of (await keptContainers(home)).containers) {
    if ((await stateOf(container)).kind !== 'exited') continue;
    await removeContainer(home, container, { isForced: false });
    removed.push(container.name);
  }
  await sweepContainers(home);
  sweepTrials(home);

  const store = new ImageStore(home);
  const users = await usersOf(home);
  const { images, blobs, bytes } = await store.prune({ all: flags.all === true, isNeeded: (image) => users(image) !== undefined });

  await sweepLayers(home);
  const needed = new Set((await keptContainers(home)).containers.flatMap(({ record }) => record.layers));
  if (flags.all !== true) for (const { layers } of await store.list()) for (const { diffId } of layers) needed.add(diffId);
  let layers = 0;
  let layerBytes = 0;
  for (const { diffId, bytes: size } of await unpackedLayers(home)) {
    if (needed.has(diffId)) continue;
    await removeLayer(home, diffId);
    layers++;
    layerBytes += size;
  }
  const total = [
    ...(removed.length === 0 ? [] : [counted(removed.length, 'container')]),
    ...(blobs === 0 ? [] : [`${counted(images.length, 'image')} with ${counted(blobs, 'blob')} (${byteCount(bytes)})`]),
    ...(layers === 0 ? [] : [`${counted(layers, 'unpacked layer')} (${byteCount(layerBytes)})`]),
  ];
  await writeStandardOutput([
    ...removed.map((name) => `Removed container: ${name}\n`),
    ...images.map((digest) => `Removed image: ${digest}\n`),
    total.length === 0 ? 'Nothing to remove.\n' : `Removed in all: ${total.join(', ')}.\n`,
  ]);
}
