// Files of accounts, a line each: a name, and a password or its hash. No word in them says so, only the name of the file.
import type { FormatReader } from './content.ts';
import { looksLikePassword } from './secret-line.ts';

/** The `format` of their finds. */
export const accountKinds = ['account-password', 'account-hash'] as const;

interface AccountFile {
  /** Against the path in lower case with a slash in front. */
  readonly path: RegExp;
  readonly kind: (typeof accountKinds)[number];
  /** Against one line: the secret is the group of this name. */
  readonly line: RegExp;
  readonly told: string;
}

const files: readonly AccountFile[] = [
  {
    path: /\/rsyncd?\.secrets?$/,
    kind: 'account-password',
    line: /^[^#:\s][^:\s]{0,80}:(?<secret>[^\s:]\S{0,200})$/,
    told: 'account of rsync',
  },
  {
    path: /\/exim4?\/passwd\.client$/,
    kind: 'account-password',
    line: /^[^#:\s][^:\s]{0,200}:[^:\s]{1,200}:(?<secret>\S{1,200})$/,
    told: 'account at a mail server',
  },
  {
    path: /\/(?:sasl_passwd|smtp_auth)$/,
    kind: 'account-password',
    line: /^[^#\s]\S{0,200}[ \t]{1,20}[^\s:]{1,200}:(?<secret>\S{1,200})$/,
    told: 'account at a mail server',
  },
  {
    path: /\/(?:chap|pap)-secrets$/,
    kind: 'account-password',
    line: /^(?!#)(?:"[^"]{0,80}"|[^\s"]{1,80})\s{1,20}(?:"[^"]{0,80}"|[^\s"]{1,80})\s{1,20}(?:"(?<secret>[^"]{1,200})"|(?<bare>[^\s"]{1,200}))/,
    told: 'account of PPP',
  },
  {
    path: /\/userlist\.txt$/,
    kind: 'account-password',
    line: /^"[^"]{1,80}"\s{1,20}"(?<secret>(?!md5[0-9a-f]{32}"|SCRAM-)[^"]{1,200})"/,
    told: 'account of PgBouncer',
  },
  {
    path: /\/dovecot\/(?:users|passwd)[\w.-]{0,40}$/,
    kind: 'account-password',
    line: /^[^#:\s][^:\s]{0,200}:\{(?:PLAIN|CLEAR|CLEARTEXT)\}(?<secret>[^:\s]{1,200})/,
    told: 'account of Dovecot',
  },
  {
    path: /\/realm\.properties$/,
    kind: 'account-password',
    line: /^[\w.@-]{1,80}\s{0,4}[:=]\s{0,4}(?<secret>(?!MD5:|CRYPT:|OBF:)[^,\s]{1,200})/,
    told: 'account of Jetty',
  },
  {
    path: /(?:\/|\.)htdigest$/,
    kind: 'account-hash',
    line: /^[^#:\s][^:]{0,80}:[^:]{1,200}:(?<secret>[0-9a-f]{32})$/,
    told: 'MD5 of user, realm and password',
  },
];

/** What no path ends in that is none of them. */
const mayBeNamed = /secrets?$|passwd|smtp_auth$|\.txt$|users|\.properties$|htdigest$/i;
const nameLength = 40;
const longest = 256 * 1024;

/** `path` is that of a file; its content is no matter. */
export function isAccountFile(path: string): boolean {
  return mayBeNamed.test(path.slice(-nameLength)) && fileOf(path) !== undefined;
}

/** Each account with a password that looks like one. */
export const readAccountFile: FormatReader = (file, gathered, path) => {
  const account = fileOf(path);
  if (account === undefined || file.length > longest) return;
  let start = 0;
  for (const line of file.toString('latin1').split('\n')) {
    const groups = account.line.exec(line.trimEnd())?.groups;
    const secret = groups?.['secret'] ?? groups?.['bare'];
    if (secret !== undefined && looksLikePassword(secret)) {
      const at = start + line.lastIndexOf(secret);
      const end = at + secret.length;
      gathered.find({ kind: account.kind, start: at, end, text: file.toString('utf8', at, end), proved: [account.told] });
    }
    start += line.length + 1;
  }
};

function fileOf(path: string): AccountFile | undefined {
  const rooted = `/${path.replace(/^(?:\.?\/)+/, '')}`.toLowerCase();
  return files.find((file) => file.path.test(rooted));
}
