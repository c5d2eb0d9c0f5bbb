// Marvin32, the keyed hash by which Microsoft's services mark the keys that they issue. The seed is no secret: it names the kind of key.

/** The 64-bit hash folded to 32 bits. `seed` is eight characters, such as `Default0`, the first of them the highest byte. */
export function marvin32(bytes: Buffer, seed: string): number {
  let [high, low] = [Buffer.from(seed, 'latin1').readInt32BE(0), Buffer.from(seed, 'latin1').readInt32BE(4)];
  const mix = (value: number) => {
    low = (low + value) | 0;
    high ^= low;
    low = (rotated(low, 20) + high) | 0;
    high = rotated(high, 9) ^ low;
    low = (rotated(low, 27) + high) | 0;
    high = rotated(high, 19);
  };
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) mix(bytes.readInt32LE(at));
  let last = 0x80;
  for (let index = bytes.length - 1; index >= at; index--) last = (last << 8) | bytes[index]!;
  mix(last);
  mix(0);
  return (low ^ high) >>> 0;
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
