// Which known format a file is in, told by its content. Asked for every file of a layer, so the first bytes decide for nearly all of them.
import { isAccountFile } from './account-file.ts';
import { isDbeaver } from './dbeaver.ts';
import { keyringNameOf } from './desktop-keyring.ts';
import { isFirefoxLogins } from './firefox-logins.ts';
import { isGitCryptKey } from './git-crypt.ts';
import { isGnupgKey } from './gnupg-key.ts';
import { isJavaClass } from './java-class.ts';
import { isCapiKey, largestKey } from './key-blob.ts';
import { isMylogin } from './mylogin.ts';
import { isSecretRing } from './openpgp.ts';
import { isPythonBytecode } from './python-bytecode.ts';
import { isSecretFile } from './secret-file.ts';

export type FormatKind =
  | 'pkcs12'
  | 'der-key'
  | 'jks'
  | 'bks'
  | 'keepass'
  | 'password-safe'
  | 'gnupg-key'
  | 'gnupg-keyring'
  | 'keytab'
  | 'credential-cache'
  | 'mylogin-cnf'
  | 'nss-key3'
  | 'firefox-logins'
  | 'desktop-keyring'
  | 'capi-key'
  | 'pvk'
  | 'sqlite'
  | 'java-class'
  | 'python-bytecode'
  | 'git-crypt-key'
  | 'dbeaver'
  | 'secret-file'
  | 'account-file';

/** Formats of which only texts are wanted, whose words all stand in the file as well: what has no keyword of a rule need not be read. */
export const textFormats: ReadonlySet<FormatKind> = new Set(['java-class', 'python-bytecode']);

const oidData = Buffer.from('06092a864886f70d010701', 'hex');

/** `head` is the first 512 bytes of a file, or all when there are fewer; `name` its path, asked only where content cannot tell. */
export function formatOf(bytes: Uint8Array, name: string): FormatKind | undefined {
  return contentKind(bytes, name) ?? nameKind(bytes, name);
}

/** Formats whose files nothing but their name tells from any other bytes. */
function nameKind(bytes: Uint8Array, name: string): FormatKind | undefined {
  if (isDbeaver(bytes, name)) return 'dbeaver';
  if (isSecretFile(bytes, name)) return 'secret-file';
  return isAccountFile(name) ? 'account-file' : undefined;
}

function contentKind(bytes: Uint8Array, name: string): FormatKind | undefined {
  // Python's compiled files begin with a number of their version, and then these two.
  if (bytes[2] === 0x0d && bytes[3] === 0x0a && isPythonBytecode(bufferOf(bytes))) return 'python-bytecode';
  switch (bytes[0]) {
    case 0x00:
      return zeroFirst(bufferOf(bytes), name);
    case 0x03:
      return startsWith(bytes, 0x03, 0xd9, 0xa2, 0x9a) && isKeepass(bytes) ? 'keepass' : undefined;
    case 0x05:
      if (bytes[1] === 1 || bytes[1] === 2) return isKeytab(bufferOf(bytes)) ? 'keytab' : undefined;
      return (bytes[1] === 3 || bytes[1] === 4) && isCredentialCache(bufferOf(bytes)) ? 'credential-cache' : undefined;
    case 0x07:
      return isCapiKey(bufferOf(bytes)) ? 'capi-key' : undefined;
    case 0x1e:
      return startsWith(bytes, 0x1e, 0xf1, 0xb5, 0xb0) ? 'pvk' : undefined;
    case 0x30:
      return derKind(bufferOf(bytes));
    case 0x94:
    case 0x95:
    case 0x96:
    case 0xc5:
      return isSecretRing(bufferOf(bytes)) ? 'gnupg-keyring' : undefined;
    case 0xca:
      return isJavaClass(bufferOf(bytes)) ? 'java-class' : undefined;
    case 0xce:
      return startsWith(bytes, 0xce, 0xce, 0xce, 0xce) ? 'jks' : undefined;
    case 0xfe:
      return startsWith(bytes, 0xfe, 0xed, 0xfe, 0xed) ? 'jks' : undefined;
    case 0x7b:
      return isFirefoxLogins(bufferOf(bytes)) ? 'firefox-logins' : undefined;
    default:
      return letterFirst(bytes);
  }
}

/** Capitals, `(`, `k` and `#` begin the formats that begin with words. */
function letterFirst(bytes: Uint8Array): FormatKind | undefined {
  const first = bytes[0];
  if (first === 0x53 && text(bytes, 0, 16) === 'SQLite format 3\0') return 'sqlite';
  if (first === 0x50 && text(bytes, 0, 4) === 'PWS3') return 'password-safe';
  if (first === 0x47 || first === 0x4b || first === 0x6b) {
    if (keyringNameOf(bufferOf(bytes)) !== undefined) return 'desktop-keyring';
  }
  const mayBeKey = first === 0x28 || (first >= 0x41 && first <= 0x5a && hasColonNear(bytes));
  return mayBeKey && isGnupgKey(bufferOf(bytes)) ? 'gnupg-key' : undefined;
}

/** A name at the start of a line, as `Key:` and `Created:`. */
function hasColonNear(bytes: Uint8Array): boolean {
  for (let at = 1; at < 24; at++) {
    const byte = bytes[at];
    if (byte === 0x3a) return true;
    if (!((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) && byte !== 0x2d) return false;
  }
  return false;
}

function zeroFirst(head: Buffer, name: string): FormatKind | undefined {
  if (isGitCryptKey(head)) return 'git-crypt-key';
  if (head.length < 32 || head[1] !== 0) return startsWith(head, 0, 6, 0x15, 0x61, 0, 0, 0, 2) ? 'nss-key3' : undefined;
  // A version, and a salt of 20 bytes: what Bouncy Castle writes.
  if (head[2] === 0 && (head[3] === 1 || head[3] === 2) && head.readUInt32BE(4) === 20) return 'bks';
  return head[2] === 0 && head[3] === 0 && isMylogin(head, name.endsWith('mylogin.cnf')) ? 'mylogin-cnf' : undefined;
}

/** KeePass 1 and 2, and the latter before its first release. */
function isKeepass(bytes: Uint8Array): boolean {
  return (bytes[4] === 0x65 || bytes[4] === 0x66 || bytes[4] === 0x67) && bytes[5] === 0xfb && bytes[6] === 0x4b && bytes[7] === 0xb5;
}

/** The first entry has a size that a principal and a key have, and few names. */
function isKeytab(head: Buffer): boolean {
  if (head.length < 16) return false;
  const isLittle = head[1] === 1;
  const size = isLittle ? head.readInt32LE(2) : head.readInt32BE(2);
  const components = isLittle ? head.readUInt16LE(6) : head.readUInt16BE(6);
  return Math.abs(size) >= 16 && Math.abs(size) < 8192 && (size < 0 || components <= 16);
}

/** Version 4 has a header before the principal. */
function isCredentialCache(head: Buffer): boolean {
  if (head.length < 24) return false;
  const at = head[1] === 4 ? 4 + head.readUInt16BE(2) : 2;
  return at + 12 <= head.length && head.readUInt32BE(at) <= 16 && head.readUInt32BE(at + 4) <= 16 && head.readUInt32BE(at + 8) < 256;
}

/** A version and content (RFC 7292, section 4), or what a private key begins with. */
function derKind(head: Buffer): FormatKind | undefined {
  // Text of digits begins with 0x30 too.
  const start = head[1] === 0x80 ? 2 : head[1] > 0x80 && head[1] <= 0x84 ? 2 + (head[1] & 0x7f) : head[1] < 0x80 ? 2 : 0;
  if (start === 0 || head.length < start + 16) return undefined;
  const isVersion = head[start] === 0x02 && head[start + 1] === 1;
  if (isVersion && head[start + 2] === 3 && head[start + 3] === 0x30)
    return head.subarray(start, start + 32).includes(oidData) ? 'pkcs12' : undefined;
  const length = start > 2 ? head.readUIntBE(2, start - 2) : head[1];
  if (head[1] === 0x80 || start + length > largestKey || (head.length < 512 && start + length !== head.length)) return undefined;
  const isKey = isVersion && head[start + 2] <= 1 && (head[start + 3] === 0x30 || head[start + 3] === 0x02 || head[start + 3] === 0x04);
  const isEncryptedKey = head[start] === 0x30 && head.subarray(start, start + 24).includes(pkcsPbe);
  return isKey || isEncryptedKey ? 'der-key' : undefined;
}

/** What the identifiers of PKCS #5 and of encryption by PKCS #12 begin with: 1.2.840.113549.1. */
const pkcsPbe = Buffer.from('2a864886f70d01', 'hex');

function startsWith(bytes: Uint8Array, ...start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return bufferOf(bytes).toString('latin1', start, end);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
