// Vaults that are encrypted with age are decrypted in memory, with the keys of files that the user names.
import { readFile, stat } from 'node:fs/promises';
import { ReadableStream } from 'node:stream/web';
import type { Decrypter } from 'age-encryption';
import type { Blob } from '../../model/blob.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

/** The bytes that an encrypted blob holds. Throws UnbakeError `usage` when no key fits, `damaged`; never with bytes of it. */
export type Decrypt = (blob: Blob) => AsyncIterable<Uint8Array>;

const longestKeyFile = 64 * 1024;

/**
 * Of key files as age-keygen writes them: a line for each key, and comments. Throws UnbakeError `not-found`, `io`, and `usage` for a line
 * that is no key; the line is not shown.
 */
export async function decryptionWith(identities: readonly string[]): Promise<Decrypt> {
  // It takes longer to load than most vaults to be read.
  const { Decrypter: NewDecrypter } = await import('age-encryption');
  const decrypter = new NewDecrypter();
  for (const path of identities) addKeys(decrypter, path, await textOf(path));
  return async function* (blob) {
    let isOpen = false;
    try {
      const plain = await decrypter.decrypt(ReadableStream.from(blob.open()));
      isOpen = true;
      yield* plain;
    } catch (thrown) {
      if (!isOpen && messageOf(thrown).startsWith('no identity matched')) {
        throw new UnbakeError('usage', 'none of the keys opens the vault', {
          hint: 'name the key file of one of its recipients: manifest.json lists them',
        });
      }
      throw new UnbakeError('damaged', `a file of the vault is no whole age file: ${printable(messageOf(thrown)).slice(0, 100)}`);
    }
  };
}

function addKeys(decrypter: Decrypter, path: string, text: string): void {
  let keys = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const key = line.trim();
    if (key === '' || key.startsWith('#')) continue;
    try {
      decrypter.addIdentity(key);
      keys++;
    } catch {
      throw new UnbakeError('usage', `${printable(path)} has something else than an age key in line ${index + 1}`, {
        hint: 'expected AGE-SECRET-KEY-1 and what follows, as age-keygen writes it; keys with a passphrase are to be decrypted first, with age -d',
      });
    }
  }
  if (keys === 0) throw new UnbakeError('usage', `${printable(path)} has no age key`, { hint: 'name the file that age-keygen wrote' });
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > longestKeyFile)
      throw new UnbakeError('usage', `${printable(path)} is too large for a key file`, { hint: 'name the file that age-keygen wrote' });
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    if (isSystemError(cause, 'ENOENT')) throw new UnbakeError('not-found', `the key file ${printable(path)} does not exist`);
    throw new UnbakeError('io', `the key file ${printable(path)} cannot be read: ${printable(messageOf(cause).replace(/, [\s\S]*$/, ''))}`);
  }
}
