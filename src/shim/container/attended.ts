// The processes that belong to a container, found by what they wrote of themselves when they began.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../model/error.ts';
import { isAlive, parseIdentity, type ProcessIdentity } from '../identity.ts';
import type { KeptContainer } from './record.ts';

/** pid 1 of the container's namespaces, by the number that the machine knows it by; undefined when it is gone. */
export function supervisorOf({ folder, record }: KeptContainer): Promise<ProcessIdentity | undefined> {
  return aliveIn(folder, 'supervisor', record.id);
}

/** The process outside of them, which records the end when nobody inside could; undefined when it is gone. */
export function witnessOf({ folder, record }: KeptContainer): Promise<ProcessIdentity | undefined> {
  return aliveIn(folder, 'witness', record.id);
}

/** True until all processes that belong to the container are gone, and have recorded what they know. */
export async function isAttended(container: KeptContainer): Promise<boolean> {
  return (await supervisorOf(container)) !== undefined || (await witnessOf(container)) !== undefined;
}

/** The same of a folder whose record cannot be read. */
export async function isAttendedFolder(folder: string): Promise<boolean> {
  return (await aliveIn(folder, 'supervisor')) !== undefined || (await aliveIn(folder, 'witness')) !== undefined;
}

/** The text of a file of a container; undefined when it is not there. */
export async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
    throw thrown;
  }
}

/** Each file names its container on its third line, for another may have got the name of the folder meanwhile. */
async function aliveIn(folder: string, name: string, id = ''): Promise<ProcessIdentity | undefined> {
  const text = (await textIn(join(folder, name))) ?? '';
  const identity = text.trimEnd().endsWith(id) ? parseIdentity(text) : undefined;
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}
