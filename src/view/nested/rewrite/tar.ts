// A tar with some of its members exchanged and, if its own bytes are touched, the checksums of its headers made right again.
import type { Blob } from '../../../model/blob.ts';
import { UnbakeError } from '../../../model/error.ts';
import { withChecksums, withSize } from '../../../tar/entry-metadata.ts';
import { paddingAfter } from '../../../tar/header.ts';
import { type Edit, spliced } from '../../../tar/splice.ts';
import type { Way } from '../descent.ts';
import { containersAmong } from '../in-place.ts';
import { headLength, nestedKindOf } from '../kind.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import { type TarMember, tarMembers } from '../tar-members.ts';
import { Window } from '../window.ts';
import type { Rework } from './rework.ts';

/** Headers in front of one entry that are held in memory; longer ones are left as they are. */
const longestMetadata = 4 * 2 ** 20;

export async function rewriteTar(blob: Blob, way: Way, rework: Rework): Promise<Blob> {
  const window = new Window(blob);
  const edits: Edit[] = [];
  for await (const { member, way: inner, kind } of containersAmong(blob, tarMembers(blob, untold), way)) {
    if (!rework.leads(inner) || member.isSparse) continue;
    if (member.start + member.size > blob.size) rework.cannot(inner, 'the tar around it is truncated');
    if (rework.problem !== undefined) return blob;
    const exchanged = await rework.container(rangeOf(blob, member.start, member.start + member.size), kind, inner);
    const metadata = await window.read(member.entry.span.start, member.start - member.entry.span.start);
    const replaced = exchangedMember(member, metadata, exchanged);
    if (typeof replaced === 'string') rework.cannot(inner, replaced);
    else edits.push(...replaced);
  }
  if (rework.problem !== undefined) return blob;
  const exchanged = edits.length === 0 ? blob : await rework.hold(spliced(blob.open(), edits));
  if (!rework.rewriting.isTouched(way)) return exchanged;
  const fixes: Edit[] = [];
  for await (const header of headersOf(exchanged)) {
    if (!rework.mayReadMember(way)) return blob;
    fixes.push({ ...header, with: fixed });
  }
  return rework.hold(spliced(rework.rewriting.transform(exchanged.open()), fixes));
}

/** What is wrong with the tar was told when it was read. */
const untold = () => undefined;

/** The headers with the new size, the new body, and what fills its last block. */
function exchangedMember({ entry, start }: TarMember, metadata: Buffer, body: Blob): readonly Edit[] | string {
  if (body.size === entry.size) return [{ start, end: start + entry.size, with: body }];
  try {
    return [
      { start: entry.span.start, end: start, with: withSize(metadata, body.size) },
      { start, end: entry.span.end, with: body },
      { start: entry.span.end, end: entry.span.end, with: Buffer.alloc(paddingAfter(body.size)) },
    ];
  } catch (cause) {
    if (cause instanceof UnbakeError) return cause.message;
    throw cause;
  }
}

/** Where headers stand: those of the members, and of tars among the members, whose bytes are bytes of this one. */
async function* headersOf(tar: Blob, offset = 0): AsyncGenerator<{ readonly start: number; readonly end: number }> {
  const window = new Window(tar);
  for await (const { entry, start, size, isSparse } of tarMembers(tar, untold)) {
    if (start - entry.span.start <= longestMetadata && start <= tar.size) yield { start: offset + entry.span.start, end: offset + start };
    const isTar = !isSparse && size >= headLength && nestedKindOf(await window.read(start, headLength)) === 'tar';
    if (isTar) yield* headersOf(rangeOf(tar, start, start + size), offset + start);
  }
}

/** What could not be read as headers before cannot be made right. */
function fixed(metadata: Buffer): Uint8Array {
  try {
    return withChecksums(metadata);
  } catch (cause) {
    if (cause instanceof UnbakeError) return metadata;
    throw cause;
  }
}
