// The members of an ar archive (ar(5)): Debian packages and static libraries. Each stands behind a header of 60 bytes of text.
import type { Blob } from '../../model/blob.ts';
import type { Member, MemberProblem } from './in-place.ts';
import { Window } from './window.ts';

const headerSize = 60;
/** The table of long names is held in memory; a longer one is not read, and its names stay numbers. */
const longestTable = 4 * 1024 * 1024;

export async function* arMembers(blob: Blob, tell: MemberProblem): AsyncGenerator<Member> {
  const window = new Window(blob);
  let longNames = '';
  let at = 8;
  while (at + headerSize <= blob.size) {
    const header = (await window.read(at, headerSize)).toString('latin1');
    const digits = header.slice(48, 58).trimEnd();
    if (!header.endsWith('`\n') || !/^[0-9]+$/.test(digits)) return tell('damaged', `the header at byte ${at} of the ar archive cannot be read`);
    let start = at + headerSize;
    let size = Number(digits);
    at = start + size + (size % 2);
    if (start + size > blob.size) tell('damaged', `the ar archive is truncated: ${start + size - blob.size} bytes of its last member are missing`);
    let name = header.slice(0, 16).trimEnd();
    if (name === '/' || name === '/SYM64/' || name === '__.SYMDEF') continue;
    if (name === '//') {
      longNames = size <= longestTable ? (await window.read(start, size)).toString('latin1') : '';
      continue;
    }
    // GNU: an offset into the table of long names. BSD: the name stands in front of the body and counts as part of it.
    if (/^\/[0-9]+$/.test(name)) name = /^[^/\n]+/.exec(longNames.slice(Number(name.slice(1))))?.[0] ?? name;
    else if (/^#1\/[0-9]+$/.test(name)) {
      const length = Math.min(Number(name.slice(3)), size, 4096);
      name = (await window.read(start, length)).toString('latin1').replace(/\0+$/, '');
      start += length;
      size -= length;
    } else name = name.replace(/\/$/, '');
    yield { name, start, size, isSparse: false };
  }
  if (at < blob.size) tell('damaged', 'the ar archive is truncated: it ends inside a header');
}
