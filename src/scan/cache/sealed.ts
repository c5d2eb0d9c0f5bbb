// What is kept of a layer is sealed with a key that only the layer's own bytes give. Whoever reads the cache without the layer reads
// nothing; whoever has the layer has its secrets anyway, so the hashes in it help nobody to guess one.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';

const cipher = 'aes-256-gcm';
const nonceLength = 12;
const tagLength = 16;

const samples = 16;
const sampleLength = 512;

/** From the digest and 512 bytes each of 16 places, the end among them: a large blob is not read for it. */
export async function keyOf(digest: Digest, blob: Blob): Promise<Buffer> {
  const hash = createHash('sha256').update(`unbake sealed layer ${digest} ${blob.size}\n`);
  const last = Math.max(0, blob.size - sampleLength);
  const offsets = new Set(Array.from({ length: samples }, (_, index) => Math.floor((last * index) / (samples - 1))));
  for (const offset of offsets) hash.update(await bytesAt(blob, offset));
  return hash.digest();
}

/** Nonce, tag and the bytes in AES-256-GCM. */
export function seal(bytes: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(nonceLength);
  const sealing = createCipheriv(cipher, key, nonce);
  const body = [sealing.update(bytes), sealing.final()];
  return Buffer.concat([nonce, sealing.getAuthTag(), ...body]);
}

/** Throws when the bytes were not sealed with this key, or any of them is missing or changed. */
export function unseal(sealed: Buffer, key: Buffer): Buffer {
  const opening = createDecipheriv(cipher, key, sealed.subarray(0, nonceLength), { authTagLength: tagLength });
  opening.setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
  return Buffer.concat([opening.update(sealed.subarray(nonceLength + tagLength)), opening.final()]);
}

async function bytesAt(blob: Blob, offset: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let missing = sampleLength;
  for await (const chunk of blob.open(offset, offset + sampleLength)) {
    chunks.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return Buffer.concat(chunks);
}
