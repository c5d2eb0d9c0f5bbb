// `.mylogin.cnf` of MySQL: an option file under a key that stands in front of it. What it says is read like any option file.
import { createDecipheriv } from 'node:crypto';
import { ByteWalk } from './byte-walk.ts';
import type { Gathered } from './content.ts';

const keyAt = 4;
const keyMaterial = 20;
const start = keyAt + keyMaterial;
const block = 16;
const longestLine = 4096;
const mostLines = 10_000;

/** Four zero bytes, the key, then lines of whole blocks behind their length, as many as the head shows. `isNamed` makes one enough. */
export function isMylogin(head: Buffer, isNamed: boolean): boolean {
  if (head.length < start + 4 + block || head.readUInt32LE(0) !== 0) return false;
  if (new Set(head.subarray(keyAt, start)).size < 4) return false;
  let lines = 0;
  for (let at = start; at + 4 <= head.length; lines++) {
    const length = head.readUInt32LE(at);
    if (length === 0 || length > longestLine || length % block !== 0) return false;
    at += 4 + length;
    if (at === head.length) return true;
  }
  return lines >= (isNamed ? 1 : 3);
}

/** What does not decrypt to an option file gives nothing. */
export function readMylogin(file: Buffer, gathered: Gathered): void {
  const key = Buffer.alloc(block);
  for (let i = 0; i < keyMaterial; i++) key[i % block] ^= file[keyAt + i];
  const lines: Buffer[] = [];
  for (const walk = new ByteWalk(file, start); walk.left > 0 && lines.length < mostLines;) {
    const line = decryptedLine(walk.take(walk.u32le()), key);
    if (line === undefined || (lines.length === 0 && line[0] !== 0x5b)) break;
    lines.push(line);
  }
  gathered.decrypted(Buffer.concat(lines));
}

function decryptedLine(line: Buffer, key: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-128-ecb', key, null);
    return Buffer.concat([decipher.update(line), decipher.final()]);
  } catch {
    // The padding is wrong: this is no such line.
    return undefined;
  }
}
