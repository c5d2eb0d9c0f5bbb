// Which container bytes are, told by their content: names lie. Asked for every file of a layer, so the first byte decides for nearly
// all of them.
import { sniffCompression } from '../../tar/compression.ts';
import { blockSize, hasValidChecksum } from '../../tar/header.ts';
import { looseHeadOf } from './git/object-head.ts';

export type NestedKind = 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'tar' | 'zip' | 'ar' | 'cpio' | 'rpm' | 'git-object' | 'git-pack';

/** Bytes of the head that `nestedKindOf` wants to see. */
export const headLength = blockSize;

const rpmLead = Buffer.from([0xed, 0xab, 0xee, 0xdb]);
const localFile = Buffer.from('PK\x03\x04', 'latin1');

/**
 * What can be looked into, or undefined. `head` is the first 512 bytes, or all when there are fewer. A zip behind a program is only
 * seen when it begins within the head (Python's zipapp); `endsAsZip` sees the others by their last bytes.
 */
export function nestedKindOf(head: Uint8Array): NestedKind | undefined {
  switch (head[0]) {
    case 0x1f:
    case 0x28:
    case 0xfd:
    case 0x42: {
      const compression = sniffCompression(head);
      if (compression !== 'none') return compression;
      break;
    }
    case 0x50:
      if (isZip(head)) return 'zip';
      if (hasText(head, 0, 'PACK\0\0\0') && (head[7] === 2 || head[7] === 3)) return 'git-pack';
      return sniffCompression(head) === 'zstd' ? 'zstd' : tarOrNothing(head);
    case 0x21:
      if (hasText(head, 0, '!<arch>\n')) return 'ar';
      break;
    case 0x23:
      if (head[1] === 0x21 && bufferOf(head).includes(localFile)) return 'zip';
      break;
    case 0x30:
      if (hasText(head, 0, '070701') || hasText(head, 0, '070702')) return 'cpio';
      break;
    case 0x78:
      if (looseHeadOf(bufferOf(head)) !== undefined) return 'git-object';
      break;
    case 0xed:
      if (bufferOf(head).subarray(0, 4).equals(rpmLead)) return 'rpm';
      break;
    default:
      // A skippable frame may stand first (RFC 8878, section 3.1.2).
      if ((head[0] & 0xf0) === 0x50 && sniffCompression(head) === 'zstd') return 'zstd';
  }
  return tarOrNothing(head);
}

/** Bytes of the end that `endsAsZip` wants to see. */
export const zipTailLength = 22;

/** Whether the last 22 bytes of a file are the end of a zip without a comment: how a zip behind a program of any length is seen. */
export function endsAsZip(tail: Uint8Array): boolean {
  return tail.length === zipTailLength && hasText(tail, 0, 'PK\x05\x06') && tail[20] === 0 && tail[21] === 0;
}

/** The first member, one of the ends of an empty archive, or the mark of one that was meant to be split (APPNOTE.TXT, 4.3.7, 4.3.14, 4.3.16, 8.5). */
function isZip(head: Uint8Array): boolean {
  return ['PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x07\x08PK', 'PK00PK'].some((start) => hasText(head, 0, start));
}

/** The checksum field is looked at first: it costs nothing and rules out almost everything. */
function tarOrNothing(head: Uint8Array): 'tar' | undefined {
  if (head.length < blockSize) return undefined;
  let hasDigits = false;
  for (let at = 148; at < 156; at++) {
    const byte = head[at];
    if (byte >= 0x30 && byte <= 0x37) hasDigits = true;
    else if (byte !== 0 && byte !== 0x20) return undefined;
  }
  return hasDigits && hasValidChecksum(bufferOf(head).subarray(0, blockSize)) ? 'tar' : undefined;
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
