// The database of rpm: SQLite, and in each row one header in rpm's own form, built here tag by tag.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import type { Claim } from '../../../src/scan/owned/claim.ts';
import { PackageFiles } from '../../../src/scan/owned/package-files.ts';
import { readRpmHeader } from '../../../src/scan/owned/rpm-header.ts';
import { scratch } from '../../support/scratch.ts';

type Value = string | readonly string[] | readonly number[];

/** Types of rpm: 6 a string, 8 several, 4 numbers of 32 bits. */
function header(tags: readonly (readonly [tag: number, value: Value])[]): Buffer {
  const index: Buffer[] = [];
  const store: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of tags) {
    const isNumbers = typeof value !== 'string' && typeof value[0] === 'number';
    const values = typeof value === 'string' ? [value] : value;
    const padding = isNumbers ? -offset & 3 : 0;
    const data = isNumbers
      ? Buffer.concat(values.map((number) => Buffer.from(Uint32Array.of(Number(number)).buffer).swap32()))
      : Buffer.from(values.map((text) => `${text}\0`).join(''));
    const entry = Buffer.alloc(16);
    [tag, typeof value === 'string' ? 6 : isNumbers ? 4 : 8, offset + padding, values.length].forEach((number, at) =>
      entry.writeUInt32BE(number, at * 4),
    );
    index.push(entry);
    store.push(Buffer.alloc(padding), data);
    offset += padding + data.length;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(tags.length, 0);
  head.writeUInt32BE(offset, 4);
  return Buffer.concat([head, ...index, ...store]);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const bash = header([
  [1000, 'bash'],
  [1001, '5.1.8'],
  [1002, '9.el9'],
  [1116, [0, 1, 0]],
  [1117, ['bashrc', 'bash', 'skel']],
  [1118, ['/etc/', '/usr/bin/']],
  [1035, [sha256('rc'), sha256('elf'), '']],
  [5011, [8]],
]);

function claimsOf(blob: Buffer): Map<string, Claim> | undefined {
  const claims = new Map<string, Claim>();
  return readRpmHeader(blob, (path, claim) => claims.set(path, claim)) ? claims : undefined;
}

describe('rpm', () => {
  const place = scratch();

  it('lists the files of a header with their digests; directories have none', () => {
    assert.deepEqual(
      [...claimsOf(bash)!],
      [
        ['etc/bashrc', { kind: 'rpm', package: 'bash 5.1.8-9.el9', digest: { name: 'sha256', hex: sha256('rc') } }],
        ['usr/bin/bash', { kind: 'rpm', package: 'bash 5.1.8-9.el9', digest: { name: 'sha256', hex: sha256('elf') } }],
      ],
    );
  });

  it('reads a database', () => {
    const path = join(place.newFolder(), 'rpmdb.sqlite');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)');
    for (const blob of [bash, Buffer.from('no header')]) database.prepare('INSERT INTO Packages (blob) VALUES (?)').run(blob);
    database.close();
    const all = new PackageFiles();
    all.add('var/lib/rpm/rpmdb.sqlite', readFileSync(path));
    assert.deepEqual([...all.claimsOn(new Set(['usr/bin/bash', 'usr/bin/zsh'])).keys()], ['usr/bin/bash']);
    assert.deepEqual(all.problems, ['/var/lib/rpm/rpmdb.sqlite: 1 packages of it cannot be read']);
  });

  it('an algorithm that is not known proves nothing, and without the tag it is MD5', () => {
    const of = (tail: readonly (readonly [number, Value])[]) =>
      claimsOf(header([[1000, 'a'], [1116, [0]], [1117, ['x']], [1118, ['/']], [1035, ['00']], ...tail]))!.get('x');
    assert.equal(of([[5011, [10]]])!.digest, undefined);
    assert.equal(of([])!.digest!.name, 'md5');
  });

  it('bears headers that are cut off or changed anywhere', () => {
    fc.assert(
      fc.property(fc.nat(bash.length), fc.array(fc.tuple(fc.nat(bash.length - 1), fc.nat(255)), { maxLength: 6 }), (length, changes) => {
        const blob = Buffer.from(bash);
        for (const [at, byte] of changes) blob[at] = byte;
        claimsOf(blob.subarray(0, length));
      }),
    );
  });
});
