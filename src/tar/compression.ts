// Which compression a stream has. The magic number decides; media types and file names only claim.

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Bytes of the head that `sniffCompression` wants to see. */
export const magicLength = 18;

const zstdFrame = 0xfd2fb528;
const firstSkippableFrame = 0x184d2a50;

export function sniffCompression(head: Uint8Array): Compression {
  if (head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (isZstdMagic(head)) return 'zstd';
  if (startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz';
  // 'BZh', the level, then the magic number of a block or of the stream's end.
  if (startsWith(head, [0x42, 0x5a, 0x68]) && head[3] >= 0x31 && head[3] <= 0x39) {
    const after = head.subarray(4);
    if (startsWith(after, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) || startsWith(after, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])) return 'bzip2';
  }
  return 'none';
}

/** A data frame or a skippable frame of zstd (RFC 8878, section 3.1). */
export function isZstdMagic(head: Uint8Array): boolean {
  return isZstdFrame(head) || isSkippableFrame(head);
}

export function isZstdFrame(head: Uint8Array): boolean {
  return head.length >= 4 && uint32(head) === zstdFrame;
}

export function isSkippableFrame(head: Uint8Array): boolean {
  return head.length >= 4 && (uint32(head) & 0xfffffff0) >>> 0 === firstSkippableFrame;
}

function uint32(bytes: Uint8Array): number {
  return (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
