// The b-trees of an SQLite database (sqlite.org/fileformat2.html, sections 1.3 to 1.6): records in order, each page read once at most.
import { damaged } from '../content.ts';

export interface DatabaseForm {
  readonly pageSize: number;
  /** Bytes of a page that b-trees use. */
  readonly usable: number;
  readonly encoding: 'utf8' | 'utf16le' | 'utf16be';
}

const headerSize = 100;
const tableInterior = 5;
const tableLeaf = 13;
const indexInterior = 2;
const indexLeaf = 10;
/** A tree of a file of 16 MiB has four levels at most. */
const deepest = 40;

/** Throws UnbakeError `damaged` for a header that no database has. */
export function databaseFormOf(file: Buffer): DatabaseForm {
  if (file.length < headerSize) throw damaged('the SQLite database is shorter than its header');
  const stored = file.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw damaged(`the SQLite database announces pages of ${pageSize} bytes`);
  const usable = pageSize - file[20];
  if (usable < 480) throw damaged(`the SQLite database uses ${usable} bytes of a page`);
  const number = file.readUInt32BE(56);
  return { pageSize, usable, encoding: number === 2 ? 'utf16le' : number === 3 ? 'utf16be' : 'utf8' };
}

export class Pages {
  readonly form: DatabaseForm;
  readonly #file: Buffer;
  readonly #seen: Uint8Array;
  /** Records together are no longer than the file, unless cells lie about where they stand. */
  #left: number;
  /** The first thing that is not as it must be: the walk goes on without it. */
  problem: string | undefined;

  constructor(file: Buffer) {
    this.#file = file;
    this.#left = file.length;
    this.form = databaseFormOf(file);
    this.#seen = new Uint8Array(Math.ceil(file.length / this.form.pageSize) + 1);
  }

  /** The records of a table or an index. In those of an index, and of tables WITHOUT ROWID, inner pages have some as well. */
  *records(root: number, depth = 0): Generator<{ readonly rowid: number; readonly record: Buffer }> {
    const page = this.#page(root);
    if (page === undefined) return;
    if (depth > deepest) return this.#tell('a b-tree is deeper than any');
    const head = root === 1 ? headerSize : 0;
    const type = page[head];
    const isInterior = type === tableInterior || type === indexInterior;
    if (!isInterior && type !== tableLeaf && type !== indexLeaf) return this.#tell(`page ${root} is no page of a b-tree`);
    const pointers = head + (isInterior ? 12 : 8);
    const count = page.readUInt16BE(head + 3);
    if (pointers + 2 * count > page.length) return this.#tell(`page ${root} announces ${count} cells, and has no room for them`);
    for (let i = 0; i < count; i++) {
      let at = page.readUInt16BE(pointers + 2 * i);
      if (isInterior) {
        if (at + 4 > page.length) return this.#tell(`a cell of page ${root} lies outside of it`);
        yield* this.records(page.readUInt32BE(at), depth + 1);
        at += 4;
      }
      if (type === tableInterior) continue;
      const length = varintAt(page, at);
      if (length === undefined) return this.#tell(`a cell of page ${root} lies outside of it`);
      const rowid = type === tableLeaf ? varintAt(page, length.end) : { value: 0, end: length.end };
      if (rowid === undefined) return this.#tell(`a cell of page ${root} lies outside of it`);
      const record = this.#payload(page, rowid.end, length.value, type === tableLeaf);
      if (record !== undefined) yield { rowid: rowid.value, record };
    }
    if (isInterior) yield* this.records(page.readUInt32BE(head + 8), depth + 1);
  }

  /** The payload of a cell, with what overflowed into other pages (section 1.6). */
  #payload(page: Buffer, at: number, length: number, isTable: boolean): Buffer | undefined {
    const { usable } = this.form;
    this.#left -= length;
    if (this.#left < 0) return this.#tell('its records overlap');
    const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const spilled = least + ((length - least) % (usable - 4));
    const local = length <= most ? length : spilled <= most ? spilled : least;
    if (at + local > page.length || length > this.#file.length) return this.#tell('a record is longer than there is room for it');
    const pieces = [page.subarray(at, at + local)];
    let left = length - local;
    if (left > 0 && at + local + 4 > page.length) return this.#tell('a record is longer than there is room for it');
    for (let next = left > 0 ? page.readUInt32BE(at + local) : 0; left > 0;) {
      const overflow = this.#page(next);
      if (overflow === undefined || overflow.length < 4) break;
      const piece = overflow.subarray(4, Math.min(overflow.length, usable, 4 + left));
      pieces.push(piece);
      left -= piece.length;
      next = overflow.readUInt32BE(0);
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }

  /** The bytes of a page; undefined when it is not there, or was read before. */
  #page(number: number): Buffer | undefined {
    const start = (number - 1) * this.form.pageSize;
    if (number < 1 || start >= this.#file.length) return this.#tell(`page ${number} is not there`);
    if (this.#seen[number] !== 0) return this.#tell(`page ${number} stands in two places`);
    this.#seen[number] = 1;
    const page = this.#file.subarray(start, start + this.form.pageSize);
    return page.length >= headerSize + 12 ? page : this.#tell(`page ${number} is cut off`);
  }

  #tell(problem: string): undefined {
    this.problem ??= problem;
    return undefined;
  }
}

/** A number of one to nine bytes, the highest first, and where it ends. Beyond 2^53 it is not exact, and nothing that long is there. */
export function varintAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    if (i === 8) return { value: value * 256 + byte, end: start + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}
