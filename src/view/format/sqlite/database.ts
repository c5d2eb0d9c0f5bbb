// The tables of an SQLite database, and the rows of each.
import { tableShapeOf } from './columns.ts';
import { Pages } from './pages.ts';
import { type Value, valuesOf } from './record.ts';

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly root: number;
}

/** sqlite.org limits a database to fewer by the length of its schema; each takes memory. */
const mostTables = 10_000;

export class Database {
  readonly #pages: Pages;
  readonly tables: readonly Table[];

  /** Reads the schema (sqlite.org/fileformat2.html, section 2.6). Throws UnbakeError `damaged` for what has no header of a database. */
  constructor(file: Buffer) {
    this.#pages = new Pages(file);
    const tables: Table[] = [];
    for (const { record } of this.#pages.records(1)) {
      const [type, name, , root, statement] = valuesOf(record, this.#pages.form);
      if (type !== 'table' || typeof name !== 'string' || typeof root !== 'number' || root < 2 || tables.length === mostTables) continue;
      tables.push({ name, columns: tableShapeOf(typeof statement === 'string' ? statement : '').columns, root });
    }
    this.tables = tables;
  }

  /** The first thing of the file that is not as it must be. */
  get problem(): string | undefined {
    return this.#pages.problem;
  }

  table(name: string): Table | undefined {
    return this.tables.find((table) => table.name === name);
  }

  /** In the order of the columns; a key that is the number of the row comes as null. Each table can be read once. */
  *rows(table: Table): Generator<readonly Value[]> {
    for (const { record } of this.#pages.records(table.root)) yield valuesOf(record, this.#pages.form);
  }
}
