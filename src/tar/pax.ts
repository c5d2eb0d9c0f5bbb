// PAX extended header records: `LENGTH KEY=VALUE\n` (POSIX.1-2017 pax, "pax Extended Header"). Values are bytes, kept as latin1.

export interface PaxRecords {
  readonly records: ReadonlyMap<string, string>;
  /** What could not be read, with its offset in the body. */
  readonly problem: { readonly detail: string; readonly offset: number } | undefined;
}

/** The last record of a key wins. Reading stops at the first malformed one. */
export function parsePax(body: Buffer): PaxRecords {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  const result = (problem: PaxRecords['problem']) => {
    // Sparse format 0.0 repeats a pair of keys; 0.1 has the same numbers in one record.
    if (sparse.length > 0) records.set('GNU.sparse.map', sparse.join(','));
    return { records, problem };
  };
  let start = 0;
  while (start < body.length) {
    // Some writers pad the body with NULs.
    if (body[start] === 0 && body.subarray(start).every((byte) => byte === 0)) break;
    const space = body.indexOf(0x20, start);
    const digits = space < 0 || space - start > 20 ? '' : body.toString('latin1', start, space);
    const length = /^[0-9]+$/.test(digits) ? Number(digits) : 0;
    const end = start + length;
    const equals = body.indexOf(0x3d, space + 1);
    if (length === 0 || end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end || equals === space + 1) {
      return result({ detail: 'a PAX record is malformed', offset: start });
    }
    const key = body.toString('latin1', space + 1, equals);
    const value = body.toString('latin1', equals + 1, end - 1);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparse.push(value);
    records.set(key, value);
    start = end;
  }
  return result(undefined);
}
