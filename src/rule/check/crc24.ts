// The checksum of OpenPGP's armour (RFC 9580, section 6.1): a line of `=` and four characters behind the data.

/** `data` is the decoded body, `line` the four characters. */
export function isCrc24(data: Uint8Array, line: string): boolean {
  let sum = 0xb704ce;
  for (const byte of data) {
    sum ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      sum <<= 1;
      if ((sum & 0x1000000) !== 0) sum ^= 0x1864cfb;
    }
  }
  return Buffer.from(line, 'base64').readUIntBE(0, 3) === sum;
}
