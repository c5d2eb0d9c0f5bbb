// Encryption by a password as PKCS #5 and PKCS #12 name it (RFC 8018, section 6; RFC 7292, appendix C), read from its AlgorithmIdentifier.
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { childrenOf, type Der, numberOf, octetsOf, oidOf } from './der.ts';
import { hashesOf, passwordBytes, pkcs12Key } from './pkcs12-kdf.ts';
import { rc2Decrypted } from './rc2.ts';
import type { Work } from './work.ts';

/** `over`: the work is spent, and it was not tried; `unknown`: an algorithm that is not known here. */
export type Attempt = { readonly plain: Buffer } | 'wrong' | 'over' | 'unknown';

const pkcs12Pbe = '1.2.840.113549.1.12.1.';
/** RFC 7292, appendix C; the last part of the identifier. RC4 (1, 2) is nobody's any more. */
const pkcs12Ciphers: Readonly<Record<string, { readonly cipher: string; readonly key: number }>> = {
  3: { cipher: 'des-ede3-cbc', key: 24 },
  4: { cipher: 'des-ede-cbc', key: 16 },
  5: { cipher: 'rc2', key: 16 },
  6: { cipher: 'rc2', key: 5 },
};

const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2 = '1.2.840.113549.1.5.12';
const pbes2Ciphers: Readonly<Record<string, { readonly cipher: string; readonly key: number }>> = {
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', key: 24 },
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', key: 16 },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', key: 24 },
  '2.16.840.1.101.3.4.1.42': { cipher: 'aes-256-cbc', key: 32 },
};

/** RFC 8018, appendix B.1. */
const prfs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/** Native code makes about four of these in the time of one hash that is asked for from here. */
const pbkdf2Discount = 4;
/** Longer keys are nobody's; RFC 9579 names 32 and 64. */
const longestKey = 128;

/** How often the password is hashed; undefined where the algorithm does not say. */
export function iterationsOf(algorithm: Der): number | undefined {
  const [oid, parameters] = childrenOf(algorithm);
  if (parameters === undefined || parameters.tag !== 0x30) return undefined;
  const fields = childrenOf(parameters);
  if (oidOf(oid) !== pbes2) return numberOf(fields[1]);
  const [, derivation] = fields[0] === undefined ? [] : childrenOf(fields[0]);
  return derivation === undefined ? undefined : numberOf(childrenOf(derivation)[1]);
}

/** Decrypts with one password; an empty one is tried in both of its forms. Throws UnbakeError `damaged` for what is no AlgorithmIdentifier. */
export function decrypted(algorithm: Der, data: Buffer, password: string, work: Work): Attempt {
  const [oid, parameters] = childrenOf(algorithm);
  const name = oidOf(oid);
  if (parameters === undefined || parameters.tag !== 0x30) return 'unknown';
  if (name === pbes2) return withPbes2(parameters, data, password, work);
  const form = name.startsWith(pkcs12Pbe) ? pkcs12Ciphers[name.slice(pkcs12Pbe.length)] : undefined;
  if (form === undefined) return 'unknown';
  const [salt, count] = childrenOf(parameters);
  const iterations = numberOf(count);
  if (salt === undefined || iterations === undefined) return 'unknown';
  const derivation = { algorithm: 'sha1', salt: octetsOf(salt), iterations };
  let attempt: Attempt = 'wrong';
  for (const bytes of password === '' ? [Buffer.alloc(0), passwordBytes('')] : [passwordBytes(password)]) {
    if (!work.spend(hashesOf('sha1', iterations, form.key) + iterations)) return 'over';
    const key = pkcs12Key(derivation, bytes, 'key', form.key);
    const iv = pkcs12Key(derivation, bytes, 'iv', 8);
    if (key === undefined || iv === undefined) return 'unknown';
    attempt = deciphered(form.cipher, data, key, iv, work);
    if (attempt !== 'wrong') return attempt;
  }
  return attempt;
}

function withPbes2(parameters: Der, data: Buffer, password: string, work: Work): Attempt {
  const [derivation, scheme] = childrenOf(parameters);
  if (derivation === undefined || scheme === undefined) return 'unknown';
  const [cipher, iv] = childrenOf(scheme);
  const form = pbes2Ciphers[oidOf(cipher)];
  if (form === undefined || iv === undefined) return 'unknown';
  const key = pbkdf2Key(derivation, Buffer.from(password), work, form.key);
  return typeof key === 'string' ? key : deciphered(form.cipher, data, key, octetsOf(iv), work);
}

/** The key that an AlgorithmIdentifier of PBKDF2 gives (RFC 8018, appendix A.2); `length` where it names none. */
export function pbkdf2Key(derivation: Der, password: Buffer, work: Work, length?: number): Buffer | 'over' | 'unknown' {
  const [oid, parameters] = childrenOf(derivation);
  if (oidOf(oid) !== pbkdf2 || parameters === undefined) return 'unknown';
  const [salt, count, ...optional] = childrenOf(parameters);
  const iterations = numberOf(count);
  const named = numberOf(optional.find(({ tag }) => tag === 0x02)) ?? length;
  const prf = optional.find(({ tag }) => tag === 0x30);
  const algorithm = prf === undefined ? 'sha1' : prfs[oidOf(childrenOf(prf)[0])];
  if (salt === undefined || algorithm === undefined || iterations === undefined || iterations < 1) return 'unknown';
  if (named === undefined || named < 1 || named > longestKey) return 'unknown';
  if (!work.spend(Math.ceil(hashesOf(algorithm, iterations, named) / pbkdf2Discount))) return 'over';
  return pbkdf2Sync(password, octetsOf(salt), iterations, named, algorithm);
}

/** Triple DES and RC2 take the time of a hash for about so many bytes. */
const bytesOfOneHash = 16;

function deciphered(cipher: string, data: Buffer, key: Buffer, iv: Buffer, work: Work): Attempt {
  if (!work.spend(Math.ceil(data.length / bytesOfOneHash))) return 'over';
  if (cipher === 'rc2') {
    const plain = rc2Decrypted(data, key, iv);
    return plain === undefined ? 'wrong' : { plain };
  }
  try {
    const decipher = createDecipheriv(cipher === 'des-ede-cbc' ? 'des-ede3-cbc' : cipher, cipher === 'des-ede-cbc' ? twice(key) : key, iv);
    return { plain: Buffer.concat([decipher.update(data), decipher.final()]) };
  } catch {
    // The padding is wrong, and so was the password; or the initialization vector has another length than it must have.
    return 'wrong';
  }
}

/** Two keys of DES as three: the first one once more. */
function twice(key: Buffer): Buffer {
  return Buffer.concat([key, key.subarray(0, 8)]);
}
