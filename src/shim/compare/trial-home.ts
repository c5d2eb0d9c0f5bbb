// Where images are unpacked and run to be compared: apart from the user's images and containers, and gone afterwards, because one of them
// holds what is to be got rid of.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { type Home, homeAt } from '../home.ts';
import { removeTreeAt } from '../layers/remove-tree.ts';
import { makeTemporaryFolder, sweepTemporaryFolders } from '../layers/temporary-folder.ts';

/** Removes before and after what killed commands left, and after the work its own. Throws UnbakeError `io`, and what the work throws. */
export async function withTrialHome<T>(home: Home, work: (trials: Home) => Promise<T>): Promise<T> {
  sweepTrials(home);
  const folder = makeTemporaryFolder(trialsOf(home));
  try {
    return await work(await homeAt(folder));
  } finally {
    removeTreeAt(folder);
  }
}

/** Of commands that are dead. Their containers have ended with them. */
export function sweepTrials(home: Home): void {
  const folder = trialsOf(home);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    sweepTemporaryFolders(folder);
  } catch (cause) {
    throw new UnbakeError('io', `what is left of an earlier comparison cannot be removed: ${printable(messageOf(cause))}`, { cause });
  }
}

function trialsOf({ root }: Home): string {
  return join(root, 'trials');
}
