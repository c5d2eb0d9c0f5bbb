// A program for tests: uses a store as several commands at once do, and prints a line for each thing that it has done.
// Arguments: the folder, what to do, how often, and the archives.
import { isSystemError, UnbakeError } from '../../../src/model/error.ts';
import { load, storeAt } from './a-store.ts';

const [folder, what, times, ...archives] = process.argv.slice(2) as [string, string, string, ...string[]];
const store = storeAt(folder);

async function once(round: number): Promise<void> {
  const path = archives[round % archives.length];
  switch (what) {
    case 'load':
      await load(store, path!);
      break;
    case 'prune':
      await store.prune({ all: true, isNeeded: () => false });
      break;
    case 'list':
      // An image that is listed is whole.
      if ((await store.problems()).length > 0) throw new Error(JSON.stringify(await store.problems()));
      break;
    default:
      throw new Error(what);
  }
}

for (let round = 0; round < Number(times); round++) {
  try {
    await once(round);
  } catch (thrown) {
    // Somebody else has removed it at once.
    if (!(thrown instanceof UnbakeError && thrown.code === 'conflict' && /as soon as/.test(thrown.message)) || isSystemError(thrown)) throw thrown;
  }
  process.stdout.write('.');
}
