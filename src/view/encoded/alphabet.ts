// Tables of the characters that encodings are written in, one look each.

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters, 'latin1')) table[byte] = 1;
  return table;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();

/** Base64 and base64url (RFC 4648), without padding. Hexadecimal digits are among them. */
export const base64Table = tableOf(`${upper}${lower}0123456789+/-_`);
export const hexTable = tableOf('0123456789abcdefABCDEF');
/** What begins a group of four characters of base64 whose first byte is below 0x80. */
export const asciiGroupTable = tableOf(`${upper}abcdef`);
/** Between the lines or string literals that a run is broken into. A plus sign is both this and base64. */
export const jointTable = tableOf(' \t\r\n"\'`\\,.&#*>|()');
/** What may follow the last characters of a run. */
export const closingTable = tableOf(' \t\r\n"\'`\\,.&#*>|()[]{}<;=\0');
/** What ends the word around an escape: anything that is not printable ASCII, white space, quotes, angle brackets. */
export const wordEndTable = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 0x20 || byte >= 0x7f || '"\'`<>'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** The index behind the last character of the alphabet that follows `from` without a gap; at most `stop`. */
export function endOfPiece(bytes: Buffer, from: number, stop: number, table: Uint8Array): number {
  let at = from;
  while (at < stop && table[bytes[at]] !== 0) at++;
  return at;
}

/** The value of a hexadecimal digit; below zero when it is none. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
