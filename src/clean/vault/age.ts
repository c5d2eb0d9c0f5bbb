// Encryption of a vault with age: bodies are encrypted while they are read and never held, and decrypt.sh undoes it with the age program.
import { ReadableStream } from 'node:stream/web';
import type { Encrypter } from 'age-encryption';
import type { Blob } from '../../model/blob.ts';
import { UnbakeError } from '../../model/error.ts';
import type { MadeBytes } from './contents.ts';
import { scriptText } from './shell.ts';

/** For age recipients (`age1...`). Throws UnbakeError `usage` for a text that is none; the text is not shown, for it may be the key itself. */
export async function encrypterFor(recipients: readonly string[]): Promise<Encrypter> {
  // Ciphers that most cleanings do not need.
  const { Encrypter: NewEncrypter } = await import('age-encryption');
  const encrypter = new NewEncrypter();
  for (const [index, recipient] of recipients.entries()) {
    try {
      // Some are found wrong only when something is encrypted for them.
      const alone = new NewEncrypter();
      alone.addRecipient(recipient);
      await alone.encrypt(new Uint8Array());
      encrypter.addRecipient(recipient);
    } catch {
      const isKey = /^\s*AGE-SECRET-KEY/i.test(recipient);
      throw new UnbakeError('usage', `age recipient ${index + 1} of ${recipients.length} ${isKey ? 'is a secret key' : 'is no recipient'}`, {
        hint: isKey
          ? 'give the public key that belongs to it: age-keygen -y prints it'
          : 'expected age1 and what follows, as age-keygen prints it behind "Public key:"',
      });
    }
  }
  return encrypter;
}

/** In pieces of 64 KiB. Each call encrypts anew, with another key for the file. What reading the blob throws is thrown. */
export function encrypted(encrypter: Encrypter, blob: Blob): MadeBytes {
  return async function* () {
    yield* await encrypter.encrypt(ReadableStream.from(blob.open()));
  };
}

/** Makes of the vault, in memory, what it would be without encryption. `files` are the names to decrypt, `copied` what is not encrypted. */
export function decryptScript(files: readonly string[], copied: readonly string[]): string {
  return scriptText(
    [
      'Decrypts this vault into a new folder, where its scripts and snippets can be used. Without FOLDER it is made in memory.',
      '  sh decrypt.sh KEY_FILE [FOLDER]',
      'It prints the folder. Delete that when no container uses it any more.',
    ],
    [
      'umask 077',
      'if [ $# -lt 1 ] || [ $# -gt 2 ]; then',
      "  echo 'usage: sh decrypt.sh KEY_FILE [FOLDER]' >&2",
      '  exit 2',
      'fi',
      'if [ $# -eq 2 ]; then',
      '  case $2 in /*) folder=$2 ;; *) folder=$PWD/$2 ;; esac',
      '  mkdir "$folder"',
      'else',
      '  folder=$(mktemp -d /dev/shm/unbake-vault.XXXXXX)',
      'fi',
      `trap 'rm -rf "$folder"' EXIT`,
      `trap 'exit 1' HUP INT TERM`,
      'mkdir "$folder/files" "$folder/variables"',
      `for file in ${files.join(' \\\n  ')}`,
      'do',
      '  age -d -i "$1" -o "$folder/$file" "$vault/$file.age"',
      'done',
      `for file in ${copied.join(' ')}`,
      'do',
      '  cp "$vault/$file" "$folder/$file"',
      'done',
      'trap - EXIT',
      `printf '%s\\n' "$folder"`,
    ],
  );
}
