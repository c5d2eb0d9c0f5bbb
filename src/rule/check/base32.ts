// Base32 of RFC 4648, section 6, without padding: AWS key ids, NATS seeds and the older tokens of Azure DevOps are written in it.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Bits that fill no byte are left out. Undefined when a character is not of the alphabet; the case does not matter. */
export function decodeBase32(text: string): Buffer | undefined {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text.toUpperCase()) {
    const value = alphabet.indexOf(character);
    if (value === -1) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = (bits >> count) & 0xff;
  }
  return bytes.subarray(0, at);
}

/** Without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (count += 8; count >= 5; count -= 5) text += alphabet[(bits >> (count - 5)) & 31];
  }
  return count === 0 ? text : text + alphabet[(bits << (5 - count)) & 31];
}
