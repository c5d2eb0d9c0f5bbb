// The key file that `git-crypt export-key` writes, and that stands in `.git/git-crypt/keys`: it opens every encrypted file of a repository.
import type { Gathered } from './content.ts';

const magic = Buffer.from('\0GITCRYPTKEY', 'latin1');

export function isGitCryptKey(head: Buffer): boolean {
  return head.length > 64 && head.subarray(0, magic.length).equals(magic);
}

export function readGitCryptKey(file: Buffer, gathered: Gathered): void {
  gathered.find({ kind: 'git-crypt-key', start: 0, end: file.length, proved: ['symmetric key, not encrypted'] });
}
