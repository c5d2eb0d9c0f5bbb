// Private keys of NSS, as Firefox, Thunderbird, 389 Directory Server and mod_nss keep them: `key4.db` (SQLite) and `key3.db` (Berkeley DB).
import { createDecipheriv, createHash } from 'node:crypto';
import type { Gathered } from './content.ts';
import { openedBy } from './default-passwords.ts';
import { childrenOf, derOf, octetsOf, oidOf } from './der.ts';
import { pbkdf2Key } from './pbe.ts';
import type { Value } from './sqlite/record.ts';
import { Work } from './work.ts';

/** An encrypted PKCS #8 key of key3.db: its algorithm, with the tag that the check of the password comes without. */
const key3Algorithm = Buffer.from('060b2a864886f70d010c050103', 'hex');
const pbes2 = '1.2.840.113549.1.5.13';
const passwordCheck = 'password-check';

/** `keys`: rows of nssPrivate; `meta`: rows of metaData. Without keys it is the database that every profile has, and no find. */
export function tellNssKeys(fileLength: number, keys: number, meta: readonly (readonly Value[])[], gathered: Gathered): void {
  if (keys === 0) return;
  const isOpen = hasNoPassword(meta);
  gathered.find({
    kind: 'nss-private-key',
    start: 0,
    end: fileLength,
    proved: [`${keys} private or secret key${keys === 1 ? '' : 's'}`, isOpen ? openedBy('') : 'not opened without a password'],
    severity: isOpen ? 'critical' : 'medium',
    confidence: 'high',
  });
}

/** Berkeley DB 1.85: the keys are records in it, searched for as they stand. */
export function readNssKey3(file: Buffer, gathered: Gathered): void {
  let keys = 0;
  for (let at = file.indexOf(key3Algorithm); at >= 0; at = file.indexOf(key3Algorithm, at + 1)) keys++;
  if (keys === 0 || !file.includes(passwordCheck)) return;
  gathered.find({
    kind: 'nss-private-key',
    start: 0,
    end: file.length,
    proved: [`key3.db, ${keys} private key${keys === 1 ? '' : 's'}`, 'encrypted, perhaps with an empty password'],
  });
}

/** Decrypts the check that NSS keeps beside the keys, with the empty password. */
function hasNoPassword(meta: readonly (readonly Value[])[]): boolean {
  const [, salt, check] = meta.find(([id]) => id === 'password') ?? [];
  if (!Buffer.isBuffer(salt) || !Buffer.isBuffer(check)) return false;
  try {
    const [algorithm, octets] = childrenOf(derOf(check));
    const [oid, parameters] = algorithm === undefined ? [] : childrenOf(algorithm);
    const [derivation, scheme] = parameters === undefined || oidOf(oid) !== pbes2 ? [] : childrenOf(parameters);
    const iv = scheme === undefined ? undefined : childrenOf(scheme)[1];
    if (derivation === undefined || iv === undefined || octets === undefined) return false;
    const key = pbkdf2Key(derivation, createHash('sha1').update(salt).digest(), new Work(), 32);
    if (typeof key === 'string') return false;
    // NSS takes the whole encoding of the initialization vector, two bytes more than what is in it.
    const decipher = createDecipheriv('aes-256-cbc', key, iv.whole.length === 16 ? iv.whole : octetsOf(iv));
    return Buffer.concat([decipher.update(octetsOf(octets)), decipher.final()]).toString('latin1') === passwordCheck;
  } catch {
    // The padding is wrong, so there is a password; or this is no such check.
    return false;
  }
}
