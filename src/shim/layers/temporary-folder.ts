// Folders beside the unpacked layers that are being made or removed. Their names say by whom: what a kill left behind is told from what
// another process works on.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '../identity.ts';
import { removeTreeAt } from './remove-tree.ts';

const form = /^\.(?:new|old)-[0-9a-f]{12}-([0-9]+)-([0-9]+)-([0-9a-f]*)$/;

/** The path of a folder that is not there; short enough that what is renamed out of it gets no shorter path. */
export function temporaryPath(parent: string, purpose: 'new' | 'old'): string {
  const { pid, startTime, bootId } = identityOf(process.pid) ?? { pid: process.pid, startTime: '0', bootId: '' };
  return join(parent, `.${purpose}-${randomBytes(6).toString('hex')}-${pid}-${startTime}-${bootId.slice(0, 8)}`);
}

/** A new, empty folder that only we may enter. */
export function makeTemporaryFolder(parent: string): string {
  const path = temporaryPath(parent, 'new');
  mkdirSync(path, { mode: 0o700 });
  return path;
}

/** Removes those whose makers are dead. */
export function sweepTemporaryFolders(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, startTime, boot] = form.exec(name) ?? [];
    if (pid === undefined || boot === undefined) continue;
    const now = identityOf(Number(pid));
    if (now === undefined || now.startTime !== startTime || !now.bootId.startsWith(boot)) removeTreeAt(join(parent, name));
  }
}
