// The zip64 extra field (APPNOTE.TXT, 4.5.3): 64-bit values for those fields of a header that are too small for them.

export interface Zip64Fields {
  /** Offsets of the eight-byte values in the extra field, of those that are there. */
  readonly size?: number;
  readonly compressedSize?: number;
  readonly localStart?: number;
}

const none: Zip64Fields = {};
const zip64Id = 0x0001;

/** `lacking`: the fields that the header gives as 0xffffffff, in the order of the specification; only these are there. */
export function zip64Fields(extra: Buffer, lacking: readonly (keyof Zip64Fields)[]): Zip64Fields {
  if (lacking.length === 0) return none;
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    const end = at + 4 + length;
    if (extra.readUInt16LE(at) === zip64Id && end <= extra.length) {
      const fields: Partial<Record<keyof Zip64Fields, number>> = {};
      let value = at + 4;
      for (const name of lacking) {
        if (value + 8 > end) break;
        fields[name] = value;
        value += 8;
      }
      return fields;
    }
    at = end;
  }
  return none;
}

/** Larger than any file: so it is out of bounds wherever it is used. */
export function uint64(bytes: Buffer, at: number): number {
  return Math.min(Number(bytes.readBigUInt64LE(at)), Number.MAX_SAFE_INTEGER);
}
