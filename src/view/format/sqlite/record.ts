// One record of SQLite (sqlite.org/fileformat2.html, section 2.1): the types of its values, then the values.
import { type DatabaseForm, varintAt } from './pages.ts';

/** Text comes decoded, and bytes as they are; of other values only small whole numbers are wanted. */
export type Value = string | Buffer | number | null;

/** More columns than SQLite allows by default are read as so many. */
const mostColumns = 2000;

export function valuesOf(record: Buffer, { encoding }: DatabaseForm): Value[] {
  const header = varintAt(record, 0);
  if (header === undefined) return [];
  const values: Value[] = [];
  let at = header.value;
  for (let next = header.end; next < Math.min(header.value, record.length) && values.length < mostColumns;) {
    const type = varintAt(record, next);
    if (type === undefined) break;
    next = type.end;
    const size = sizeOf(type.value);
    const bytes = record.subarray(at, at + size);
    at += size;
    if (type.value >= 12) values.push(type.value % 2 === 0 ? bytes : textOf(bytes, encoding));
    else values.push(numberOf(type.value, bytes));
  }
  return values;
}

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type];
}

function numberOf(type: number, bytes: Buffer): number | null {
  if (type === 8 || type === 9) return type - 8;
  return type >= 1 && type <= 5 && bytes.length === sizeOf(type) ? bytes.readIntBE(0, bytes.length) : null;
}

function textOf(bytes: Buffer, encoding: DatabaseForm['encoding']): string {
  if (encoding === 'utf8') return bytes.toString('utf8');
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return encoding === 'utf16le' ? even.toString('utf16le') : Buffer.from(even).swap16().toString('utf16le');
}
