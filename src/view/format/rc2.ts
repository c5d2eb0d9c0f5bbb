// RC2 in CBC mode, decryption only (RFC 2268): older key stores hide their certificates with it, and OpenSSL 3 has it no more.

const pi = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb6266fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);
const shifts = [1, 2, 3, 5];

/** Undefined when the length or the padding is not what it must be: the key is another one. All bits of the key count. */
export function rc2Decrypted(data: Buffer, key: Buffer, iv: Buffer): Buffer | undefined {
  if (data.length === 0 || data.length % 8 !== 0 || key.length === 0 || key.length > 128 || iv.length !== 8) return undefined;
  const words = expanded(key);
  const plain = Buffer.alloc(data.length);
  for (let at = 0; at < data.length; at += 8) {
    decryptBlock(data, plain, at, words);
    for (let i = 0; i < 8; i++) plain[at + i] ^= at === 0 ? iv[i] : data[at + i - 8];
  }
  const padding = plain[plain.length - 1];
  if (padding < 1 || padding > 8 || plain.subarray(-padding).some((byte) => byte !== padding)) return undefined;
  return plain.subarray(0, -padding);
}

/** RFC 2268, section 2, with as many effective bits as the key has. */
function expanded(key: Buffer): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  for (let i = key.length; i < 128; i++) bytes[i] = pi[(bytes[i - 1] + bytes[i - key.length]) & 0xff];
  bytes[128 - key.length] = pi[bytes[128 - key.length]];
  for (let i = 127 - key.length; i >= 0; i--) bytes[i] = pi[bytes[i + 1] ^ bytes[i + key.length]];
  return Uint16Array.from({ length: 64 }, (_, i) => bytes.readUInt16LE(2 * i));
}

/** RFC 2268, section 4. */
function decryptBlock(data: Buffer, plain: Buffer, at: number, words: Uint16Array): void {
  const block = Uint16Array.of(data.readUInt16LE(at), data.readUInt16LE(at + 2), data.readUInt16LE(at + 4), data.readUInt16LE(at + 6));
  let next = 63;
  const mix = () => {
    for (let i = 3; i >= 0; i--) {
      const rotated = (block[i] >>> shifts[i]) | (block[i] << (16 - shifts[i]));
      const [one, two, three] = [block[(i + 3) % 4], block[(i + 2) % 4], block[(i + 1) % 4]];
      block[i] = rotated - words[next--] - (one & two) - (~one & three);
    }
  };
  const mash = () => {
    for (let i = 3; i >= 0; i--) block[i] -= words[block[(i + 3) % 4] & 63];
  };
  for (let round = 0; round < 16; round++) {
    if (round === 5 || round === 11) mash();
    mix();
  }
  block.forEach((word, i) => plain.writeUInt16LE(word, at + 2 * i));
}
