// Splicing against the plain way of doing it: slices of a buffer.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { bodyStartOf, globalHeaders } from '../../src/tar/entry-metadata.ts';
import { type Edit, spliced } from '../../src/tar/splice.ts';
import { file, pax, tar } from '../support/raw-tar.ts';
import { anyArchive, anyChunking } from './any-archive.ts';
import { chunksOf, walked } from './recorded.ts';

/** Chunks whose buffers are wiped as soon as the next one is asked for. */
async function* stream(bytes: Buffer, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  yield* chunksOf(bytes, sizes);
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of chunks) {
    assert.ok(chunk.length > 0, 'an empty chunk');
    pieces.push(Buffer.from(chunk));
  }
  return Buffer.concat(pieces);
}

const splice = (bytes: Buffer, edits: readonly Edit[], sizes: readonly number[] = []) => collected(spliced(stream(bytes, sizes), edits));

function inSlices(bytes: Buffer, edits: readonly { start: number; end: number; bytes: (original: Buffer) => Buffer }[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, bytes: put } of edits) {
    pieces.push(bytes.subarray(at, start), put(bytes.subarray(start, end)));
    at = end;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}

function blobIn(bytes: Buffer, sizes: readonly number[]): Blob {
  return { size: bytes.length, open: (start = 0) => stream(bytes.subarray(start), sizes) };
}

describe('spliced', () => {
  it('replaces, removes and inserts, at both ends too', async () => {
    const edits: Edit[] = [
      { start: 0, end: 0, with: Buffer.from('<') },
      { start: 0, end: 1, with: Buffer.from('A') },
      { start: 2, end: 4, with: Buffer.alloc(0) },
      { start: 4, end: 4, with: Buffer.from('1') },
      { start: 4, end: 4, with: blobOf(Buffer.from('2')) },
      { start: 4, end: 6, with: (original) => Buffer.from(original.toString().toUpperCase()) },
      { start: 8, end: 8, with: () => Buffer.from('>') },
    ];
    for (const sizes of [[], [1], [2], [3], [5], [7, 1]])
      assert.equal((await splice(Buffer.from('abcdefgh'), edits, sizes)).toString(), '<Ab12EFgh>');
  });

  it('inserts into a stream of nothing', async () => {
    assert.equal((await splice(Buffer.alloc(0), [{ start: 0, end: 0, with: Buffer.from('x') }], [1])).toString(), 'x');
    async function* empty() {
      yield Buffer.alloc(0);
    }
    assert.equal((await collected(spliced(empty(), [{ start: 0, end: 0, with: Buffer.from('x') }]))).toString(), 'x');
  });

  it('lets archives pass as they are, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(anyArchive, anyChunking, async (archive, sizes) => {
        assert.ok((await splice(archive, [], sizes)).equals(archive));
        const { entries } = walked(archive);
        const same = entries.map(({ entry }) => ({ start: entry.span.start, end: entry.span.end, with: (original: Buffer) => original }));
        assert.ok((await splice(archive, same, sizes)).equals(archive));
      }),
      { numRuns: 200 },
    );
  });

  it('does what slices of a buffer do', async () => {
    const pieces = fc.array(
      fc.record({
        skip: fc.nat(40),
        length: fc.nat(40),
        put: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
        how: fc.constantFrom('bytes', 'blob', 'function'),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        pieces,
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
        async (data, all, sizes) => {
          const bytes = Buffer.from(data);
          let at = 0;
          const edits = all.flatMap(({ skip, length, put, how }) => {
            const start = at + skip;
            const end = start + length;
            if (end > bytes.length) return [];
            at = end;
            const reversed = (original: Buffer) => Buffer.concat([put, Buffer.from(original).reverse()]);
            const replacement: Edit['with'] = how === 'bytes' ? put : how === 'blob' ? blobIn(put, [3, 1]) : reversed;
            return [{ edit: { start, end, with: replacement }, start, end, bytes: how === 'function' ? reversed : () => put }];
          });
          const expected = inSlices(bytes, edits);
          const result = await splice(
            bytes,
            edits.map(({ edit }) => edit),
            sizes,
          );
          assert.ok(result.equals(expected));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('drops entries: the archive is the old one without them, and what is left reads as before', async () => {
    await fc.assert(
      fc.asyncProperty(anyArchive, anyChunking, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), async (archive, sizes, choice) => {
        const before = walked(archive);
        // The last one stays: a global header that no entry follows is told as damage.
        const isDropped = (index: number) => choice[index] && index < before.entries.length - 1;
        const dropped = before.entries.filter((_, index) => isDropped(index));
        const edits = dropped.flatMap(({ entry }): Edit[] => [
          { start: entry.span.start, end: bodyStartOf(entry), with: globalHeaders },
          { start: bodyStartOf(entry), end: entry.span.end, with: Buffer.alloc(0) },
        ]);
        const result = await splice(archive, edits, sizes);
        const isGlobal = (block: Buffer) => block.length === 512 && block[156] === 0x67;
        const expected = inSlices(
          archive,
          dropped.map(({ entry, metadata }) => {
            // In these archives a global header stands first, and its body is shorter than a block.
            const staying = isGlobal(metadata[0]) ? 1024 : 0;
            return { start: entry.span.start + staying, end: entry.span.end, bytes: () => Buffer.alloc(0) };
          }),
        );
        assert.ok(result.equals(expected));
        const after = walked(result);
        assert.deepEqual(after.damage, []);
        const told = (entries: typeof before.entries) => entries.map(({ entry, body }) => ({ ...entry, index: 0, span: 0, body }));
        assert.deepEqual(told(after.entries), told(before.entries.filter((_, index) => !isDropped(index))));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the global header of a dropped entry for those that follow', async () => {
    const global = pax([['comment', 'for all']], 'g');
    const first = file('secret', 'x');
    const second = file('other', 'y');
    const archive = tar(global, first, second);
    const [{ entry }] = walked(archive).entries;
    const edits: Edit[] = [
      { start: entry.span.start, end: bodyStartOf(entry), with: globalHeaders },
      { start: bodyStartOf(entry), end: entry.span.end, with: Buffer.alloc(0) },
    ];
    assert.ok((await splice(archive, edits)).equals(tar(global, second)));
  });

  it('throws when the stream ends before the last edit', async () => {
    const at = (start: number, end: number): Edit => ({ start, end, with: Buffer.from('x') });
    for (const edit of [at(2, 6), at(5, 6), at(6, 6), at(7, 9)]) {
      for (const sizes of [[], [1], [2]])
        await assert.rejects(splice(Buffer.from('abcde'), [edit], sizes), (thrown) => thrown instanceof UnbakeError && thrown.code === 'damaged');
    }
    assert.equal((await splice(Buffer.from('abcde'), [at(2, 5)], [2])).toString(), 'abx');
  });

  it('throws when a blob is not as long as it says', async () => {
    for (const size of [2, 4]) {
      const blob: Blob = { size, open: () => stream(Buffer.from('abc')) };
      await assert.rejects(splice(Buffer.from('xyz'), [{ start: 1, end: 2, with: blob }]), { name: 'UnbakeError', code: 'damaged' });
    }
  });

  it('refuses edits out of order', async () => {
    const nothing = Buffer.alloc(0);
    const wrong: [number, number][][] = [
      [
        [2, 3],
        [0, 1],
      ],
      [
        [0, 3],
        [2, 4],
      ],
      [
        [2, 4],
        [2, 2],
      ],
      [[3, 2]],
      [[-1, 2]],
      [[0.5, 2]],
      [[0, NaN]],
    ];
    for (const ranges of wrong)
      await assert.rejects(
        splice(
          Buffer.from('abcdef'),
          ranges.map(([start, end]) => ({ start, end, with: nothing })),
        ),
        RangeError,
      );
  });

  it('gives chunks as soon as they come, and closes the source and the blob when the reader stops', async () => {
    let asked = 0;
    const closed: string[] = [];
    async function* endless(name: string): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          asked++;
          yield Buffer.from('abcd');
        }
      } finally {
        closed.push(name);
      }
    }
    const plain = spliced(endless('source'), [{ start: 1, end: 2, with: Buffer.from('X') }]);
    assert.equal(Buffer.from((await plain.next()).value).toString(), 'a');
    assert.equal(asked, 1);
    await plain.return(undefined);
    assert.deepEqual(closed.splice(0), ['source']);

    const withBlob = spliced(endless('source'), [{ start: 0, end: 1, with: { size: Infinity, open: () => endless('blob') } }]);
    await withBlob.next();
    await withBlob.return(undefined);
    assert.deepEqual(closed, ['blob', 'source']);
  });
});
