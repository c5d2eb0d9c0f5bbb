// The rows of an SQLite database as lines `table.column: value`: in the file itself the values of a row touch each other.
import type { Table } from './database.ts';
import type { Value } from './record.ts';

/** Text in UTF-16 units that one database may give: twice what a file has that is read at all. */
const mostText = 32 * 2 ** 20;
const longestName = 128;
/** Tables of settings, whose rows name what they hold. */
const nameColumn = /^(?:key|name|option_?name|setting|setting_?(?:key|name)|config_?(?:key|name)|variable|property)$/i;
const valueColumn = /^(?:value|val|option_?value|setting_?value|config_?value|data)$/i;
const settingName = /^[\w.:/ -]{1,120}$/;

/** Takes the rows of one table after the other, and gives them all as one text. */
export class RowText {
  readonly #lines: string[] = [];
  #length = 0;
  #table = '';
  #labels: readonly string[] = [];
  /** The column that names what the other one holds; below zero where there are no such two. */
  #nameAt = -1;
  #valueAt = -1;

  /** More rows would be left out. */
  get isFull(): boolean {
    return this.#length > mostText;
  }

  begin({ name, columns }: Table): void {
    this.#table = name.slice(0, longestName);
    this.#labels = columns.map((column) => `${this.#table}.${column.slice(0, longestName)}`);
    this.#valueAt = columns.findIndex((column) => valueColumn.test(column));
    this.#nameAt = this.#valueAt < 0 ? -1 : columns.findIndex((column) => nameColumn.test(column));
  }

  add(row: readonly Value[]): void {
    const name = this.#nameAt < 0 ? undefined : textOf(row[this.#nameAt] ?? null);
    const setting = name !== undefined && settingName.test(name) ? name : undefined;
    for (const [i, value] of row.entries()) {
      const text = textOf(value);
      if (text === undefined || this.isFull) continue;
      const label = this.#labels[i] ?? `${this.#table}.column${i + 1}`;
      const line = `${setting !== undefined && i === this.#valueAt ? setting : label}: ${text}\n`;
      this.#length += line.length;
      if (!this.isFull) this.#lines.push(line);
    }
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#lines.join(''));
  }
}

/** Text, and bytes that are text. */
function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (!Buffer.isBuffer(value) || value.length === 0) return undefined;
  if (value.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return undefined;
  const text = value.toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}
