// PAX records as the bytes they are, in their order, for who takes some out and leaves the others. What they mean stands in pax.ts.

export interface RawPaxRecord {
  /** Bytes as latin1, as in pax.ts. */
  readonly key: string;
  readonly value: string;
  /** The whole record, its length in front and the line feed behind. */
  readonly bytes: Buffer;
}

export interface RawPaxBody {
  readonly records: readonly RawPaxRecord[];
  /** NULs that some writers put behind the last record. */
  readonly tail: Buffer;
}

/** The records of the body of an extended header (POSIX.1-2017 pax, "pax Extended Header"), or the offset of the first malformed one. */
export function rawPaxBody(body: Buffer): RawPaxBody | { readonly malformedAt: number } {
  const records: RawPaxRecord[] = [];
  let start = 0;
  while (start < body.length) {
    if (body[start] === 0 && body.subarray(start).every((byte) => byte === 0)) break;
    const space = body.indexOf(0x20, start);
    const digits = space < 0 || space - start > 20 ? '' : body.toString('latin1', start, space);
    const end = /^[0-9]+$/.test(digits) ? start + Number(digits) : start;
    const equals = body.indexOf(0x3d, space + 1);
    const hasKey = equals > space + 1 && equals < end;
    if (end === start || !hasKey || end > body.length || body[end - 1] !== 0x0a) return { malformedAt: start };
    records.push({
      key: body.toString('latin1', space + 1, equals),
      value: body.toString('latin1', equals + 1, end - 1),
      bytes: body.subarray(start, end),
    });
    start = end;
  }
  return { records, tail: body.subarray(start) };
}

/** One record: `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits. Key and value are latin1, one character a byte. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.from(`${length}${rest}`, 'latin1');
}
