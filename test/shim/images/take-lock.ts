// A program for tests: takes the lock of a folder again and again, and says so when it is not alone with it.
// Arguments: the folder, how often, and with `die` that it kills itself in the end, the lock in hand.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../../../src/shim/identity.ts';
import { ownHolder } from '../../../src/shim/images/holder.ts';
import { locked } from '../../../src/shim/images/store-lock.ts';

const [folder, times, end] = process.argv.slice(2) as [string, string, string | undefined];
const inside = join(folder, '..', 'inside');

for (let round = 1; round <= Number(times); round++) {
  await locked(folder, async () => {
    const other = existsSync(inside) ? readFileSync(inside, 'utf8') : '';
    if (other !== '' && isAlive(JSON.parse(other) as ProcessIdentity)) throw new Error(`${other} has the lock too`);
    writeFileSync(inside, JSON.stringify(ownHolder()));
    await sleep(Math.random() * 3);
    if (end === 'die' && round === Number(times)) process.kill(process.pid, 'SIGKILL');
    writeFileSync(inside, '');
    appendFileSync(join(folder, '..', 'count'), '.');
  });
}
