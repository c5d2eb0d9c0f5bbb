// `logins.json` of Firefox and Thunderbird: each user name and password is encrypted with the key in the key4.db beside it.
import type { Gathered } from './content.ts';

const mark = '"encryptedPassword":';

/** A JSON object that names its logins at once. */
export function isFirefoxLogins(head: Buffer): boolean {
  return /^\{\s*"(?:nextId|logins)"\s*:/.test(head.toString('latin1', 0, 64)) && /"(?:logins|encryptedPassword)"/.test(head.toString('latin1'));
}

export function readFirefoxLogins(file: Buffer, gathered: Gathered): void {
  let count = 0;
  for (let at = file.indexOf(mark); at >= 0; at = file.indexOf(mark, at + mark.length)) count++;
  if (count === 0) return;
  gathered.find({
    kind: 'firefox-logins',
    start: 0,
    end: file.length,
    proved: [`${count} saved login${count === 1 ? '' : 's'}`, 'encrypted with the key in key4.db, which a primary password may protect'],
  });
}
