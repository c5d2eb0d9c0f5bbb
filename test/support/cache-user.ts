// A program that reads and writes the same few keys of a cache folder, many times: FOLDER TIMES. What it reads must be one of the contents
// that are ever written under the key.
import { CacheFolder } from '../../src/scan/cache/cache-folder.ts';

const [path, times] = process.argv.slice(2);
const folder = new CacheFolder(path!, {
  maxBytes: 100_000,
  onTrouble(sentence) {
    throw new Error(sentence);
  },
});
for (let time = 0; time < Number(times); time++) {
  const key = time % 7;
  await folder.write('layer', String(key), Buffer.alloc(1000 + 3000 * key, key));
  if (time === 0) process.stdout.write('at it\n');
  const other = (time * 3) % 7;
  const bytes = await folder.read('layer', String(other));
  if (bytes !== undefined && !bytes.equals(Buffer.alloc(1000 + 3000 * other, other))) throw new Error(`half of ${other}`);
}
