// Password hashes of crypt(5): the whole shape must fit, for `$1$` and the like also stand in Java class names and Perl code.
import { type Check, dropped } from './check.ts';

const forms: readonly (readonly [RegExp, string])[] = [
  [/^\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/, 'MD5-crypt'],
  [/^\$apr1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/, 'Apache MD5'],
  [/^\$2[abxy]\$\d\d\$[./0-9A-Za-z]{53}$/, 'bcrypt'],
  [/^\$5\$(?:rounds=\d{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/, 'SHA-256-crypt'],
  [/^\$6\$(?:rounds=\d{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/, 'SHA-512-crypt'],
  [/^\$g?y\$[./0-9A-Za-z]{3,12}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}$/, 'yescrypt'],
  [/^\$7\$[./0-9A-Za-z]{11,97}\$[./0-9A-Za-z]{43}$/, 'scrypt'],
  [/^\{SHA\}[A-Za-z0-9+/]{27}=$/, 'SHA-1'],
  [/^\{SSHA\}[A-Za-z0-9+/]{32,64}={0,2}$/, 'salted SHA-1'],
];

/** `crypt-hash` drops what is no full hash; a traditional DES hash (13 characters) needs `crypt-hash:des`. */
export const cryptHash: Check = ({ secret }, argument) => {
  const form = forms.find(([pattern]) => pattern.test(secret));
  if (form !== undefined) return { keep: true, proved: `${form[1]} hash` };
  if (argument === 'des' && /^[./0-9A-Za-z]{13}$/.test(secret) && /\d/.test(secret) && /[A-Z]/.test(secret))
    return { keep: true, proved: 'DES-crypt hash' };
  return dropped;
};
