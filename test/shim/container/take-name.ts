// `node take-name.ts ROOT TIMES NAME`: takes a name so often at once, and prints how often that went well and how it failed.
import { createContainer } from '../../../src/shim/container/record.ts';
import { homeAt } from '../../../src/shim/home.ts';
import { aRecord } from './a-container.ts';

const [root = '', times = '', name = ''] = process.argv.slice(2);
const home = await homeAt(root);
const taken = await Promise.all(
  Array.from({ length: Number(times) }, () =>
    createContainer(home, name, aRecord()).then(
      () => 'taken',
      (thrown: unknown) => (thrown as { code: string }).code,
    ),
  ),
);
console.log(JSON.stringify(taken));
