// Who the process of a container is: the image's User or --user, looked up in the image's own /etc/passwd and /etc/group as docker does.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** With `gid` among them, first. */
  readonly additionalGids: readonly number[];
  /** Absolute; `/` when the image does not say. */
  readonly home: string;
}

/** docker takes no larger number on the command line; files may hold all that the kernel knows. */
const largestGiven = 2 ** 31 - 1;
const largestId = 2 ** 32 - 2;

/**
 * `spec`: `user[:group]`, names or numbers; '' is root. A number is an id even when a user is called so. A user of the file brings its group, its home and, without an
 * explicit group, every group that lists it; a number that no line has gets group 0. The first line that fits counts. Lines without a numeric id are none: docker
 * would take them for root. `passwd`, `group`: the files' bytes, undefined when the image has none. Throws UnbakeError `not-found` for a name that is not there.
 */
export function resolveUser(spec: string, passwd: Buffer | undefined, group: Buffer | undefined): ContainerUser {
  const [userPart = '', groupPart = ''] = spec.split(':').map(inBytes);
  const wantedUid = userPart === '' ? 0 : numberGiven(userPart, 'user');
  const entry = linesOf(passwd)
    .map(([name = '', , uid = '', gid = '', , home = '']) => ({ name, uid: idIn(uid), gid: idIn(gid), home }))
    .find((user) => user.uid !== undefined && user.gid !== undefined && (wantedUid === undefined ? user.name === userPart : user.uid === wantedUid));
  const uid = entry?.uid ?? wantedUid;
  if (uid === undefined) throw notFound('user', userPart, '/etc/passwd');

  const groups = linesOf(group)
    .map(([name = '', , gid = '', members = '']) => ({ name, gid: idIn(gid), members: members.split(',') }))
    .filter((line): line is typeof line & { readonly gid: number } => line.gid !== undefined);
  if (groupPart !== '') {
    const wantedGid = numberGiven(groupPart, 'group');
    const gid = wantedGid ?? groups.find(({ name }) => name === groupPart)?.gid;
    if (gid === undefined) throw notFound('group', groupPart, '/etc/group');
    return { uid, gid, additionalGids: [gid], home: homeOf(entry) };
  }
  const gid = entry?.gid ?? 0;
  const joined = entry === undefined || entry.name === '' ? [] : groups.filter(({ members }) => members.includes(entry.name));
  return { uid, gid, additionalGids: [...new Set([gid, ...joined.map((line) => line.gid)])], home: homeOf(entry) };
}

/** Names are compared byte by byte, one character a byte. */
function inBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function linesOf(file: Buffer | undefined): string[][] {
  const lines = (file ?? Buffer.alloc(0)).toString('latin1').split('\n');
  return lines.map((line) =>
    line
      .replace(/^[ \t\r]+/, '')
      .trimEnd()
      .split(':'),
  );
}

function idIn(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= largestId ? Number(text) : undefined;
}

/** undefined: a name. */
function numberGiven(text: string, what: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id >= 0 && id <= largestGiven) return id;
  throw new UnbakeError('usage', `${what} ${printable(text)} is out of range`, { hint: `give a number from 0 to ${largestGiven}` });
}

function homeOf(entry: { readonly home: string } | undefined): string {
  const home = Buffer.from(entry?.home ?? '', 'latin1').toString('utf8');
  return home.startsWith('/') && !home.includes('\0') ? home : '/';
}

function notFound(what: string, name: string, file: string): UnbakeError {
  const text = printable(Buffer.from(name, 'latin1').toString('utf8'));
  return new UnbakeError('not-found', `${what} ${text} is not in ${file} of the image`, {
    hint: `give a number, or a name of that file, with --user USER[:GROUP]`,
  });
}
