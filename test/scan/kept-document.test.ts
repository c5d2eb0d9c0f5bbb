// What is kept of a document that passes by: all of it when it is of a known format, nothing otherwise.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptDocument } from '../../src/scan/kept-document.ts';
import { lent } from '../support/lent.ts';
import { scratch } from '../support/scratch.ts';

describe('a document that passes by', () => {
  const files = scratch();

  async function kept(bytes: Buffer, length: number, isWanted = false): Promise<KeptDocument> {
    const document = new KeptDocument('a.db', () => isWanted);
    for await (const chunk of lent(bytes, length)) document.write(chunk);
    document.end();
    return document;
  }

  it('is kept whole, although its chunks are used again, when its format is known or somebody wants it', async () => {
    const path = join(files.newFolder(), 'a.db');
    const database = new DatabaseSync(path);
    database.exec('create table t (a text); insert into t values (hex(randomblob(20000)))');
    database.close();
    const bytes = readFileSync(path);
    const text = Buffer.from('plain text '.repeat(1000));
    for (const length of [7, 300, 512, 5000, bytes.length]) {
      const document = await kept(bytes, length);
      assert.equal(document.format, 'sqlite');
      assert.deepEqual([document.size, document.bytes], [bytes.length, bytes]);
      assert.deepEqual((await kept(text, length, true)).bytes, text);
    }
  });

  it('is let go otherwise', async () => {
    const document = await kept(Buffer.from('plain text '.repeat(1000)), 300);
    assert.deepEqual([document.size, document.bytes, document.format], [11_000, undefined, undefined]);
  });
});
