// Writes tar byte for byte: every dialect, and any nonsense a stranger could put into one. Nothing is checked, nothing is
// corrected; the same arguments give the same bytes. A tar is `Buffer.concat([entry(...), entry(...), end()])`.

export const blockSize = 512;

type Name = string | Buffer;

/** The fields of one header block. Whatever is left out gets what GNU tar would write for a small plain file. */
export interface Header {
  readonly name: Name;
  /** One character; `0` is a file. */
  readonly type?: string;
  /** What the header announces; a body may be of another length. */
  readonly size?: number | bigint | Buffer;
  readonly linkName?: Name;
  readonly mode?: number;
  readonly uid?: number | bigint;
  readonly gid?: number | bigint;
  readonly mtime?: number | bigint;
  readonly userName?: string;
  readonly groupName?: string;
  /** `v7` has none, `gnu` is `ustar  \0`; a Buffer is written as it is. */
  readonly magic?: 'v7' | 'ustar' | 'gnu' | Buffer;
  readonly prefix?: Name;
  /** A number is written whatever the right one is; `signed` sums signed bytes, as some old tars do. */
  readonly checksum?: number | 'signed';
  /** Bytes written over the finished fields, before the checksum. */
  readonly patches?: readonly { readonly at: number; readonly bytes: Buffer }[];
}

function bytesOf(name: Name): Buffer {
  return typeof name === 'string' ? Buffer.from(name) : name;
}

/** A number as octal digits, or in base 256 (GNU) when it is negative or too long for them. */
export function numberField(value: number | bigint | Buffer, width: number): Buffer {
  if (Buffer.isBuffer(value)) return value;
  const number = BigInt(value);
  const octal = number.toString(8);
  if (number >= 0n && octal.length < width) return Buffer.from(`${octal.padStart(width - 1, '0')}\0`);
  return base256(number, width);
}

/** GNU's base 256: big-endian two's complement, the first byte 0x80 or 0xff. */
export function base256(value: bigint, width: number): Buffer {
  const field = Buffer.alloc(width);
  let rest = value;
  for (let at = width - 1; at > 0; at--) {
    field[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  field[0] = value < 0n ? 0xff : 0x80 | Number(rest & 0x7fn);
  return field;
}

const magics = { v7: Buffer.alloc(8), ustar: Buffer.from('ustar\x0000'), gnu: Buffer.from('ustar  \0') };

/** One header block of 512 bytes. Names longer than their field are cut. */
export function header(fields: Header): Buffer {
  const block = Buffer.alloc(blockSize);
  const magic = fields.magic ?? 'ustar';
  bytesOf(fields.name).copy(block, 0, 0, 100);
  numberField(fields.mode ?? 0o644, 8).copy(block, 100);
  numberField(fields.uid ?? 0, 8).copy(block, 108);
  numberField(fields.gid ?? 0, 8).copy(block, 116);
  numberField(fields.size ?? 0, 12).copy(block, 124);
  numberField(fields.mtime ?? 0, 12).copy(block, 136);
  block.write(fields.type ?? '0', 156, 'latin1');
  bytesOf(fields.linkName ?? '').copy(block, 157, 0, 100);
  (Buffer.isBuffer(magic) ? magic : magics[magic]).copy(block, 257);
  block.write(fields.userName ?? '', 265, 32);
  block.write(fields.groupName ?? '', 297, 32);
  bytesOf(fields.prefix ?? '').copy(block, 345, 0, 155);
  for (const patch of fields.patches ?? []) patch.bytes.copy(block, patch.at);
  block.fill(' ', 148, 156);
  block.write(`${checksumOf(block, fields.checksum).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function checksumOf(block: Buffer, wanted: Header['checksum']): number {
  if (typeof wanted === 'number') return wanted;
  if (wanted === 'signed') return block.reduce((sum, byte) => sum + ((byte << 24) >> 24), 0);
  return block.reduce((sum, byte) => sum + byte, 0);
}

/** The bytes and as many zeros as fill the last block. */
export function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize)]);
}

/** A header and its body. Without `size` in the fields the header announces the body's length. */
export function entry(fields: Header, body: Name = ''): Buffer {
  const bytes = bytesOf(body);
  return Buffer.concat([header({ size: bytes.length, ...fields }), pad(bytes)]);
}

export function file(name: Name, body: Name, fields: Partial<Header> = {}): Buffer {
  return entry({ name, ...fields }, body);
}

export function directory(name: Name, fields: Partial<Header> = {}): Buffer {
  return entry({ name, type: '5', mode: 0o755, ...fields });
}

export function symlink(name: Name, linkName: Name, fields: Partial<Header> = {}): Buffer {
  return entry({ name, linkName, type: '2', mode: 0o777, ...fields });
}

export function hardlink(name: Name, linkName: Name, fields: Partial<Header> = {}): Buffer {
  return entry({ name, linkName, type: '1', ...fields });
}

/** An empty file `.wh.NAME` beside NAME. */
export function whiteout(path: string): Buffer {
  const slash = path.lastIndexOf('/') + 1;
  return file(`${path.slice(0, slash)}.wh.${path.slice(slash)}`, '');
}

export function opaque(directoryPath: string): Buffer {
  return file(`${directoryPath}/.wh..wh..opq`, '');
}

/** The end marker: two blocks of zeros, or as many as asked for. */
export function end(blocks = 2): Buffer {
  return Buffer.alloc(blocks * blockSize);
}

export function tar(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, end()]);
}

/** One PAX record with its own length in front (POSIX pax, "Extended Header"). */
export function paxRecord(key: Name, value: Name): Buffer {
  const tail = Buffer.concat([Buffer.from(' '), bytesOf(key), Buffer.from('='), bytesOf(value), Buffer.from('\n')]);
  let length = tail.length;
  while (String(length).length + tail.length !== length) length = String(length).length + tail.length;
  return Buffer.concat([Buffer.from(String(length)), tail]);
}

/** An extended header: `x` for the next entry, `g` for all that follow. Records are pairs, so that a key may come twice. */
export function pax(records: readonly (readonly [key: Name, value: Name])[], type: 'x' | 'g' = 'x'): Buffer {
  return paxRaw(Buffer.concat(records.map(([key, value]) => paxRecord(key, value))), type);
}

/** An extended header whose body is any bytes. */
export function paxRaw(body: Buffer, type: 'x' | 'g' = 'x'): Buffer {
  return entry({ name: type === 'x' ? 'PaxHeaders.0/entry' : 'pax_global_header', type }, body);
}

/** GNU `L`: the name of the next entry. */
export function gnuLongName(name: Name): Buffer {
  return entry({ name: '././@LongLink', type: 'L', magic: 'gnu' }, Buffer.concat([bytesOf(name), Buffer.from('\0')]));
}

/** GNU `K`: the link target of the next entry. */
export function gnuLongLink(target: Name): Buffer {
  return entry({ name: '././@LongLink', type: 'K', magic: 'gnu' }, Buffer.concat([bytesOf(target), Buffer.from('\0')]));
}

/** GNU `D` of an incremental archive: the body lists the names of the directory, each with a letter in front. */
export function gnuDumpDirectory(name: Name, names: readonly string[]): Buffer {
  const body = Buffer.from(`${names.map((child) => `Y${child}\0`).join('')}\0`);
  return entry({ name, type: 'D', magic: 'gnu', mode: 0o755 }, body);
}

/** A piece of a file with holes. */
export interface Segment {
  readonly offset: number;
  readonly data: Buffer;
}

/** A file that ends in a hole has an empty piece at its end, as GNU tar writes it. */
function closed(segments: readonly Segment[], realSize: number): readonly Segment[] {
  const last = segments.at(-1);
  return last && last.offset + last.data.length < realSize ? [...segments, { offset: realSize, data: Buffer.alloc(0) }] : segments;
}

/** GNU's old sparse file: four segments in the header, 21 in each extension block after it. */
export function gnuSparse(name: Name, segments: readonly Segment[], realSize: number): Buffer {
  const slots = closed(segments, realSize).map(({ offset, data }) => Buffer.concat([numberField(offset, 12), numberField(data.length, 12)]));
  const blocks: Buffer[] = [];
  for (let from = 4; from < slots.length; from += 21) {
    const block = Buffer.alloc(blockSize);
    Buffer.concat(slots.slice(from, from + 21)).copy(block);
    block[504] = from + 21 < slots.length ? 1 : 0;
    blocks.push(block);
  }
  const data = Buffer.concat(segments.map((segment) => segment.data));
  const first = header({
    name,
    type: 'S',
    magic: 'gnu',
    size: data.length,
    patches: [
      { at: 386, bytes: Buffer.concat(slots.slice(0, 4)) },
      { at: 482, bytes: Buffer.from([slots.length > 4 ? 1 : 0]) },
      { at: 483, bytes: numberField(realSize, 12) },
    ],
  });
  return Buffer.concat([first, ...blocks, pad(data)]);
}

/** PAX sparse files in the three formats that GNU tar has written (GNU tar manual, "Sparse Formats"). */
export function paxSparse(version: '0.0' | '0.1' | '1.0', name: string, segments: readonly Segment[], realSize: number): Buffer {
  const data = Buffer.concat(segments.map((segment) => segment.data));
  const pieces = closed(segments, realSize);
  const map = pieces.flatMap((segment) => [String(segment.offset), String(segment.data.length)]);
  const count = String(pieces.length);
  const placeholder = `GNUSparseFile.0/${name.slice(name.lastIndexOf('/') + 1)}`;
  if (version === '0.0') {
    const pairs = pieces.flatMap((segment): [string, string][] => [
      ['GNU.sparse.offset', String(segment.offset)],
      ['GNU.sparse.numbytes', String(segment.data.length)],
    ]);
    return Buffer.concat([pax([['GNU.sparse.size', String(realSize)], ['GNU.sparse.numblocks', count], ...pairs]), entry({ name }, data)]);
  }
  if (version === '0.1') {
    return Buffer.concat([
      pax([
        ['GNU.sparse.size', String(realSize)],
        ['GNU.sparse.numblocks', count],
        ['GNU.sparse.map', map.join(',')],
        ['GNU.sparse.name', name],
      ]),
      entry({ name: placeholder }, data),
    ]);
  }
  const body = Buffer.concat([pad(Buffer.from(`${[count, ...map].join('\n')}\n`)), data]);
  return Buffer.concat([
    pax([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', name],
      ['GNU.sparse.realsize', String(realSize)],
    ]),
    entry({ name: placeholder }, body),
  ]);
}
