// The pieces of an entry's metadata, and that they are what the walk has taken for it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { metadataParts } from '../../src/tar/metadata-parts.ts';
import { end, file, gnuLongName, gnuSparse, pax, tar } from '../support/raw-tar.ts';
import { anyArchive } from './any-archive.ts';
import { walked } from './recorded.ts';
import { metadataOf } from './resized.ts';

describe('metadataParts', () => {
  it('names what stands before a body', () => {
    const pieces = Array.from({ length: 5 }, (_, index) => ({ offset: index * 1024, data: Buffer.alloc(512, 'x') }));
    const archive = tar(pax([['comment', 'x']], 'g'), pax([['uid', '7']]), end(1), gnuLongName('n'.repeat(600)), gnuSparse('n', pieces, 9000));
    const parts = metadataParts(metadataOf(archive));
    assert.deepEqual(
      parts.map((part) => [part.kind === 'extended' ? part.type : part.kind, part.start, part.bytes.length]),
      [
        ['g', 0, 1024],
        ['x', 1024, 1024],
        ['zeros', 2048, 512],
        ['L', 2560, 512 + 1024],
        ['header', 4096, 512],
        ['map', 4608, 512],
      ],
    );
  });

  it('gives back the bytes, and the headers and bodies that the walk has seen', () => {
    fc.assert(
      fc.property(anyArchive, (archive) => {
        for (const { entry, metadata } of walked(archive).entries) {
          const bytes = metadataOf(archive, entry.index);
          const parts = metadataParts(bytes);
          assert.ok(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes));
          for (const { start, bytes: piece } of parts) assert.ok(bytes.subarray(start, start + piece.length).equals(piece));
          const pieces = parts.flatMap((part) => (part.kind === 'extended' ? [part.block, part.body] : [part.bytes]));
          assert.ok(Buffer.concat(pieces).equals(Buffer.concat(metadata)));
        }
      }),
    );
  });

  it('says where it stopped to understand', () => {
    const bytes = metadataOf(tar(pax([['uid', '7']]), file('a', 'x')));
    const cut = /a block is cut short, at byte 1024 of them/;
    assert.throws(() => metadataParts(bytes.subarray(0, 1300)), { name: 'UnbakeError', code: 'damaged', message: cut });
    assert.throws(() => metadataParts(bytes.subarray(0, 1000)), {
      code: 'damaged',
      message: /an extended header is longer than all of them, at byte 0 of/,
    });
    assert.throws(() => metadataParts(Buffer.concat([bytes, bytes])), { code: 'damaged', message: /is not a part of it, at byte 1536 of/ });
  });
});
