// The bytes of an archive: what tar readers see in it, that they are the same each time, and that no false blob gets through.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { extract } from 'tar-stream';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { UnbakeError } from '../../src/model/error.ts';
import type { OutputContents } from '../../src/store/output.ts';
import { archiveBytes } from '../../src/store/write-archive.ts';
import { hex } from '../support/image.ts';
import { contentsOf, imageMarked } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';

const image = imageMarked('one');
const contents = contentsOf(image);

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('archiveBytes', () => {
  const files = scratch();

  it('says where things are first, then the blobs by digest, without clock and owner', async () => {
    const found: unknown[] = [];
    const reader = extract();
    reader.end(await collected(archiveBytes(contents, 'docker-archive')));
    for await (const entry of reader) {
      const { name, mode, uid, gid, mtime, type } = entry.header;
      found.push([name, type, mode, uid, gid, mtime.getTime()]);
      entry.resume();
    }
    const blobs = [...contents.blobs.keys()].map((digest) => `blobs/sha256/${hex(digest)}`).sort();
    assert.deepEqual(found, [
      ...['oci-layout', 'index.json', 'manifest.json'].map((name) => [name, 'file', 0o644, 0, 0, 0]),
      ...['blobs/', 'blobs/sha256/'].map((name) => [name, 'directory', 0o755, 0, 0, 0]),
      ...blobs.map((name) => [name, 'file', 0o644, 0, 0, 0]),
    ]);
  });

  it('is the tar that GNU tar unpacks to the very blobs', async function () {
    needs(this, 'tar');
    const path = files.file(await collected(archiveBytes(contents, 'oci-archive')));
    assert.equal(tool('tar', ['-xOf', path, `blobs/sha256/${hex(image.config.digest)}`]), image.config.bytes.toString());
    assert.equal(tool('tar', ['-tf', path]).split('\n').includes('manifest.json'), false, 'an OCI archive is no docker archive');
    assert.equal(tool('tar', ['-xOf', path, 'index.json']), contents.index.toString());
  });

  it('is the same whatever the order and the chunks of the blobs', async () => {
    const inBytes = (blob: Blob): Blob => ({
      size: blob.size,
      async *open() {
        for await (const chunk of blob.open()) for (const byte of chunk) yield Uint8Array.of(byte);
      },
    });
    const other: OutputContents = { ...contents, blobs: new Map([...contents.blobs].toReversed().map(([digest, blob]) => [digest, inBytes(blob)])) };
    const bytes = await collected(archiveBytes(contents, 'docker-archive'));
    assert.ok(bytes.equals(await collected(archiveBytes(other, 'docker-archive'))));
  });

  it('manifest.json has null for no tags, as docker writes it', async () => {
    const bytes = await collected(archiveBytes(contentsOf(imageMarked('one', { tags: undefined })), 'docker-archive'));
    assert.match(bytes.toString('latin1'), /"RepoTags":null,"Layers":\["blobs\/sha256\//);
  });

  it('names of sha512, longer than the field for them, are whole', async () => {
    const bytes = Buffer.from('x');
    const digest: Digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const reader = extract();
    reader.end(await collected(archiveBytes({ ...contents, blobs: new Map([[digest, blobOf(bytes)]]) }, 'oci-archive')));
    const names: string[] = [];
    for await (const entry of reader) {
      names.push(entry.header.name);
      entry.resume();
    }
    assert.deepEqual(names, ['oci-layout', 'index.json', 'blobs/', 'blobs/sha512/', `blobs/sha512/${hex(digest)}`]);
  });

  it('a blob of more than 8 GiB has its size in the header', async () => {
    const size = 9 * 2 ** 30;
    const zeros = Buffer.alloc(2 ** 20);
    let isClosed = false;
    const blob: Blob = {
      size,
      async *open() {
        try {
          for (;;) yield zeros;
        } finally {
          isClosed = true;
        }
      },
    };
    const digest = digestOf(zeros);
    const reader = extract();
    const read = new Promise<number>((resolve) => {
      reader.on('entry', (header, entry, next) => {
        if (header.name.endsWith(hex(digest))) return resolve(header.size);
        entry.on('end', next);
        entry.resume();
      });
    });
    for await (const chunk of archiveBytes({ ...contents, blobs: new Map([[digest, blob]]) }, 'oci-archive')) {
      reader.write(chunk);
      if (chunk.length > 2 ** 16) break;
    }
    assert.equal(await read, size);
    assert.ok(isClosed, 'who stops early closes what was open');
  });

  const real = [...contents.blobs][0]!;
  const lying = (blob: Partial<Blob>): OutputContents => ({ ...contents, blobs: new Map([[real[0], { ...real[1], ...blob }]]) });
  for (const [what, blob, words] of [
    ['other bytes', blobOf(Buffer.alloc(real[1].size, 'z')), /its digest is/],
    ['fewer bytes', { open: () => blobOf(Buffer.from('few')).open() }, /only 3 of its/],
    ['more bytes', { size: 3 }, /more than 3 of its 3/],
  ] as const) {
    it(`a blob with ${what} than its digest says ends in its name`, async () => {
      await assert.rejects(
        collected(archiveBytes(lying(blob), 'oci-archive')),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'damaged' && thrown.message.includes(real[0]) && words.test(thrown.message),
      );
    });
  }

  it('what the source of a blob throws is passed on', async () => {
    const gone = new UnbakeError('io', 'it is gone');
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      throw gone;
    };
    await assert.rejects(collected(archiveBytes(lying({ open }), 'oci-archive')), (thrown) => thrown === gone);
  });
});
