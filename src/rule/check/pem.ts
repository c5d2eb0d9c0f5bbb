// Private keys in their several armours: the body must decode, so that the marker lines which stand in libraries, parsers and
// documentation are no finding. Tells the kind of key and whether a passphrase protects it.
import { type Check, dropped, type Verdict } from './check.ts';
import { decodeBase64 } from './base64.ts';
import { entropyOf } from './entropy.ts';
import { pgpVerdict } from './pgp.ts';
import { lowerInProgram, publicKeyVerdict } from './public-keys.ts';
import { publicHalfOf, spkiFact } from './spki.ts';
import { sshPublicHalfOfOpenSsh } from './ssh-public.ts';

/** DER object identifiers of the algorithms inside PKCS#8, as hexadecimal. */
const algorithms: readonly (readonly [string, string])[] = [
  ['2a864886f70d010101', 'RSA'],
  ['2a864886f70d01010a', 'RSA-PSS'],
  ['2a8648ce3d0201', 'EC'],
  ['2a8648ce380401', 'DSA'],
  ['2b6570', 'Ed25519'],
  ['2b6571', 'Ed448'],
  ['2b656e', 'X25519'],
  ['2b656f', 'X448'],
  ['2a864886f70d010301', 'Diffie-Hellman'],
];

const shortestKey = 32;

/** One PEM private key, with real or escaped line ends, or quoted over several lines of source. */
export const pem: Check = (candidate) => lowerInProgram(verdictOf(candidate.secret), candidate);

export function verdictOf(armour: string): Verdict {
  const label = /-----BEGIN ([A-Z0-9 ]{0,30}?) ?PRIVATE KEY/.exec(armour)?.[1] ?? '';
  const begin = armour.indexOf('-----', 11) + 5;
  const close = armour.indexOf('-----END', begin);
  const inner = armour.slice(begin, close === -1 ? undefined : close).replace(/\\[nrt]|\\\//g, (escape) => (escape === '\\/' ? '/' : '\n'));
  const isEncrypted = label === 'ENCRYPTED' || /Proc-Type:\s*4,\s*ENCRYPTED|DEK-Info:/.test(inner);
  const body = inner.replace(/^[ \t"'>|*#]*(?:Proc-Type|DEK-Info|Comment|Version|X-[\w-]+):[^\n]*$/gm, '').replace(/[^A-Za-z0-9+/=]/g, '');
  // Padding may stand at the end only; an ellipsis or a row of one letter is a sample.
  if (/=[A-Za-z0-9+/]/.test(body) || /([A-Za-z0-9+/])\1{40}/.test(body) || /\.\.\.|…|\*\*\*/.test(inner)) return dropped;
  const bytes = decodeBase64(body);
  if (bytes.length < shortestKey) return dropped;
  const published = publicKeyVerdict(bytes);
  if (published !== undefined) return published;
  if (bytes.subarray(0, 15).toString('latin1') === 'openssh-key-v1\0') return openSsh(bytes);
  if (/Proc-Type:|DEK-Info:/.test(inner)) return told(true, label);
  if (bytes[0] !== 0x30) return isFragment(inner) ? fragment : dropped;
  if (!isDerSequence(bytes)) return beginsLikeKey(bytes) ? { keep: true, severity: 'low', confidence: 'low', proved: 'key cut short' } : dropped;
  if (isEncrypted) return told(true, label === 'ENCRYPTED' ? 'PKCS#8' : label);
  const half = publicHalfOf(bytes);
  if (half === undefined) return told(false, label === '' ? algorithmOf(bytes) : label);
  return { ...told(false, half.kind, spkiFact(half)), publicKey: half.spki };
}

function told(isEncrypted: boolean, kind: string, publicFact?: string): Verdict {
  const key = [isEncrypted ? 'encrypted' : 'unencrypted', kind, 'key'].filter((word) => word !== '').join(' ');
  const proved = publicFact === undefined ? key : `${key}, ${publicFact}`;
  return isEncrypted ? { keep: true, severity: 'medium', confidence: 'high', proved } : { keep: true, confidence: 'high', proved };
}

const fragment: Verdict = { keep: true, severity: 'low', confidence: 'low', proved: 'part of a key' };

/** Lines of base64 and nothing else, as random as a key: the begin of it is cut off or overwritten. */
function isFragment(inner: string): boolean {
  const lines = inner
    .split(/\s*\n\s*/)
    .map((line) => line.replace(/^["'\s]+|["'\s,+\\]+$/g, ''))
    .filter((line) => line !== '' && !/^[\w-]{1,20}: |^=[A-Za-z0-9+/]{4}$/.test(line));
  const body = lines.join('');
  return body.length >= 64 && lines.every((line) => /^[A-Za-z0-9+/]{8,}={0,2}$/.test(line)) && entropyOf(body) >= 4.8 && /\d/.test(body);
}

/** The length in the header must be that of the body; a truncated sample is kept when at least half of it is there. */
function isDerSequence(bytes: Buffer): boolean {
  const first = bytes[1]!;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 3) return false;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + bytes[2 + index]!;
  return length >= shortestKey && length + 2 + lengthBytes <= bytes.length * 2 + 16;
}

/** SEQUENCE with a two-byte length, then INTEGER 0 or 1: PKCS#1, PKCS#8 and SEC 1 all begin so. */
function beginsLikeKey(bytes: Buffer): boolean {
  return bytes[1] === 0x82 && bytes[4] === 0x02 && bytes[5] === 0x01 && bytes[6]! <= 1;
}

function algorithmOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 64).toString('hex');
  return algorithms.find(([identifier]) => head.includes(`06${(identifier.length / 2).toString(16).padStart(2, '0')}${identifier}`))?.[1] ?? '';
}

/** openssh-key-v1: magic, then the cipher's name as a length and its characters. */
function isOpenSshEncrypted(bytes: Buffer): boolean {
  const length = bytes.length >= 19 ? bytes.readUInt32BE(15) : 0;
  return bytes.subarray(19, 19 + Math.min(length, 40)).toString('latin1') !== 'none';
}

function openSsh(bytes: Buffer): Verdict {
  const half = sshPublicHalfOfOpenSsh(bytes);
  return told(isOpenSshEncrypted(bytes), `OpenSSH ${half?.kind ?? ''}`.trim(), half && `public key ${half.fingerprint}`);
}

/** Base64 around a whole PEM: decoded once, then as `pem`. */
export const base64Pem: Check = ({ secret }) => {
  const inner = decodeBase64(secret).toString('latin1');
  if (/-----BEGIN PGP PRIVATE KEY BLOCK-----/.test(inner)) return { keep: true, confidence: 'high', proved: 'base64 of a PGP key' };
  if (!/^-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/.test(inner)) return dropped;
  const verdict = verdictOf(inner);
  return verdict.keep && verdict.proved !== undefined ? { ...verdict, proved: `base64 of ${verdict.proved}` } : verdict;
};

/** PGP armour: the first packet must be a secret key (tag 5) or a secret subkey (tag 7), RFC 9580 section 4.2. */
export const pgp: Check = ({ secret }) => {
  const lines = secret.replace(/\\n/g, '\n').split(/\r?\n/).slice(1);
  const body = lines.filter((line) => /^[A-Za-z0-9+/]{8,}={0,2}$/.test(line.trim()) && !line.includes(':')).join('');
  const first = decodeBase64(body)[0];
  if (first === undefined) return dropped;
  if ((first & 0x80) === 0) return isFragment(lines.filter((line) => !line.startsWith('-----')).join('\n')) ? fragment : dropped;
  const tag = (first & 0x40) !== 0 ? first & 0x3f : (first >> 2) & 0x0f;
  return tag === 5 || tag === 7 ? pgpVerdict(secret) : dropped;
};
