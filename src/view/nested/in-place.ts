// Archives whose members stand in them as plain bytes (tar, ar, cpio). Within: the members are no documents of their own, but are walked
// into when they are containers. Apart: each is a document.
import { type Blob, blobOf } from '../../model/blob.ts';
import type { SkipReason } from '../../model/report.ts';
import { archiveHeaders, outside, tailStep } from './beside.ts';
import type { Descent, Reader, Way } from './descent.ts';
import { headLength, type NestedKind, nestedKindOf } from './kind.ts';
import { MemberNames } from './member-names.ts';
import { innerPlace, memberPlace, type Place } from './names.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import type { Span } from '../../model/span.ts';
import { Window } from './window.ts';

const small = 64 * 1024;

export interface Member {
  /** As bytes, held as latin1. */
  readonly name: string;
  readonly start: number;
  readonly size: number;
  /** The stored bytes are not the file: holes are left out. */
  readonly isSparse: boolean;
}

/** Where readers of members tell what is wrong with the archive. */
export type MemberProblem = (reason: SkipReason, detail: string, limit?: string) => void;

/** `ended` is called when the archive says where it ends. */
export type Members<M extends Member = Member> = (blob: Blob, tell: MemberProblem, ended: (offset: number) => void) => AsyncIterable<M>;

export interface ContainerMember<M extends Member = Member> {
  readonly member: M;
  readonly way: Way;
  readonly kind: NestedKind;
}

/** Those members that are containers, each with its way: the same ones for the same archive. */
export async function* containersAmong<M extends Member>(blob: Blob, members: AsyncIterable<M>, way: Way): AsyncGenerator<ContainerMember<M>> {
  const window = new Window(blob);
  const names = new MemberNames();
  for await (const member of members) {
    const kind = nestedKindOf(await window.read(member.start, Math.min(headLength, member.size)));
    if (kind !== undefined) yield { member, way: [...way, names.unique(member.name)], kind };
  }
}

export function inPlaceReader(members: Members): Reader {
  return async (blob, place, descent) => {
    let end = blob.size;
    const tell: MemberProblem = (reason, detail, limit) => descent.tell(place.way, reason, detail, limit);
    const counted = async function* (): AsyncGenerator<Member> {
      for await (const member of members(blob, tell, (offset) => (end = offset))) {
        if (!descent.mayReadMember(place.way)) return;
        yield member;
      }
    };
    await (descent.isApart ? showApart(blob, counted(), place, descent, () => end) : showWithin(blob, counted(), place, descent));
  };
}

async function showWithin(blob: Blob, members: AsyncIterable<Member>, place: Place, descent: Descent): Promise<void> {
  for await (const { member, way, kind } of containersAmong(blob, members, place.way)) {
    if (member.isSparse) tellSparse(descent, way, kind);
    else await descent.inside(memberPlace(place, way.at(-1)!, member.name), rangeOf(blob, member.start, member.start + member.size), kind);
  }
}

async function showApart(blob: Blob, members: AsyncIterable<Member>, place: Place, descent: Descent, endOf: () => number): Promise<void> {
  const names = new MemberNames();
  const window = new Window(blob);
  const shown: Span[] = [];
  const show = async (inner: Place, start: number, end: number) => {
    // Those of static libraries are small and many.
    const standing = end - start <= small ? blobOf(await window.read(start, end - start)) : rangeOf(blob, start, end);
    await descent.document(inner, standing.open(), { standing, isCounted: true });
    shown.push({ start, end });
  };
  for await (const { name, start, size } of members)
    if (size > 0) await show(memberPlace(place, names.unique(name), name, start), start, start + size);
  // An initial ramdisk may be several archives, one behind the other, of which the last is compressed.
  const next = await startOfNext(blob, endOf());
  if (next !== undefined) await show(innerPlace(place, names.unique(tailStep)), next, blob.size);
  await descent.plain(innerPlace(place, names.unique(archiveHeaders)), outside(blob, shown));
}

/** Where a container begins behind the end of an archive and the zeros that fill it up. */
async function startOfNext(blob: Blob, end: number): Promise<number | undefined> {
  const window = new Window(blob);
  for (let at = end; at < blob.size;) {
    const bytes = await window.read(at, 64 * 1024);
    const first = bytes.findIndex((byte) => byte !== 0);
    if (first >= 0) return nestedKindOf(await window.read(at + first, headLength)) === undefined ? undefined : at + first;
    at += bytes.length;
  }
  return undefined;
}

/** Of a sparse file that begins like a container. */
export function tellSparse(descent: Descent, way: Way, kind: NestedKind): void {
  descent.tell(way, 'unsupported', `a sparse file that begins like a container (${kind}): its pieces are not put together`);
}
