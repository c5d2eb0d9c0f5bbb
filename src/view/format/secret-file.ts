// Files that are one secret and nothing else: a password, a token, the key of a cluster. No word in them says so, only their name, and what
// they are for is in the table below. A name is no proof, so the content has to look like what such a file holds.
import type { FormatReader } from './content.ts';
import { type Line, lineOf, looksLikeKeyFile, looksLikePassword, looksLikeToken } from './secret-line.ts';

/** The `format` of finds that a name told. */
export const secretFileKinds = [
  'ansible-vault-password',
  'jenkins-master-key',
  'jenkins-initial-password',
  'rails-master-key',
  'erlang-cookie',
  'vault-token-file',
  'wireguard-key-file',
  'disk-key-file',
  'cluster-key-file',
  'weblogic-system-key',
  'rails-encrypted-credentials',
  'mounted-secret',
  'password-file',
  'token-file',
] as const;

type SecretFileKind = (typeof secretFileKinds)[number];

/** `exact`: a shape that nothing else has. */
type Fit = 'exact' | 'likely' | undefined;

interface NamedFile {
  readonly kind: SecretFileKind;
  /** Against the path in lower case with a slash in front. */
  readonly path: RegExp;
  readonly fit: (line: Line | undefined, file: Buffer) => Fit;
  /** In few words, for the report. */
  readonly told: string;
}

const shape =
  (pattern: RegExp) =>
  (line: Line | undefined): Fit =>
    line !== undefined && pattern.test(line.text) ? 'exact' : undefined;
const password = (line: Line | undefined): Fit => (line !== undefined && looksLikePassword(line.text) ? 'likely' : undefined);
const token = (line: Line | undefined): Fit => (line !== undefined && looksLikeToken(line.text) ? 'likely' : undefined);
const keyFile = (_line: Line | undefined, file: Buffer): Fit => (looksLikeKeyFile(file) ? 'likely' : undefined);

/** The first that fits tells. */
const named: readonly NamedFile[] = [
  {
    kind: 'ansible-vault-password',
    path: /\/\.?(?:ansible[_-]?)?vault[_-]?pass(?:word|wd|phrase)?(?:[_-]?file)?(?:[_.-](?:txt|secret|key|prod|production|dev|all)){0,2}$/,
    fit: password,
    told: 'named as the password of an Ansible vault',
  },
  { kind: 'jenkins-master-key', path: /\/secrets\/master\.key$/, fit: shape(/^[0-9a-f]{256}$/), told: '256 hexadecimal digits' },
  { kind: 'jenkins-initial-password', path: /\/secrets\/initialadminpassword$/, fit: shape(/^[0-9a-f]{32}$/), told: '32 hexadecimal digits' },
  {
    kind: 'rails-master-key',
    path: /\/(?:master|credentials\/[\w.-]{1,60})\.key$/,
    fit: shape(/^[0-9a-f]{32}(?:[0-9a-f]{32})?$/),
    told: 'hexadecimal digits of an AES key',
  },
  {
    kind: 'rails-encrypted-credentials',
    path: /\/(?:credentials|credentials\/[\w.-]{1,60}|[\w-]{1,60})\.yml\.enc$/,
    // Of a longer file only the start has been seen when this is asked first.
    fit: (_line, file) =>
      /^[A-Za-z0-9+/]{20,}(?:={0,2}--[A-Za-z0-9+/]{16}--[A-Za-z0-9+/]{22}==)?\s*$/.test(file.toString('latin1')) ? 'exact' : undefined,
    told: 'encrypted',
  },
  {
    kind: 'erlang-cookie',
    path: /\/\.erlang\.cookie$/,
    fit: (line) => (line !== undefined && /^[A-Z]{20}$/.test(line.text) ? 'exact' : password(line)),
    told: 'cookie of Erlang nodes',
  },
  { kind: 'vault-token-file', path: /\/\.vault-token$/, fit: password, told: 'where the command line of Vault keeps its token' },
  {
    kind: 'wireguard-key-file',
    path: /\/(?:privatekey|private\.key|(?:wg|wireguard)[\w.-]{0,40}\.key|wireguard\/(?![^/]{0,60}pub)[\w.-]{0,60}(?:key|psk))$/,
    fit: shape(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/),
    told: '32 bytes in base64',
  },
  {
    kind: 'disk-key-file',
    path: /\/(?:crypto_keyfile\.bin|(?:cryptsetup-keys\.d|luks-keys)\/[^/]{1,80}|luks[\w.-]{0,40}\.key|[\w.-]{1,60}\.keyfile)$/,
    fit: keyFile,
    told: 'named as the key of an encrypted disk',
  },
  {
    kind: 'cluster-key-file',
    path: /\/(?:munge\/munge\.key|(?:corosync|pacemaker)\/authkey|mongo(?:db)?\/key-?file|mongo(?:db)?[_.-]?key(?:-?file)?)$/,
    fit: keyFile,
    told: 'named as the key that the nodes of a cluster share',
  },
  { kind: 'weblogic-system-key', path: /\/serializedsystemini\.dat$/, fit: keyFile, told: 'key of the passwords in a WebLogic domain' },
  {
    kind: 'mounted-secret',
    path: /^\/(?:var\/)?run\/secrets\/(?!kubernetes\.io\/|rhsm\/)(?:[^/]{1,80}\/){0,3}[^/]{1,80}$/,
    // A line with a name in it is for the rules that read names.
    fit: (line) => (line === undefined || /^[\w.-]{1,80}\s?[=:]/.test(line.text) ? undefined : password(line)),
    told: 'in the folder where secrets are mounted',
  },
  {
    kind: 'password-file',
    path: /\/\.?(?:[\w-]{1,60}[_.-])?(?:password|passphrase|rootpw)(?:[_-]?file)?(?:\.(?:txt|secret))?$/,
    fit: password,
    told: 'named as a file of one password',
  },
  {
    kind: 'password-file',
    path: /\/\.?(?:[\w-]{1,60}[_.-])?(?:passwd|pwd|pass)\.(?:txt|secret)$|\/(?:pam[_-])?ldap\.secret$/,
    fit: password,
    told: 'named as a file of one password',
  },
  {
    kind: 'password-file',
    path: /vpn[\w.-]{0,40}\/(?:auth|login|userpass|credentials)(?:\.(?:txt|conf))?$/,
    fit: password,
    told: 'where a VPN keeps user and password',
  },
  {
    kind: 'token-file',
    path: /\/\.?(?:[\w-]{1,60}[_.-])?(?:token|secret)(?:[_-]?(?:file|base))?(?:\.(?:txt|secret))?$/,
    fit: token,
    told: 'named as a file of one token',
  },
  {
    kind: 'token-file',
    path: /\/\.?(?:[\w-]{1,60}[_.-])?(?:api|access|secret|auth|signing|encryption|license)[_-]?(?:token|key)(?:[_-]?base)?(?:\.(?:txt|secret))?$/,
    fit: token,
    told: 'named as a file of one key',
  },
  { kind: 'token-file', path: /\.psk$/, fit: token, told: 'named as a pre-shared key' },
];

/** A quick look at the end of a path, which leaves out nearly every file. */
const mayBeNamed = /pass|pw|key|token|secret|cookie|cryptsetup|luks|\.dat$|\.enc$|vpn|psk$/i;
const nameLength = 100;
/** Of what is longer than this, not all has been seen. */
const headLength = 512;
/** None of them is longer. */
const longest = 64 * 1024;

/** `head` is the first 512 bytes of a file, or all when there are fewer; `path` its path. */
export function isSecretFile(head: Uint8Array, path: string): boolean {
  if (head.length < 4 || !mayBeNamed.test(path.slice(-nameLength))) return false;
  return fitting(Buffer.from(head.buffer, head.byteOffset, head.byteLength), path, head.length < headLength) !== undefined;
}

/** One find, or none when the file is longer than such files are. */
export const readSecretFile: FormatReader = (file, gathered, path) => {
  if (file.length > longest) return;
  const found = fitting(file, path, file.length < headLength);
  if (found === undefined) return;
  const {
    named: { kind, told },
    fit,
    line,
  } = found;
  gathered.find({
    kind,
    ...(line === undefined ? { start: 0, end: file.length } : { start: line.start, end: line.end, text: line.text }),
    proved: [told],
    ...(besideProgram.test(path) ? { severity: 'low' as const } : {}),
    ...(fit === 'exact' ? { confidence: 'high' as const } : {}),
  });
};

function fitting(
  file: Buffer,
  path: string,
  isWhole: boolean,
): { readonly named: NamedFile; readonly fit: Fit; readonly line: Line | undefined } | undefined {
  const rooted = `/${path.replace(/^(?:\.?\/)+/, '')}`.toLowerCase();
  const byPath = named.filter((each) => each.path.test(rooted));
  if (byPath.length === 0) return undefined;
  const line = isWhole ? lineOf(file) : undefined;
  for (const each of byPath) {
    const fit = each.fit(line, file);
    if (fit !== undefined) return { named: each, fit, line };
  }
  return undefined;
}

/** What of a system nobody logs in with: documents, tests and examples. */
const besideProgram = /(?:^|\/)(?:usr\/share\/doc|tests?|__tests__|testdata|specs?|fixtures?|examples?|samples?|docs?)\//;
