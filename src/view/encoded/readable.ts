// Whether decoded bytes may hold something that rules read, told from the first of them.

export type Content = 'text' | 'utf-16le' | 'utf-16be' | 'gzip' | 'zlib';

/** What the bytes look like; undefined for anything else (images, fonts, DER, random bytes). The first 96 are looked at. */
export function contentOf(bytes: Buffer): Content | undefined {
  const length = Math.min(bytes.length, 96);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8) return 'gzip';
  if (printableShare(bytes, 0, 1, length) >= 0.75 && !hasManyControls(bytes, length)) return 'text';
  if (bytes[0] === 0x78 && (bytes[1] === 0x01 || bytes[1] === 0x5e || bytes[1] === 0x9c || bytes[1] === 0xda)) return 'zlib';
  if (length < 8) return undefined;
  const from = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) ? 2 : 0;
  if (isWide(bytes, from, from + 1, length)) return 'utf-16le';
  if (isWide(bytes, from + 1, from, length)) return 'utf-16be';
  return undefined;
}

/** The share of printable ASCII and white space among every `step`-th byte. */
export function printableShare(bytes: ArrayLike<number>, from: number, step: number, to: number): number {
  let printable = 0;
  let count = 0;
  for (let at = from; at < to; at += step) {
    const byte = bytes[at];
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d) printable++;
    count++;
  }
  return count === 0 ? 0 : printable / count;
}

/** As in DER, where names stand between tags and lengths. */
function hasManyControls(bytes: Buffer, to: number): boolean {
  let controls = 0;
  for (let at = 0; at < to; at++) {
    const byte = bytes[at];
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) controls++;
  }
  return controls * 20 > to;
}

function isWide(bytes: Buffer, low: number, high: number, to: number): boolean {
  let zeros = 0;
  let count = 0;
  for (let at = high; at < to; at += 2, count++) if (bytes[at] === 0) zeros++;
  return zeros * 4 >= count * 3 && printableShare(bytes, low, 2, to) >= 0.75;
}

/** Text that is base64 itself, of something compressed: it can only be read as a whole. */
export function isCompressedBase64(text: Buffer): boolean {
  return /^\s*(?:H4sI|SDRzS|eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])/.test(text.toString('latin1', 0, 16));
}
