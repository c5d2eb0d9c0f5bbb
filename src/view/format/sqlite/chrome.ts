// The passwords that Chrome and its relatives keep: table `logins` of the database `Login Data`.
import type { Gathered } from '../content.ts';
import type { Table } from './database.ts';
import type { Value } from './record.ts';

/** On Linux without a keyring the key is the same everywhere; the first bytes of a value say so (Chromium, os_crypt_linux.cc). */
const fixedKey = 'v10';

export function tellChromeLogins(fileLength: number, table: Table, rows: readonly (readonly Value[])[], gathered: Gathered): void {
  const at = table.columns.indexOf('password_value');
  if (at < 0) return;
  const values = rows.map((row) => row[at]).filter((value): value is Buffer => Buffer.isBuffer(value) && value.length > 0);
  if (values.length === 0) return;
  const fixed = values.filter((value) => value.toString('latin1', 0, 3) === fixedKey).length;
  const proved = [`${values.length} saved password${values.length === 1 ? '' : 's'}`];
  if (fixed > 0) proved.push(`${fixed} encrypted with the key that all Chrome browsers on Linux share`);
  gathered.find({
    kind: 'chrome-logins',
    start: 0,
    end: fileLength,
    proved,
    ...(fixed > 0 ? { severity: 'critical' as const } : {}),
    confidence: 'high',
  });
}
