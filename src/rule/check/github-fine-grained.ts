// GitHub's fine-grained tokens carry 8 characters of the SHA-256 of what stands before them, in base32, before their last 8.
import { createHash } from 'node:crypto';
import { encodeBase32 } from './base32.ts';
import type { Check } from './check.ts';
import { ranked } from './checksum.ts';

/** `github_pat_`, 22, `_`, 59: the sum stands at 77, whatever was written behind the token. */
export const githubFineGrained: Check = ({ secret }) => {
  if (!/^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/.test(secret)) return { keep: true };
  const sum = createHash('sha256').update(secret.slice(0, 77)).digest();
  return ranked(encodeBase32(sum).slice(0, 8) === secret.slice(77, 85).toUpperCase());
};
