// Secrets to plant: well formed, synthetic, and the same for the same seed. They are assembled here, so that no file of this
// repository holds one and no scanner finds one in it.
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const digits = '0123456789';

/** Characters of the alphabet that look random and depend on the seed alone. */
function characters(seed: string, alphabet: string, count: number): string {
  let text = '';
  for (let round = 0; text.length < count; round++) {
    for (const byte of createHash('sha256').update(`${seed}/${round}`).digest()) text += alphabet[byte % alphabet.length];
  }
  return text.slice(0, count);
}

/** GitHub's and npm's tokens end in the CRC-32 of what stands before, in six digits of base 62. */
function checksum62(text: string): string {
  let rest = crc32(text);
  let sum = '';
  for (let digit = 0; digit < 6; digit++) {
    sum = base62[rest % 62] + sum;
    rest = Math.floor(rest / 62);
  }
  return sum;
}

export function githubToken(seed: string): string {
  const random = characters(`github ${seed}`, base62, 30);
  return `${'ghp'}_${random}${checksum62(random)}`;
}

export function npmToken(seed: string): string {
  const random = characters(`npm ${seed}`, base62, 30);
  return `${'npm'}_${random}${checksum62(random)}`;
}

export function awsKeyId(seed: string): string {
  return `${'AK'}IA${characters(`aws id ${seed}`, base32, 16)}`;
}

export function awsSecretKey(seed: string): string {
  return characters(`aws secret ${seed}`, `${base62}/+`, 40);
}

export function slackToken(seed: string): string {
  const numbers = characters(`slack ${seed}`, digits.slice(1), 24);
  return `${'xo'}xb-${numbers.slice(0, 12)}-${numbers.slice(12)}-${characters(`slack ${seed}`, base62, 24)}`;
}

export function stripeKey(seed: string): string {
  return `${'sk'}_live_${characters(`stripe ${seed}`, base62, 24)}`;
}

/** For `DB_PASSWORD=...` and its like: nothing about the value itself tells that it is one. */
export function password(seed: string): string {
  return characters(`password ${seed}`, base62, 18);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function jwt(seed: string): string {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: seed, iat: 1700000000, role: 'admin' })}`;
  return `${signed}.${createHmac('sha256', seed).update(signed).digest('base64url')}`;
}

/** A private key in PEM (PKCS #8). The Ed25519 one depends on the seed alone, the RSA one is new at each call. */
export function privateKey(kind: 'ed25519' | 'rsa', seed = ''): string {
  if (kind === 'rsa') {
    return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  }
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), createHash('sha256').update(seed).digest()]);
  const title = `${'PRIVATE'} KEY`;
  return `-----BEGIN ${title}-----\n${der.toString('base64')}\n-----END ${title}-----\n`;
}
