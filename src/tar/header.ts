// One 512-byte tar header block to its fields, for every dialect: v7, ustar, GNU, star and PAX (POSIX.1-2017 pax, "ustar Interchange
// Format"; GNU tar manual, "Basic Tar Format"). Numbers that cannot be read are told, never guessed.

export const blockSize = 512;

export interface HeaderFields {
  readonly name: string;
  readonly linkName: string;
  readonly type: string;
  /** undefined: the field cannot be read; negative: it says so. */
  readonly size: number | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly isGnu: boolean;
}

/** The sum of all bytes, the checksum field counted as spaces; old writers summed signed bytes. */
export function hasValidChecksum(block: Buffer): boolean {
  const stored = octal(block, 148, 8);
  if (stored === undefined) return false;
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let i = 0; i < blockSize; i++) {
    if (i === 148) i = 156;
    const byte = block[i];
    unsigned += byte;
    signed += (byte << 24) >> 24;
  }
  return stored === unsigned || stored === signed;
}

const zeros = Buffer.alloc(64 * 1024);

export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length);
    if (!zeros.subarray(0, piece.length).equals(piece)) return false;
  }
  return true;
}

/** Bytes from `offset` to the next block border. */
export function paddingAfter(offset: number): number {
  return (blockSize - (offset % blockSize)) % blockSize;
}

export function parseHeader(block: Buffer): HeaderFields {
  const magic = block.toString('latin1', 257, 263);
  const isGnu = magic === 'ustar ';
  // GNU puts times where ustar has the prefix; star ends its prefix early and says so at the end of the block.
  const isStar = block.toString('latin1', 508, 512) === 'tar\0';
  const prefix = magic === 'ustar\0' ? text(block, 345, isStar ? 131 : 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    size: number(block, 124, 12),
    mode: number(block, 100, 8) ?? 0,
    uid: number(block, 108, 8) ?? 0,
    gid: number(block, 116, 8) ?? 0,
    mtime: number(block, 136, 12) ?? 0,
    isGnu,
  };
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.toString('latin1', start, start + length);
  const nul = field.indexOf('\0');
  return nul < 0 ? field : field.slice(0, nul);
}

/** Octal digits or, with the highest bit set, a big-endian two's complement number (GNU base-256). */
export function number(block: Buffer, start: number, length: number): number | undefined {
  if ((block[start] & 0x80) === 0) return octal(block, start, length);
  const isNegative = (block[start] & 0x40) !== 0;
  let value = isNegative ? (block[start] | 0) - 0x100 : block[start] & 0x7f;
  for (let i = start + 1; i < start + length; i++) value = value * 256 + block[i];
  return value;
}

/** Leading spaces and NULs are allowed, an empty field is 0, anything but digits before the first space or NUL is unreadable. */
function octal(block: Buffer, start: number, length: number): number | undefined {
  const end = start + length;
  let i = start;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const byte = block[i];
    if (byte === 0x20 || byte === 0) break;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}
