// A process of its own that unpacks layers: `HOME WAY dies|lives TAR...`. When it is to die, it kills itself with the last tar half read.
import { readFileSync } from 'node:fs';
import { homeAt } from '../../../src/shim/home.ts';
import { layerOf, unpack, type Way } from './unpacking.ts';

const [root, way, dies, ...tars] = process.argv.slice(2);

const layers = tars.map((path, i) => {
  const layer = layerOf(readFileSync(path), `layer ${i + 1}`);
  if (dies !== 'dies' || i < tars.length - 1) return layer;
  const blob = {
    ...layer.blob,
    async *open() {
      for await (const chunk of layer.blob.open()) {
        yield chunk.subarray(0, chunk.length / 2);
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => setInterval(() => undefined, 1000));
      }
    },
  };
  return { ...layer, blob };
});
const { trees, notices } = await unpack(way as Way, await homeAt(root), ...layers);
console.log(JSON.stringify({ trees, notices, uid: process.getuid!() }));
