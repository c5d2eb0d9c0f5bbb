// Files in which more is packed than can be read here, told by their first bytes: so that it can be said. Asked for every file, so the
// first byte decides for nearly all of them.

export interface UnreadableKind {
  /** As people call it. */
  readonly format: string;
  readonly reason: 'unsupported' | 'encrypted';
  /** A sentence for people. */
  readonly detail: string;
}

/** Bytes of the head that `unreadableKindOf` wants to see when `isDiskLike` says so: the mark of ISO 9660 stands that far inside. */
export const longHeadLength = 32_774;

/** Bytes of the end that `unreadableKindOf` wants to see, for disk images of Apple. */
export const longTailLength = 512;

/**
 * A format that packs or encrypts and cannot be read here, or undefined. `head` is the first 512 bytes or more, or all when there are fewer; `tail`,
 * if it can be had, the last 512. Formats without a mark (brotli) are not seen. Such a file is to be read as plain bytes all the same.
 */
export function unreadableKindOf(head: Uint8Array, tail?: Uint8Array): UnreadableKind | undefined {
  const bytes = bufferOf(head);
  const packed = packedFormat(bytes) ?? diskFormat(bytes, tail);
  if (packed !== undefined)
    return { format: packed, reason: 'unsupported', detail: `${packed}, which cannot be read here: what is packed in it is not read` };
  const encrypted = encryptedFormat(bytes);
  return encrypted === undefined ? undefined : { format: encrypted, reason: 'encrypted', detail: `${encrypted}: what is encrypted is not read` };
}

/** Begins as disk images do, with nothing or with a boot sector: only then a longer head tells more. */
export function isDiskLike(head: Uint8Array): boolean {
  if (head.length < 512) return false;
  return (head[510] === 0x55 && head[511] === 0xaa) || (head[0] === 0 && head.subarray(0, 512).every((byte) => byte === 0));
}

function packedFormat(head: Buffer): string | undefined {
  switch (head[0]) {
    case 0x02:
      return begins(head, '\x02\x21\x4c\x18') ? 'an lz4 file' : undefined;
    case 0x04:
      return begins(head, '\x04\x22\x4d\x18') ? 'an lz4 file' : undefined;
    case 0x1f:
      return head[1] === 0x9d && (head[2] & 0x60) === 0 && (head[2] & 0x1f) >= 9 && (head[2] & 0x1f) <= 16 ? 'a file of compress (.Z)' : undefined;
    case 0x23:
      return begins(head, '# v2 git bundle\n') || begins(head, '# v3 git bundle\n') ? 'a git bundle' : undefined;
    case 0x30:
      return begins(head, '070707') ? 'a cpio archive of the old form' : undefined;
    case 0x37:
      return begins(head, '7z\xbc\xaf\x27\x1c') ? 'a 7z archive' : undefined;
    case 0x41:
      return begins(head, 'ANDROID BACKUP\n') ? 'an Android backup' : undefined;
    case 0x4c:
      return begins(head, 'LZIP') && head[4] <= 1 ? 'an lzip file' : undefined;
    case 0x4d:
      if (begins(head, 'MSWIM\0\0\0')) return 'a WIM image';
      return begins(head, 'MSCF\0\0\0\0') ? 'a cabinet (.cab)' : undefined;
    case 0x52:
      return begins(head, 'Rar!\x1a\x07') ? 'a RAR archive' : undefined;
    case 0x5d:
      return isLzmaAlone(head) ? 'an lzma file' : undefined;
    case 0x78:
      return begins(head, 'xar!') ? 'a xar archive' : undefined;
    case 0x7f:
      return begins(head, '\x7fELF') && head[8] === 0x41 && head[9] === 0x49 && (head[10] === 1 || head[10] === 2) ? 'an AppImage' : undefined;
    case 0x89:
      return begins(head, '\x89LZO\0\r\n\x1a\n') ? 'an lzop file' : undefined;
    case 0xff:
      return begins(head, '\xff\x06\0\0sNaPpY') ? 'a snappy file' : undefined;
    default:
      return undefined;
  }
}

function diskFormat(head: Buffer, tail: Uint8Array | undefined): string | undefined {
  switch (head[0]) {
    case 0x3c:
      if (begins(head, '<<< ') && head.length >= 68 && head.readUInt32LE(64) === 0xbeda107f) return 'a VDI disk image';
      break;
    case 0x43:
      if (begins(head, 'COWD')) return 'a VMDK disk image';
      break;
    case 0x4b:
      if (begins(head, 'KDMV')) return 'a VMDK disk image';
      break;
    case 0x51:
      if (begins(head, 'QFI\xfb')) return 'a QCOW disk image';
      break;
    case 0x63:
      if (begins(head, 'conectix')) return 'a VHD disk image';
      break;
    case 0x68:
      if (begins(head, 'hsqs') && head.length >= 30 && head.readUInt16LE(28) <= 4) return 'a SquashFS image';
      break;
    case 0x73:
      if (begins(head, 'sqsh')) return 'a SquashFS image';
      break;
    case 0x76:
      if (begins(head, 'vhdxfile')) return 'a VHDX disk image';
      break;
    default:
  }
  if (head.length >= longHeadLength && head.toString('latin1', longHeadLength - 5, longHeadLength) === 'CD001') return 'an ISO 9660 image';
  if (tail !== undefined && tail.length >= longTailLength && begins(bufferOf(tail.subarray(tail.length - longTailLength)), 'koly\0\0\0\x04'))
    return 'a disk image of Apple (.dmg)';
  return undefined;
}

function encryptedFormat(head: Buffer): string | undefined {
  switch (head[0]) {
    case 0x2d:
      if (begins(head, '-----BEGIN PGP MESSAGE-----')) return 'a message encrypted with OpenPGP';
      return begins(head, '-----BEGIN AGE ENCRYPTED FILE-----') ? 'a file encrypted with age' : undefined;
    case 0x4c:
      return begins(head, 'LUKS\xba\xbe') ? 'a LUKS volume' : undefined;
    case 0x53:
      return begins(head, 'Salted__') ? 'a file encrypted with openssl' : undefined;
    case 0x61:
      return begins(head, 'age-encryption.org/v1\n') ? 'a file encrypted with age' : undefined;
    case 0x84:
    case 0x85:
    case 0x8c:
    case 0xc1:
    case 0xc3:
      return isOpenPgpMessage(head) ? 'a message encrypted with OpenPGP' : undefined;
    default:
      return undefined;
  }
}

/** A session key for a public key or a password comes first (RFC 9580, 4.2, 5.1, 5.3). */
function isOpenPgpMessage(head: Buffer): boolean {
  const [tag, length] = head;
  const body = tag === 0x85 ? 3 : tag >= 0xc0 && length >= 192 && length < 224 ? 3 : 2;
  if (head.length < body + 12) return false;
  const version = head[body];
  const isForKey = tag === 0x84 || tag === 0x85 || tag === 0xc1;
  if (!isForKey) return version >= 4 && version <= 6 && length <= 100 && head[body + 1] >= 1 && head[body + 1] <= 13;
  return (version === 3 && [1, 2, 16, 18, 25, 26].includes(head[body + 9])) || (version === 6 && tag === 0xc1);
}

/** No magic number: properties as all writers set them, a size of dictionary that is a power of two or one and a half, and a size of data that can be. */
function isLzmaAlone(head: Buffer): boolean {
  if (head.length < 14) return false;
  const dictionary = head.readUInt32LE(1);
  const isUsual = dictionary === 0xffffffff || [1, 3].some((odd) => dictionary >= 4096 && Number.isInteger(Math.log2(dictionary / odd)));
  const size = head.readBigUInt64LE(5);
  // The range coder begins with a zero byte.
  return isUsual && (size === 0xffffffffffffffffn || size < 2n ** 38n) && head[13] === 0;
}

function begins(bytes: Buffer, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
