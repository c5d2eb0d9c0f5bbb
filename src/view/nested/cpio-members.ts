// The members of a cpio archive of the "new ASCII" form (cpio(5)): initial ramdisks, and the payload of RPM packages.
import type { Blob } from '../../model/blob.ts';
import type { Member, MemberProblem } from './in-place.ts';
import { Window } from './window.ts';

const headerSize = 110;

export async function* cpioMembers(blob: Blob, tell: MemberProblem, ended?: (offset: number) => void): AsyncGenerator<Member> {
  const window = new Window(blob);
  let at = 0;
  for (;;) {
    const header = (await window.read(at, headerSize)).toString('latin1');
    if (!/^07070[12][0-9a-fA-F]{104}$/.test(header)) return tell('damaged', `the header at byte ${at} of the cpio archive cannot be read`);
    const size = Number.parseInt(header.slice(54, 62), 16);
    const nameSize = Number.parseInt(header.slice(94, 102), 16);
    const name = (await window.read(at + headerSize, Math.min(nameSize, 4096))).toString('latin1').replace(/\0[^]*$/, '');
    if (name === 'TRAILER!!!') return ended?.(aligned(at + headerSize + nameSize));
    const start = aligned(at + headerSize + nameSize);
    if (start + size > blob.size) tell('damaged', `the cpio archive is truncated: ${start + size - blob.size} bytes of its last member are missing`);
    yield { name: name.replace(/^(?:\.?\/)+/, '') || '.', start, size, isSparse: false };
    at = aligned(start + size);
    if (at >= blob.size) return;
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
