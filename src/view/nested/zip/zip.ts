// A zip (jar, whl, docx, ...) as a container: each member is a document.
import type { Blob } from '../../../model/blob.ts';
import type { Descent, Way } from '../descent.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import { Window } from '../window.ts';
import { zipDirectory } from './directory.ts';
import { memberBytes } from './member-bytes.ts';
import { methods, zipMembers } from './members.ts';

export async function readZip(blob: Blob, way: Way, descent: Descent): Promise<void> {
  const window = new Window(blob);
  const directory = await zipDirectory(window);
  if (directory === undefined) descent.tell(way, 'damaged', 'the zip has no end record: it is truncated; what is found of its members is read');
  else if (directory.problem !== undefined) descent.tell(way, directory.problem.reason, directory.problem.detail, directory.problem.limit);
  for await (const member of zipMembers(blob, window, directory, (bytes) => descent.mayDecode(way, bytes))) {
    if (descent.budget.reached !== undefined || !descent.mayReadMember(way)) return;
    const inner = [...way, member.step];
    const { problem, dataStart, dataEnd } = member;
    if (problem !== undefined) descent.tell(inner, problem.reason, problem.detail);
    const isReadable = problem === undefined || problem.reason === 'damaged';
    if (!isReadable || dataEnd <= dataStart) continue;
    const standing = methods.get(member.method) === 'stored' ? rangeOf(blob, dataStart, dataEnd) : undefined;
    // What no directory names and does not decode is plain bytes like any other.
    const isExpected = problem === undefined && member.record !== undefined;
    const damaged = (detail: string) => (isExpected ? descent.tell(inner, 'damaged', detail) : undefined);
    await descent.document(inner, memberBytes(blob, window, member, damaged), standing);
  }
}
