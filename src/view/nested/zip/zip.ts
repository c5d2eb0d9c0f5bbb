// A zip (jar, whl, docx, ...) as a container: each member is a document.
import type { Blob } from '../../../model/blob.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import type { Span } from '../../../model/span.ts';
import { archiveHeaders, inFront, outside } from '../beside.ts';
import type { Descent } from '../descent.ts';
import { baseOf, innerPlace, memberPlace, type Place } from '../names.ts';
import { Window } from '../window.ts';
import { zipDirectory } from './directory.ts';
import { memberBytes } from './member-bytes.ts';
import { methods, type ZipMember, zipMembers } from './members.ts';

export async function readZip(blob: Blob, place: Place, descent: Descent): Promise<void> {
  const { way } = place;
  const window = new Window(blob);
  const directory = await zipDirectory(window);
  if (directory === undefined) descent.tell(way, 'damaged', 'the zip has no end record: it is truncated; what is found of its members is read');
  else if (directory.problem !== undefined) descent.tell(way, directory.problem.reason, directory.problem.detail, directory.problem.limit);
  const shown: Span[] = [];
  let front = blob.size;
  for await (const member of zipMembers(blob, window, directory, (bytes) => descent.mayDecode(way, bytes))) {
    if (descent.budget.reached !== undefined || !descent.mayReadMember(way)) return;
    if (member.header !== undefined) front = Math.min(front, member.localStart);
    if (member.dataEnd > member.dataStart) shown.push({ start: member.dataStart, end: member.dataEnd });
    await readMember(blob, window, member, place, descent);
  }
  if (!descent.isApart) return;
  // Such as the program or the script that unpacks it.
  if (front < blob.size) await descent.plain({ ...innerPlace(place, inFront), base: baseOf(place) }, rangeOf(blob, 0, front));
  await descent.plain(innerPlace(place, archiveHeaders), outside(blob, shown, front < blob.size ? front : 0));
}

async function readMember(blob: Blob, window: Window, member: ZipMember, place: Place, descent: Descent): Promise<void> {
  const inner = memberPlace(place, member.step, member.name);
  const { problem, dataStart, dataEnd } = member;
  if (problem !== undefined) descent.tell(inner.way, problem.reason, problem.detail);
  const isReadable = problem === undefined || problem.reason === 'damaged';
  if (!isReadable || dataEnd <= dataStart) return;
  const standing = methods.get(member.method) === 'stored' ? rangeOf(blob, dataStart, dataEnd) : undefined;
  // What no directory names and does not decode is plain bytes like any other.
  const isExpected = problem === undefined && member.record !== undefined;
  const damaged = (detail: string) => (isExpected ? descent.tell(inner.way, 'damaged', detail) : undefined);
  const about = { ...(standing === undefined ? {} : { standing }), ...(member.record === undefined ? {} : { size: member.size }) };
  await descent.document(inner, memberBytes(blob, window, member, damaged, descent.isBorrowing), about);
}
