// Private keys that everybody has: of self-tests, test suites and standards. They protect nothing, so a finding of one is worth little;
// it stays a finding, since a server that uses one is open. Known by digests of their bytes, so neither path nor file decides.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { publicKeysFile } from '../packaged-rules.ts';
import type { Candidate, Verdict } from './check.ts';

interface PublicKeysFile {
  /** `digests` leads from the first 16 hexadecimal digits of the SHA-256 of the decoded body to where in the source the key stands. */
  readonly keys: readonly { readonly of: string; readonly source: string; readonly digests: Readonly<Record<string, string>> }[];
}

let known: ReadonlyMap<string, string> | undefined;

/** Whose key it is, such as `npm tunnel`; undefined for all others. `body` is the DER or the blob of OpenSSH that the armour holds. */
export function ownerOfPublicKey(body: Uint8Array): string | undefined {
  known ??= readPublicKeys();
  return known.get(createHash('sha256').update(body).digest('hex').slice(0, 16));
}

/** The verdict of a public key; undefined for all others. */
export function publicKeyVerdict(body: Uint8Array): Verdict | undefined {
  const owner = ownerOfPublicKey(body);
  return owner === undefined ? undefined : { keep: true, severity: 'low', confidence: 'high', proved: `public test key of ${owner}` };
}

/** In a program nobody uses it as a key of his own: there it is part of a self-test. */
export function lowerInProgram(verdict: Verdict, { text, index, end }: Pick<Candidate, 'text' | 'index' | 'end'>): Verdict {
  const isPublic = verdict.proved?.startsWith('public test key') === true;
  // Strings of a program end with a zero byte.
  const isInProgram = text[index - 1] === '\0' || text.slice(end, end + 3).includes('\0');
  return isPublic && isInProgram ? { ...verdict, severity: 'info' } : verdict;
}

function readPublicKeys(): ReadonlyMap<string, string> {
  const { keys } = JSON.parse(readFileSync(publicKeysFile, 'utf8')) as PublicKeysFile;
  return new Map(keys.flatMap(({ of, digests }) => Object.keys(digests).map((digest) => [digest, of] as const)));
}
