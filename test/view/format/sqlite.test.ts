// Databases of SQLite as SQLite writes them, and such that lie about their pages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readFormat } from '../../../src/view/format/format.ts';
import { tableShapeOf } from '../../../src/view/format/sqlite/columns.ts';
import { random } from '../../support/key-stores.ts';
import { scratch } from '../../support/scratch.ts';
import { linesOf, read, told } from './reading.ts';

describe('a database of SQLite', () => {
  const files = scratch();

  const database = (fill: (database: DatabaseSync) => void) => {
    const path = join(files.newFolder(), 'x.db');
    const made = new DatabaseSync(path);
    fill(made);
    made.close();
    return readFileSync(path);
  };

  it('gives each value a line with its table and column', () => {
    const file = database((db) => {
      db.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, "the name" TEXT, [pass word] TEXT, age INT, photo BLOB)');
      db.prepare('INSERT INTO users VALUES (1, ?, ?, 42, ?)').run('ann', 'k3v9x2m8q4', Buffer.from([0, 1, 2]));
      db.prepare('INSERT INTO users VALUES (2, ?, ?, 43, ?)').run('bob', 'two\nlines', Buffer.from('text in a blob'));
    });
    const content = read('sqlite', file);
    assert.deepEqual(linesOf(content), [
      'users.the name: ann',
      'users.pass word: k3v9x2m8q4',
      'users.the name: bob',
      'users.pass word: two',
      'lines',
      'users.photo: text in a blob',
    ]);
    assert.equal(content.skipped, undefined);
  });

  it('names the values of settings as their rows do', () => {
    const file = database((db) => db.exec("CREATE TABLE config (key TEXT, value TEXT); INSERT INTO config VALUES ('smtp_password', 'k3v9x2m8q4')"));
    assert.deepEqual(linesOf(read('sqlite', file)), ['config.key: smtp_password', 'smtp_password: k3v9x2m8q4']);
  });

  it('is read in UTF-16, and in tables without row numbers, whose key stands first', () => {
    for (const encoding of ['UTF-8', 'UTF-16le', 'UTF-16be']) {
      const file = database((db) => {
        db.exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE w (a TEXT, b TEXT, c TEXT, PRIMARY KEY (c, a)) WITHOUT ROWID`);
        db.exec("INSERT INTO w VALUES ('value ä', 'value b', 'value c')");
      });
      assert.deepEqual(linesOf(read('sqlite', file)), ['w.c: value c', 'w.a: value ä', 'w.b: value b'], encoding);
    }
  });

  it('of many pages, with values that fill several', () => {
    const long = random('long', 9000).toString('hex');
    const file = database((db) => {
      db.exec('PRAGMA page_size = 512; CREATE TABLE t (v TEXT); CREATE TABLE k (v TEXT PRIMARY KEY) WITHOUT ROWID');
      for (let i = 0; i < 2000; i++) db.exec(`INSERT INTO t VALUES ('row ${i}'); INSERT INTO k VALUES ('key ${i}')`);
      db.prepare('INSERT INTO t VALUES (?)').run(long);
    });
    const content = read('sqlite', file);
    const lines = linesOf(content);
    assert.equal(content.skipped, undefined);
    assert.deepEqual(lines.slice(0, 2001), [...Array.from({ length: 2000 }, (_, i) => `t.v: row ${i}`), `t.v: ${long}`]);
    assert.deepEqual(new Set(lines.slice(2001)), new Set(Array.from({ length: 2000 }, (_, i) => `k.v: key ${i}`)));
  });

  it('of NSS is a find when it has keys, and says whether a password protects them', () => {
    const nss = (keys: number) =>
      database((db) => {
        db.exec('CREATE TABLE metaData (id, item1, item2); CREATE TABLE nssPrivate (id, a0, a11)');
        db.prepare('INSERT INTO metaData VALUES (?, ?, ?)').run('password', random('salt', 20), random('check', 60));
        for (let i = 0; i < keys; i++) db.prepare('INSERT INTO nssPrivate VALUES (?, ?, ?)').run(i, random('a0', 4), random('a11', 40));
      });
    assert.deepEqual(told(read('sqlite', nss(2))), ['nss-private-key medium: 2 private or secret keys; not opened without a password']);
    assert.deepEqual(read('sqlite', nss(0)).finds, []);
  });

  it('of Chrome is a find when passwords are saved in it', () => {
    const chrome = (...values: readonly Buffer[]) =>
      database((db) => {
        db.exec('CREATE TABLE logins (origin_url VARCHAR NOT NULL, username_value VARCHAR, password_value BLOB)');
        for (const value of values) db.prepare('INSERT INTO logins VALUES (?, ?, ?)').run('https://x.example', 'ann', value);
      });
    const fixed = Buffer.concat([Buffer.from('v10'), random('value', 16)]);
    assert.deepEqual(told(read('sqlite', chrome(fixed, Buffer.alloc(0)))), [
      'chrome-logins critical: 1 saved password; 1 encrypted with the key that all Chrome browsers on Linux share',
    ]);
    assert.deepEqual(told(read('sqlite', chrome(random('keyring', 19)))), ['chrome-logins -: 1 saved password']);
    assert.deepEqual(read('sqlite', chrome()).finds, []);
  });

  it('cut off anywhere, with any byte changed, and with pages in a circle: calm, and told', () => {
    const file = database((db) => {
      db.exec('PRAGMA page_size = 512; CREATE TABLE t (v TEXT)');
      for (let i = 0; i < 60; i++) db.prepare('INSERT INTO t VALUES (?)').run(random(`${i}`, 40).toString('hex'));
      db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(3000));
    });
    for (let length = 0; length < file.length; length += 97) readFormat('sqlite', file.subarray(0, length));
    for (let at = 0; at < file.length; at++) readFormat('sqlite', Buffer.from(file).fill(file[at] ^ 0xff, at, at + 1));
    assert.match(readFormat('sqlite', file.subarray(0, 1024)).skipped?.detail ?? '', /page \d+ is not there/);
    // The root of the table is an inner page: all its children, and itself, become page 2.
    const circle = Buffer.from(file);
    assert.equal(circle[512], 5);
    for (let i = 0; i < circle.readUInt16BE(512 + 3); i++) circle.writeUInt32BE(2, 512 + circle.readUInt16BE(512 + 12 + 2 * i));
    assert.match(readFormat('sqlite', circle).skipped?.detail ?? '', /page 2 stands in two places/);
  });

  it('whose cells all stand in the same bytes is not read again and again', () => {
    const file = database((db) => db.exec(`PRAGMA page_size = 65536; CREATE TABLE t (v BLOB); INSERT INTO t VALUES (zeroblob(60000))`));
    const page = file.subarray(65_536);
    const cell = page.readUInt16BE(8);
    const count = Math.floor((cell - 8) / 2);
    page.writeUInt16BE(count, 3);
    for (let i = 0; i < count; i++) page.writeUInt16BE(cell, 8 + 2 * i);
    assert.match(readFormat('sqlite', file).skipped?.detail ?? '', /records overlap/);
  });
});

describe('the columns of a table', () => {
  it('are read from statements of any style', () => {
    assert.deepEqual(tableShapeOf('create table x(a, "b ""c" text default (1,2), [d,e] int, `f`, unique(a), g generated always as (1) virtual)'), {
      columns: ['a', 'b "c', 'd,e', 'f'],
      hasRowid: true,
    });
    assert.deepEqual(tableShapeOf('CREATE TABLE "x" ( -- a, comment\n a /* b, */ TEXT PRIMARY KEY, c) WITHOUT ROWID'), {
      columns: ['a', 'c'],
      hasRowid: false,
    });
    for (const text of ['', 'CREATE VIRTUAL TABLE x USING fts5(a, b)', 'CREATE TABLE', 'nonsense ('])
      assert.deepEqual(tableShapeOf(text).columns.length < 2, true);
  });
});
