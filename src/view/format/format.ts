// What stands in files of known binary or structured formats: keys in key stores, texts in databases and compiled code. Pure functions
// over the bytes of a whole file; nothing here reads, runs or opens anything.
import { UnbakeError } from '../../model/error.ts';
import { accountKinds, readAccountFile } from './account-file.ts';
import { readBks } from './bks.ts';
import { type FormatContent, type FormatReader, Gathered } from './content.ts';
import { readDbeaver } from './dbeaver.ts';
import { readDesktopKeyring } from './desktop-keyring.ts';
import { readFirefoxLogins } from './firefox-logins.ts';
import { readGitCryptKey } from './git-crypt.ts';
import { readGnupgKey } from './gnupg-key.ts';
import { readJavaClass } from './java-class.ts';
import { readJks } from './jks.ts';
import { readCapiKey, readDerKey, readPvk } from './key-blob.ts';
import { readCredentialCache, readKeytab } from './keytab.ts';
import type { FormatKind } from './kind.ts';
import { readMylogin } from './mylogin.ts';
import { readNssKey3 } from './nss.ts';
import { readSecretRing } from './openpgp.ts';
import { readKeepass, readPasswordSafe } from './password-database.ts';
import { readPkcs12 } from './pkcs12.ts';
import { readPythonBytecode } from './python-bytecode.ts';
import { readSecretFile, secretFileKinds } from './secret-file.ts';
import { readSqlite } from './sqlite/sqlite.ts';

export type { FormatContent, FormatFind, FormatSkip, FormatText } from './content.ts';
export { type FormatKind, formatOf, textFormats } from './kind.ts';

const readers: Readonly<Record<FormatKind, FormatReader>> = {
  pkcs12: readPkcs12,
  'der-key': readDerKey,
  jks: readJks,
  bks: readBks,
  keepass: readKeepass,
  'password-safe': readPasswordSafe,
  'gnupg-key': readGnupgKey,
  'gnupg-keyring': readSecretRing,
  keytab: readKeytab,
  'credential-cache': readCredentialCache,
  'mylogin-cnf': readMylogin,
  'nss-key3': readNssKey3,
  'firefox-logins': readFirefoxLogins,
  'desktop-keyring': readDesktopKeyring,
  'capi-key': readCapiKey,
  pvk: readPvk,
  sqlite: readSqlite,
  'java-class': readJavaClass,
  'python-bytecode': readPythonBytecode,
  'git-crypt-key': readGitCryptKey,
  dbeaver: readDbeaver,
  'secret-file': readSecretFile,
  'account-file': readAccountFile,
};

/** Of these the first bytes leave no doubt, and what cannot be read may hold keys: it is told. Others are read as plain bytes anyway. */
const certain: ReadonlySet<FormatKind> = new Set(['pkcs12', 'jks', 'keepass', 'sqlite']);

/**
 * The keys and texts of a file of this format, as far as it can be read; what cannot is told in `skipped`. Never throws, whatever the bytes.
 * Time: linear in the file, and one to two seconds for the derivation of keys. Memory: a few times the file; texts are at most 32 Mi
 * characters. `file` is kept by nothing that is returned. `path` is asked where a name
 * tells the format.
 */
export function readFormat(kind: FormatKind, file: Buffer, path = ''): FormatContent {
  const gathered = new Gathered();
  try {
    readers[kind](file, gathered, path);
  } catch (thrown) {
    if (!(thrown instanceof UnbakeError)) throw thrown;
    if (certain.has(kind)) gathered.skip({ reason: 'damaged', detail: thrown.message });
  }
  return gathered.content();
}

/** The `format` of every find: each needs a rule. */
export const findKinds = [
  'pkcs12-key',
  'der-private-key',
  'jks-key',
  'bks-key',
  'keepass-database',
  'password-safe-database',
  'gnupg-secret-key',
  'kerberos-keytab',
  'kerberos-ccache',
  'nss-private-key',
  'chrome-logins',
  'firefox-logins',
  'desktop-keyring',
  'capi-private-key',
  'git-crypt-key',
  ...secretFileKinds,
  ...accountKinds,
] as const;
