// The members of a tar whose bodies stand in it as plain bytes, in their order.
import type { Blob } from '../../model/blob.ts';
import type { Entry } from '../../model/entry.ts';
import { defaultLimits } from '../../model/limits.ts';
import { bodyStartOf } from '../../tar/entry-metadata.ts';
import { TarWalk } from '../../tar/walk.ts';
import type { Member, MemberProblem } from './in-place.ts';
import { Window } from './window.ts';

export interface TarMember extends Member {
  readonly entry: Entry;
}

const step = 64 * 1024;
/** A body that is longer is passed over: what is wanted of it is read by who wants it. */
const worthSeeking = 1024 * 1024;

export async function* tarMembers(blob: Blob, tell: MemberProblem): AsyncGenerator<TarMember> {
  const ready: TarMember[] = [];
  let last: TarMember | undefined;
  const walk = new TarWalk(
    {
      entry(entry, metadata) {
        const start = startOfBody(entry, walk.offset);
        last = { name: entry.path === '' ? '.' : entry.path, start, size: entry.size, isSparse: isSparse(metadata), entry };
        ready.push(last);
      },
      body() {},
      endOfBody() {},
      stray() {},
      noTar() {},
      damage: (detail, offset) => tell('damaged', `${detail}; at byte ${offset} of the tar`),
      limit: (name, detail, offset) => tell('limit', `${detail}; at byte ${offset} of the tar`, name),
      notice() {},
    },
    defaultLimits,
  );
  const window = new Window(blob);
  for (let at = 0; at < blob.size;) {
    const bytes = await window.read(at, step);
    if (bytes.length === 0) break;
    walk.write(bytes);
    at += bytes.length;
    yield* ready.splice(0);
    if (last !== undefined && last.start + last.size - at > worthSeeking) at += walk.skipBody(blob.size - at);
  }
  walk.end();
  yield* ready.splice(0);
}

/** Where a body begins, when `offset` is where the walk stands. */
export function startOfBody(entry: Entry, offset: number): number {
  // Of a size beyond all archives the body begins here too, and is not whole.
  return Number.isSafeInteger(entry.span.end) ? bodyStartOf(entry) : offset;
}

/** Stored in pieces, with holes left out (GNU tar manual, "Sparse Formats"). */
export function isSparse(metadata: readonly Uint8Array[]): boolean {
  const header = metadata.at(-1);
  if (header !== undefined && header.length === 512 && header[156] === 0x53) return true;
  return metadata.some((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('GNU.sparse.'));
}
