// Bytes held for reading at any place: a little in memory, the rest in one nameless file, given back at the end.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf } from '../../src/model/blob.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { Held } from '../../src/store/held.ts';
import { lent } from '../support/lent.ts';
import { randomNumbers } from '../support/random.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';

const mebibyte = 2 ** 20;

function noise(size: number, seed: number): Buffer {
  const random = randomNumbers(seed);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 97) bytes[at] = random() * 256;
  return bytes;
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What this process has open in a folder, the names of files that have none any more included. */
function openIn(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(join('/proc/self/fd', descriptor));
      return path.startsWith(`${folder}/`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

describe('Held', () => {
  const files = scratch();
  let held: Held;
  let folder: string;
  beforeEach(() => {
    folder = files.newFolder();
    held = new Held(folder);
  });
  afterEach(() => held.close());

  it('little is kept in memory: no file is made', async () => {
    const bytes = noise(mebibyte, 1);
    const blob = await held.hold(cut(bytes, 1000));
    assert.ok((await bytesOf(blob)).equals(bytes));
    assert.deepEqual([blob.size, openIn(folder)], [mebibyte, []]);
  });

  it('chunks are copied: their memory may be used again', async () => {
    for (const size of [1000, 100_000, mebibyte, 3 * mebibyte]) {
      const bytes = noise(size, size);
      for (const length of [999, 70_001]) assert.ok((await bytesOf(await held.hold(lent(bytes, length)))).equals(bytes), `${size} in ${length}`);
    }
  });

  it('much goes to a file that has no name and is gone with close', async function () {
    if (process.platform !== 'linux') this.skip();
    const bytes = noise(3 * mebibyte + 7, 2);
    const blob = await held.hold(cut(bytes, 70_001));
    assert.equal(openIn(folder).length, 1);
    assert.deepEqual(namesIn(folder), []);
    assert.ok((await bytesOf(blob)).equals(bytes));
    await held.close();
    await held.close();
    assert.deepEqual(openIn(folder), []);
  });

  it('many little ones are no more in memory than one, and cost one open file', async function () {
    if (process.platform !== 'linux') this.skip();
    const all = await Promise.all(Array.from({ length: 200 }, (_, index) => held.hold(cut(noise(50_000, index), 8192))));
    assert.equal(openIn(folder).length, 1);
    for (const [index, blob] of all.entries()) assert.ok((await bytesOf(blob)).equals(noise(50_000, index)), String(index));
  });

  it('gives any bytes back from any place, however they came and whatever is held at the same time', async () => {
    const blobs = fc.array(
      fc.record({
        size: fc.oneof(fc.nat(100), fc.nat(3 * mebibyte)),
        chunk: fc.integer({ min: 1000, max: 2 * mebibyte }),
        start: fc.nat(3 * mebibyte),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(blobs, async (plans) => {
        const some = new Held(folder);
        const contents = plans.map(({ size }, index) => noise(size, index));
        const all = await Promise.all(plans.map(({ chunk }, index) => some.hold(cut(contents[index]!, chunk))));
        for (const [index, blob] of all.entries()) {
          const start = Math.min(plans[index]!.start, blob.size);
          const read: Uint8Array[] = [];
          for await (const piece of blob.open(start)) read.push(piece);
          assert.ok(Buffer.concat(read).equals(contents[index]!.subarray(start)));
          assert.equal(blob.size, contents[index]!.length);
        }
        await some.close();
      }),
      { numRuns: 15, seed: 4 },
    );
  });

  it('one may be held while another one is read for it', async () => {
    const outer = noise(2 * mebibyte, 5);
    const inner = noise(2 * mebibyte, 6);
    const blobs = await held.hold(
      (async function* () {
        yield outer;
        const blob = await held.hold(cut(inner, 300_000));
        yield* blob.open();
      })(),
    );
    assert.ok((await bytesOf(blobs)).equals(Buffer.concat([outer, inner])));
  });

  it('a million chunks of a byte', async () => {
    const bytes = noise(1_200_000, 7);
    assert.ok((await bytesOf(await held.hold(cut(bytes, 1)))).equals(bytes));
  });

  it('nothing is a blob, too', async () => {
    const blob = await held.hold(cut(Buffer.alloc(0), 1));
    assert.deepEqual([blob.size, (await bytesOf(blob)).length], [0, 0]);
  });

  it('says what to do when there is no place for the file', async () => {
    const nowhere = new Held(join(folder, 'nowhere'));
    await assert.rejects(
      nowhere.hold(cut(Buffer.alloc(2 * mebibyte), 65_536)),
      (thrown) => thrown instanceof UnbakeError && thrown.code === 'io' && /nowhere/.test(thrown.message) && /TMPDIR/.test(thrown.hint ?? ''),
    );
    await nowhere.close();
  });
});
