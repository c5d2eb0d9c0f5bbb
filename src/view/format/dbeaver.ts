// `credentials-config.json` of DBeaver: JSON under a key that is the same in every DBeaver. What it says is read like any other JSON.
import { createDecipheriv } from 'node:crypto';
import type { Gathered } from './content.ts';

/** Stands in the source of DBeaver. */
const key = Buffer.from('babb4a9f774ab853c96c2d653dfe544a', 'hex');
const block = 16;

/** Nothing but its name tells such a file, and that it is no text. */
export function isDbeaver(head: Uint8Array, path: string): boolean {
  return path.endsWith('credentials-config.json') && head.length >= 2 * block && head[0] !== 0x7b;
}

/** What does not decrypt to JSON gives nothing. */
export function readDbeaver(file: Buffer, gathered: Gathered): void {
  if (file.length % block !== 0) return;
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, file.subarray(0, block));
    const text = Buffer.concat([decipher.update(file.subarray(block)), decipher.final()]);
    if (text[0] === 0x7b) gathered.decrypted(text);
  } catch {
    // The padding is wrong: it was made with another key.
  }
}
