// Key stores of Java: JKS and JCEKS. Certificates that are trusted are no find; keys are, and their names stand in the open.
import { createHash } from 'node:crypto';
import { ByteWalk } from './byte-walk.ts';
import { damaged, type Gathered, quoted } from './content.ts';
import { defaultPasswords, openedBy } from './default-passwords.ts';
import { childrenOf, derOf, octetsOf, oidOf } from './der.ts';
import { privateKeyFormOf } from './private-key-info.ts';
import { Work } from './work.ts';

const digestSize = 20;
/** What Sun mixes into the digest. */
const whitener = 'Mighty Aphrodite';
/** The algorithm with which JKS encrypts keys. */
const keyProtector = '1.3.6.1.4.1.42.2.17.1.1';

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly alias: string;
  /** The EncryptedPrivateKeyInfo of a private key; of a secret key nothing is read. */
  readonly key?: Buffer;
}

/** A secret key of JCEKS is an object of Java in a form of its own: what stands behind one is not told. */
export function readJks(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file, 4);
  const version = walk.u32();
  if (version !== 1 && version !== 2) throw damaged(`the key store announces version ${version}`);
  const count = walk.u32();
  const opener = storePasswordOf(file);
  const work = new Work();
  for (let i = 0; i < count; i++) {
    const start = walk.at;
    const tag = walk.u32();
    const alias = walk.shortText();
    walk.skip(8);
    if (tag === 3) {
      const end = count === 1 ? Math.max(walk.at, file.length - digestSize) : file.length;
      tell(gathered, { start, end, alias }, opener, work);
      if (i + 1 < count)
        gathered.skip({ reason: 'unsupported', detail: `${count - i - 1} entries behind a secret key of the key store are not told` });
      return;
    }
    if (tag === 2) skipCertificate(walk, version);
    else if (tag === 1) {
      const key = walk.take(walk.u32());
      for (let chain = walk.u32(); chain > 0; chain--) skipCertificate(walk, version);
      tell(gathered, { start, end: walk.at, alias, key }, opener, work);
    } else throw damaged(`entry ${i + 1} of the key store has the type ${tag}`);
  }
}

function skipCertificate(walk: ByteWalk, version: number): void {
  if (version === 2) walk.shortText();
  walk.skip(walk.u32());
}

/** The password that the digest at the end was made with, when it is one of the default ones. */
function storePasswordOf(file: Buffer): string | undefined {
  const content = file.subarray(0, -digestSize);
  const digest = file.subarray(-digestSize);
  return defaultPasswords.find((password) => createHash('sha1').update(wide(password)).update(whitener).update(content).digest().equals(digest));
}

function tell(gathered: Gathered, { start, end, alias, key }: Entry, storePassword: string | undefined, work: Work): void {
  const opened = key === undefined ? undefined : openedKey(key, work);
  const kind = key === undefined ? 'secret key' : 'private key';
  const proved = [`${kind} ${quoted(alias)}${opened === undefined ? '' : ` (${opened.algorithm})`}`];
  const isOpen = opened !== undefined || (storePassword !== undefined && (key === undefined || !isSunProtected(key)));
  if (opened !== undefined) proved.push(openedBy(opened.password));
  else if (storePassword === undefined) proved.push('encrypted, not opened by a default password');
  else if (isOpen) proved.push(`the store is ${openedBy(storePassword)}`);
  else proved.push(`the store is ${openedBy(storePassword)}`, 'the key has another password');
  gathered.find({ kind: 'jks-key', start, end, proved, severity: isOpen ? 'critical' : 'medium', confidence: 'high' });
}

function isSunProtected(key: Buffer): boolean {
  const [algorithm] = childrenOf(derOf(key));
  return algorithm !== undefined && oidOf(childrenOf(algorithm)[0]) === keyProtector;
}

/** Salt, the key under a stream of digests, and a digest of the key: only the right password gives that one. */
function openedKey(key: Buffer, work: Work): { readonly password: string; readonly algorithm: string } | undefined {
  const octets = childrenOf(derOf(key))[1];
  if (octets === undefined || !isSunProtected(key)) return undefined;
  const sealed = octetsOf(octets);
  if (sealed.length < 2 * digestSize) return undefined;
  const check = sealed.subarray(-digestSize);
  for (const password of defaultPasswords) {
    if (!work.spend(Math.ceil(sealed.length / digestSize))) return undefined;
    const plain = Buffer.from(sealed.subarray(digestSize, -digestSize));
    let stream = sealed.subarray(0, digestSize);
    for (let at = 0; at < plain.length; at++) {
      if (at % digestSize === 0) stream = createHash('sha1').update(wide(password)).update(stream).digest();
      plain[at] ^= stream[at % digestSize];
    }
    if (createHash('sha1').update(wide(password)).update(plain).digest().equals(check)) {
      return { password, algorithm: privateKeyFormOf(plain)?.algorithm ?? 'of an unknown kind' };
    }
  }
  return undefined;
}

/** Big-endian UTF-16, without an end. */
function wide(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}
