// Archives in which bodies were replaced, as GNU tar and tar-stream read them: the same entries as before, but for the bodies.
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import type { Entry } from '../../src/model/entry.ts';
import { bodyStartOf, globalHeaders, withSize } from '../../src/tar/entry-metadata.ts';
import { end, file, gnuSparse, pax, paxSparse, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { anyArchive, anyPlainArchive } from './any-archive.ts';
import { walked } from './recorded.ts';
import { metadataOf, resized } from './resized.ts';

const files = scratch();

/** What `tar -tv` says of each entry; the size stands apart. */
interface Listed {
  readonly line: string;
  readonly size: number;
}

function listed(path: string): Listed[] {
  const text = tool('tar', ['--numeric-owner', '--full-time', '--quoting-style=escape', '-tvf', path], { env: { TZ: 'UTC', LC_ALL: 'C' } });
  return text.split('\n').map((line) => {
    const match = /^(\S+ \S+) +(\d+) (.*)$/.exec(line);
    assert.ok(match, line);
    return { line: `${match[1]} ${match[3]}`, size: Number(match[2]) };
  });
}

/** The bodies of all files, one behind the other, as GNU tar unpacks them; holes are zeros. */
function unpacked(path: string): string {
  return tool('tar', ['-xOf', path], { cwd: files.folder });
}

interface Streamed {
  readonly header: object;
  readonly body: string;
}

async function streamed(archive: Buffer): Promise<Streamed[]> {
  const seen: Streamed[] = [];
  const reader = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  reader.end(archive);
  for await (const member of reader) {
    const { pax, ...header } = member.header;
    // The size is what changes. Comments come from global headers, which tar-stream shows only where there is another PAX header.
    const records = Object.entries(pax ?? {}).filter(([key]) => key !== 'size' && key !== 'comment');
    seen.push({ header: { ...header, size: 0, byteOffset: 0, pax: records }, body: (await buffer(member)).toString('latin1') });
  }
  return seen;
}

/** New bodies for the files among the chosen entries, none for the others of them. */
function newBodies(choice: readonly boolean[], length: number): (entry: Entry) => Buffer | undefined {
  return (entry) => (choice[entry.index] ? Buffer.alloc(entry.kind === 'file' ? length : 0, `new ${entry.index} `) : undefined);
}

const lengths = fc.constantFrom(0, 1, 512, 513, 3000);
const choices = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });

describe('archives with other bodies', function () {
  this.timeout(60_000);

  describe('to GNU tar', () => {
    before(function () {
      needs(this, 'tar');
    });

    it('have the same entries', () => {
      return fc.assert(
        fc.asyncProperty(anyArchive, lengths, choices, async (archive, length, choice) => {
          const bodyFor = newBodies(choice, length);
          const changed = await resized(archive, bodyFor);
          const [before, after] = [listed(files.file(archive, 'before.tar')), listed(files.file(changed, 'after.tar'))];
          const { entries } = walked(archive);
          assert.deepEqual(
            after.map(({ line }) => line),
            before.map(({ line }) => line),
          );
          assert.deepEqual(
            after.map(({ size }) => size),
            entries.map(({ entry }, index) => (entry.kind === 'file' ? (bodyFor(entry)?.length ?? before[index].size) : 0)),
          );
          // Of links GNU tar makes links, also where all goes to the output; sparse files that stay are not put together here.
          if (entries.every(({ entry }) => entry.kind === 'file' && (choice[entry.index] || !entry.isSparse)))
            assert.equal(
              unpacked(join(files.folder, 'after.tar')),
              Buffer.concat(entries.map(({ entry, body }) => bodyFor(entry) ?? Buffer.concat(body.map(({ bytes }) => bytes))))
                .toString()
                .trim(),
            );
        }),
        { numRuns: 60 },
      );
    });

    it('are in order where GNU tar wrote them', async () => {
      const folder = files.newFolder();
      const put = (name: string, size: number, pieces: readonly number[]) => {
        mkdirSync(join(folder, name, '..'), { recursive: true });
        const descriptor = openSync(join(folder, name), 'w');
        for (const offset of pieces) writeSync(descriptor, `a piece at ${offset} `.repeat(300), offset);
        ftruncateSync(descriptor, size);
        closeSync(descriptor);
        utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
      };
      put('plain', 7000, [0]);
      put('sparse', 400_000, [65_536]);
      put(
        'very sparse',
        4_000_000,
        Array.from({ length: 40 }, (_, index) => index * 98_304 + 8192),
      );
      put('größe', 10, []);
      const formats = [
        ['--format=v7'],
        ['--format=ustar'],
        ['--format=oldgnu', '-S'],
        ['--format=gnu', '-S'],
        ...['0.0', '0.1', '1.0'].map((version) => ['--format=posix', '-S', `--sparse-version=${version}`]),
      ];
      for (const [round, flags] of formats.entries()) {
        const isOld = round < 2;
        if (round === 2) put(`${'d'.repeat(200)}/${'n'.repeat(200)}`, 300_000, [131_072]);
        const path = join(files.folder, 'made.tar');
        tool('tar', ['--sort=name', ...flags, '-C', folder, '-cf', path, '.']);
        const archive = readFileSync(path);
        const before = listed(path);
        assert.equal(before.length, isOld ? 5 : 7, 'the folder and what is in it');
        for (const length of [0, 5, 70_000]) {
          const changed = await resized(archive, ({ kind }) => (kind === 'file' ? Buffer.alloc(length, 'new') : undefined));
          assert.deepEqual([walked(changed).damage, walked(changed).notices], [[], []]);
          writeFileSync(join(files.folder, 'after.tar'), changed);
          const after = listed(join(files.folder, 'after.tar'));
          assert.deepEqual(
            after,
            before.map(({ line }) => ({ line, size: line.startsWith('-') ? length : 0 })),
            flags.join(' '),
          );
          assert.equal(
            unpacked(join(files.folder, 'after.tar')),
            Buffer.alloc(length, 'new')
              .toString()
              .repeat(isOld ? 4 : 5),
          );
        }
      }
    });

    it('have bodies of many GiB', () => {
      const large = 9 * 2 ** 30 + 5;
      const pieces = [{ offset: 512, data: Buffer.from('x') }];
      const archives = {
        plain: tar(file('a', 'x')),
        gnu: tar(file('a', 'x', { magic: 'gnu' })),
        pax: tar(pax([['uid', '7']]), file('a', 'x')),
        'with a PAX size': tar(
          pax([
            ['size', '1'],
            ['uid', '7'],
          ]),
          file('a', 'x', { size: 0 }),
        ),
        'old sparse': tar(gnuSparse('a', pieces, 9000)),
        'PAX sparse': tar(paxSparse('1.0', 'a', pieces, 9000)),
      };
      for (const [name, archive] of Object.entries(archives)) {
        const [before] = listed(files.file(archive, 'before.tar'));
        const metadata = withSize(metadataOf(archive), large);
        const path = files.file(metadata, 'large.tar');
        const descriptor = openSync(path, 'r+');
        const bodyEnd = metadata.length + Math.ceil(large / 512) * 512;
        writeSync(descriptor, file('next', 'y'), 0, 1024, bodyEnd);
        ftruncateSync(descriptor, bodyEnd + 2048);
        closeSync(descriptor);
        const after = listed(path);
        assert.deepEqual(after[0], { line: before.line, size: large }, name);
        assert.equal(after[1].line.endsWith(' next'), true);
        truncateSync(path);
      }
    });

    it('lose what is dropped and nothing else', async () => {
      const kept = tar(file('a', 'x'), pax([['uid', '7']]), file('c', 'z'));
      const archive = tar(file('a', 'x'), pax([['path', 'b']]), file('cut', 'y'.repeat(600)), pax([['uid', '7']]), file('c', 'z'));
      const { entry } = walked(archive).entries[1];
      const bytes = archive.subarray(entry.span.start, bodyStartOf(entry));
      const without = Buffer.concat([archive.subarray(0, entry.span.start), globalHeaders(bytes), archive.subarray(entry.span.end)]);
      assert.ok(without.equals(kept));
    });
  });

  it('have the same entries to tar-stream', () => {
    return fc.assert(
      fc.asyncProperty(anyPlainArchive, lengths, choices, async (archive, length, choice) => {
        const bodyFor = newBodies(choice, length);
        const [before, after] = [await streamed(archive), await streamed(await resized(archive, bodyFor))];
        const { entries } = walked(archive);
        assert.equal(before.length, entries.length);
        assert.deepEqual(
          after,
          before.map(({ header, body }, index) => ({ header, body: bodyFor(entries[index].entry)?.toString('latin1') ?? body })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('announce sizes of many GiB to tar-stream', async () => {
    const headerOf = (bytes: Buffer) =>
      new Promise<{ name: string; size?: number }>((resolve, reject) => {
        const reader = extract();
        reader.on('entry', (header) => resolve(header));
        reader.on('error', reject);
        reader.write(bytes);
      });
    for (const archive of [
      tar(file('a', 'x')),
      tar(file('a', 'x', { magic: 'gnu' })),
      tar(pax([['path', 'a']]), file('cut', 'x')),
      Buffer.concat([file('a', 'x'), end(1)]),
    ])
      for (const size of [8 ** 11 - 1, 8 ** 11, 2 ** 45 + 1]) {
        const { name, size: told } = await headerOf(withSize(metadataOf(archive), size));
        assert.deepEqual([name, told], ['a', size]);
      }
  });
});
