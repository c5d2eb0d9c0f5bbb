// Content has a name: an algorithm and the hexadecimal hash of the bytes (image-spec, descriptor.md, "Digests").
import { createHash, type Hash } from 'node:crypto';
import { UnbakeError } from './error.ts';

export type Digest = `sha256:${string}` | `sha512:${string}`;

const digestForm = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && digestForm.test(text);
}

/** `where` names the field in the error, such as `manifest.layers[2].digest`. */
export function parseDigest(text: unknown, where: string): Digest {
  if (isDigest(text)) return text;
  throw new UnbakeError(
    'damaged',
    `${where} is not a digest: expected sha256: and 64 hexadecimal digits, got ${JSON.stringify(text)?.slice(0, 100)}`,
  );
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Hashes with the algorithm that the digest names. */
export function hashFor(digest: Digest): Hash {
  return createHash(digest.slice(0, digest.indexOf(':')));
}

export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The first twelve digits, as docker prints them. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}
