// A sink that writes down everything, and the checks that hold for every archive.
import assert from 'node:assert/strict';
import type { Entry } from '../../src/model/entry.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import { TarWalk } from '../../src/tar/walk.ts';

/** Runs of a body: where they stand in the file, and their bytes. */
export interface Run {
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface RecordedEntry {
  readonly entry: Entry;
  readonly metadata: readonly Buffer[];
  readonly body: readonly Run[];
}

export interface Recording {
  readonly entries: readonly RecordedEntry[];
  readonly stray: readonly { readonly what: string; readonly offset: number; readonly bytes: Buffer }[];
  readonly damage: readonly { readonly detail: string; readonly offset: number }[];
  readonly limits: readonly string[];
  readonly notices: readonly string[];
  readonly isTar: boolean;
}

/** Joins runs that touch: how they were cut depends on the chunks. */
function joined(runs: readonly Run[]): Run[] {
  const whole: { offset: number; pieces: Buffer[]; length: number }[] = [];
  for (const { offset, bytes } of runs) {
    const last = whole.at(-1);
    if (last !== undefined && last.offset + last.length === offset) {
      last.pieces.push(bytes);
      last.length += bytes.length;
    } else whole.push({ offset, pieces: [bytes], length: bytes.length });
  }
  return whole.map(({ offset, pieces }) => ({ offset, bytes: Buffer.concat(pieces) }));
}

export function walked(archive: Buffer, cuts: readonly number[] = [], limits: Limits = defaultLimits): Recording {
  const entries: { entry: Entry; metadata: Buffer[]; body: Run[]; isOver: boolean }[] = [];
  const stray: { what: string; offset: number; bytes: Buffer }[] = [];
  const damage: { detail: string; offset: number }[] = [];
  const reached: string[] = [];
  const notices: string[] = [];
  let isTar = true;
  const walk = new TarWalk(
    {
      entry(entry, metadata) {
        assert.ok(entries.at(-1)?.isOver ?? true, 'an entry begins before the last one is over');
        entries.push({ entry, metadata: metadata.map((bytes) => Buffer.from(bytes)), body: [], isOver: false });
      },
      body(bytes, offset) {
        const open = entries.at(-1)!;
        assert.ok(!open.isOver, 'a body goes on behind its end');
        assert.ok(bytes.length > 0, 'an empty piece of a body');
        open.body.push({ offset, bytes: Buffer.from(bytes) });
      },
      endOfBody() {
        assert.ok(!entries.at(-1)!.isOver, 'a body ends twice');
        entries.at(-1)!.isOver = true;
      },
      stray: (bytes, what, offset) => stray.push({ what, offset, bytes: Buffer.from(bytes) }),
      noTar: () => (isTar = false),
      damage: (detail, offset) => damage.push({ detail, offset }),
      limit: (name) => reached.push(name),
      notice: (detail) => notices.push(detail),
    },
    limits,
  );
  for (const chunk of chunksOf(archive, cuts)) walk.write(chunk);
  walk.end();
  assert.ok(
    entries.every(({ isOver }) => isOver),
    'a body never ends',
  );
  assert.equal(walk.offset, archive.length, 'not every byte was taken');
  return {
    entries: entries.map(({ entry, metadata, body }) => ({ entry, metadata, body: joined(body) })),
    stray,
    damage,
    limits: reached,
    notices,
    isTar,
  };
}

/** The bytes in chunks whose sizes go round in a circle; each is a copy that is wiped when the next is asked for. */
export function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  if (sizes.length === 0) return void (yield bytes);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length]);
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    yield chunk;
    chunk.fill(0xee);
    at += size;
  }
}

/** The file as it would be unpacked, up to `size` or the end of what is stored. */
export function contentOf({ body }: RecordedEntry, size?: number): Buffer {
  const end = size ?? Math.max(0, ...body.map(({ offset, bytes }) => offset + bytes.length));
  const content = Buffer.alloc(end);
  for (const { offset, bytes } of body) bytes.copy(content, offset);
  return content;
}

/** What does not depend on how the bytes arrived. Pieces of zeros between stray bytes are given or not, as the chunks fall. */
export function essence(recording: Recording): object {
  const stray: { what: string; text: string }[] = [];
  for (const { what, bytes } of recording.stray) {
    if (stray.at(-1)?.what !== what) stray.push({ what, text: '' });
    stray.at(-1)!.text += bytes.toString('latin1').replaceAll('\0', '');
  }
  return { ...recording, stray: stray.filter(({ text }) => text !== '') };
}

/** Each byte of the archive that is not zero reached the sink exactly once: counted value by value, for bodies have no place. */
export function assertEveryByteOnce(archive: Buffer, { entries, stray }: Recording): void {
  const counts = (buffers: Iterable<Buffer>): number[] => {
    const count = Array.from({ length: 256 }, () => 0);
    for (const bytes of buffers) for (const byte of bytes) count[byte]++;
    count[0] = 0;
    return count;
  };
  const given = [...entries.flatMap(({ metadata, body }) => [...metadata, ...body.map(({ bytes }) => bytes)]), ...stray.map(({ bytes }) => bytes)];
  assert.deepEqual(counts(given), counts([archive]), 'bytes were lost or given twice');
}

/** Spans begin at 0 and follow each other without a hole. Returns where the last one ends. */
export function assertTiled({ entries }: Recording): number {
  let end = 0;
  for (const { entry } of entries) {
    assert.equal(entry.span.start, end, `the span of ${entry.path}`);
    assert.ok(entry.span.end > entry.span.start && entry.span.end % 512 === 0);
    end = entry.span.end;
  }
  return end;
}
