// Archives whose members stand in them as plain bytes (tar, ar, cpio): the members are no documents of their own, but are walked into
// when they are containers.
import type { Blob } from '../../model/blob.ts';
import type { SkipReason } from '../../model/report.ts';
import type { Reader, Way } from './descent.ts';
import { headLength, type NestedKind, nestedKindOf } from './kind.ts';
import { MemberNames } from './member-names.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import { Window } from './window.ts';

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

export type Members<M extends Member = Member> = (blob: Blob, tell: MemberProblem) => AsyncIterable<M>;

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
  return async (blob, way, descent) => {
    const counted = async function* (): AsyncGenerator<Member> {
      for await (const member of members(blob, (reason, detail, limit) => descent.tell(way, reason, detail, limit))) {
        if (!descent.mayReadMember(way)) return;
        yield member;
      }
    };
    for await (const { member, way: inner, kind } of containersAmong(blob, counted(), way)) {
      if (member.isSparse)
        descent.tell(inner, 'unsupported', `a sparse file that begins like a container (${kind}): its pieces are not put together`);
      else await descent.inside(inner, rangeOf(blob, member.start, member.start + member.size), kind);
    }
  };
}
