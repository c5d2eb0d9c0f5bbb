// A unified diff that `git apply` and `patch -p1` take.
import { createTwoFilesPatch, FILE_HEADERS_ONLY, formatPatch } from 'diff';
import { normalizePath } from '../../model/entry.ts';

const context = 3;
/** Lines removed and added for which the shortest diff is looked for: the time grows with their square. */
const mostLooked = 2000;

/** '' when the texts are the same. `name` is the path of the file, from where the patch is applied. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const path = normalizePath(name);
  const [from, to] = [`a/${path}`, `b/${path}`];
  // GNU patch takes a name to end at white space, unless a tab follows it.
  const header = /\s/.test(path) ? ' ' : undefined;
  const shortest = createTwoFilesPatch(from, to, before, after, header, header, {
    context,
    headerOptions: FILE_HEADERS_ONLY,
    maxEditLength: mostLooked,
  });
  return (
    shortest ??
    formatPatch({ ...oneHunk(before, after), oldFileName: from, newFileName: to, oldHeader: header, newHeader: header }, FILE_HEADERS_ONLY)
  );
}

/** The whole file taken out and put in. */
function oneHunk(before: string, after: string) {
  const [old, made] = [linesOf(before, '-'), linesOf(after, '+')];
  const counted = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('\\')).length;
  return { hunks: [{ oldStart: 1, oldLines: counted(old), newStart: 1, newLines: counted(made), lines: [...old, ...made] }] };
}

function linesOf(text: string, sign: string): string[] {
  const lines = text.split('\n').map((line) => sign + line);
  if (!text.endsWith('\n')) return [...lines, '\\ No newline at end of file'];
  return lines.slice(0, -1);
}
