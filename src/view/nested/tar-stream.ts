// A tar that is read once from start to end, each member a document: nothing is held but members that are containers themselves.
import type { Blob } from '../../model/blob.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import { defaultLimits } from '../../model/limits.ts';
import { blockSize, hasValidChecksum } from '../../tar/header.ts';
import { TarWalk } from '../../tar/walk.ts';
import { archiveHeaders, Beside } from './beside.ts';
import type { Descent } from './descent.ts';
import { tellSparse } from './in-place.ts';
import { headLength, nestedKindOf } from './kind.ts';
import { MemberNames } from './member-names.ts';
import { innerPlace, memberPlace, type Place } from './names.ts';
import { peeked } from './peek.ts';
import { isSparse, startOfBody } from './tar-members.ts';

interface StreamedMember {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly isSparse: boolean;
}

/** What a tar is made of, in its order. */
type Piece =
  | { readonly kind: 'member'; readonly member: StreamedMember }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end of body' }
  | { readonly kind: 'beside'; readonly bytes: Uint8Array };

export async function readTarStream(bytes: AsyncIterable<Uint8Array>, place: Place, descent: Descent, standing: Blob | undefined): Promise<void> {
  const pieces = tarPieces(bytes, place, descent);
  const names = new MemberNames();
  const beside = new Beside(descent.hold);
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done || descent.budget.reached !== undefined) break;
      // Bodies that come here belong to a member that was read from elsewhere, or is empty.
      if (value.kind === 'beside') await beside.add(value.bytes);
      if (value.kind !== 'member') continue;
      const { member } = value;
      if (!descent.mayReadMember(place.way)) break;
      const inner = memberPlace(place, names.unique(member.name), member.name, member.start);
      if (member.size === 0) continue;
      if (member.isSparse) await readSparse(inner, member.size, pieces, descent);
      else {
        const range = standing === undefined ? {} : { standing: rangeOf(standing, member.start, member.start + member.size) };
        await descent.document(inner, bodyOf(pieces), { size: member.size, isCounted: true, ...range });
      }
    }
  } finally {
    await pieces.return(undefined);
  }
  await descent.plain(innerPlace(place, names.unique(archiveHeaders)), beside.all);
}

/** The pieces of the file as they are stored. */
async function readSparse(inner: Place, size: number, pieces: AsyncIterator<Piece>, descent: Descent): Promise<void> {
  const { head, bytes } = await peeked(bodyOf(pieces), headLength);
  const kind = nestedKindOf(head);
  if (kind === undefined) await descent.document(inner, bytes, { size, isCounted: true });
  else tellSparse(descent, inner.way, kind);
}

async function* bodyOf(pieces: AsyncIterator<Piece>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done || value.kind !== 'body') return;
    yield value.bytes;
  }
}

async function* tarPieces(bytes: AsyncIterable<Uint8Array>, { way }: Place, descent: Descent): AsyncGenerator<Piece, undefined> {
  let ready: Piece[] = [];
  const walk = new TarWalk(
    {
      entry(entry, metadata) {
        for (const part of metadata) ready.push({ kind: 'beside', bytes: part.length === blockSize ? headerText(part) : part });
        const name = entry.path === '' ? '.' : entry.path;
        ready.push({ kind: 'member', member: { name, start: startOfBody(entry, walk.offset), size: entry.size, isSparse: isSparse(metadata) } });
      },
      body(part) {
        // One block may stand in a buffer that the walk uses again.
        ready.push({ kind: 'body', bytes: part.length <= blockSize ? Buffer.from(part) : part });
      },
      endOfBody() {
        ready.push({ kind: 'end of body' });
      },
      stray(part) {
        ready.push({ kind: 'beside', bytes: Buffer.from(part) });
      },
      noTar() {},
      damage: (detail, offset) => descent.tell(way, 'damaged', `${detail}; at byte ${offset} of the tar`),
      limit: (name, detail, offset) => descent.tell(way, 'limit', `${detail}; at byte ${offset} of the tar`, name),
      notice() {},
    },
    defaultLimits,
  );
  for await (const chunk of bytes) {
    walk.write(chunk);
    yield* ready;
    ready = [];
  }
  // Where the budget has ended it, it is not truncated.
  walk.end(descent.budget.reached === undefined);
  yield* ready;
}

/** The fields of a header one a line, without what fills them up: it is text for who looks for text. */
function headerText(block: Uint8Array): Uint8Array {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  return hasValidChecksum(bytes) ? Buffer.from(bytes.toString('latin1').replace(/\0+/g, '\n'), 'latin1') : block;
}
