// A file of SQLite 3: its rows as text, and what known programs keep in one: keys of NSS, passwords of browsers.
import type { Gathered } from '../content.ts';
import { tellNssKeys } from '../nss.ts';
import { tellChromeLogins } from './chrome.ts';
import { Database, type Table } from './database.ts';
import type { Value } from './record.ts';
import { RowText } from './rows.ts';

/** Rows of a table that are looked at one by one. */
const mostKept = 1000;

export function readSqlite(file: Buffer, gathered: Gathered): void {
  const database = new Database(file);
  const text = new RowText();
  const kept = new Map<string, { readonly table: Table; readonly rows: (readonly Value[])[] }>();
  const isKnown = (name: string) => name === 'metaData' || name === 'nssPrivate' || name === 'logins';
  for (const table of database.tables) {
    const rows: (readonly Value[])[] = [];
    if (isKnown(table.name)) kept.set(table.name, { table, rows });
    text.begin(table);
    for (const row of database.rows(table)) {
      if (text.isFull) break;
      if (isKnown(table.name) && rows.length < mostKept) rows.push(row);
      text.add(row);
    }
  }
  gathered.text('rows', text.toBuffer());
  tellNssKeys(file.length, kept.get('nssPrivate')?.rows.length ?? 0, kept.get('metaData')?.rows ?? [], gathered);
  const logins = kept.get('logins');
  if (logins !== undefined) tellChromeLogins(file.length, logins.table, logins.rows, gathered);
  if (text.isFull)
    gathered.skip({ reason: 'limit', detail: 'the rows of the SQLite database give more text than is read of one file', limit: 'text' });
  if (database.problem !== undefined) gathered.skip({ reason: 'damaged', detail: `the SQLite database: ${database.problem}` });
}
