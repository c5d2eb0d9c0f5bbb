// AWS key ids are base32, and no run of capital letters in a table of names; secret keys are no hexadecimal digests.
import { decodeBase32 } from './base32.ts';
import { type Check, dropped, kept } from './check.ts';

export const awsKeyId: Check = ({ secret, text, start, end }) => {
  const body = secret.slice(4);
  if (/^[X0]{8,}/.test(body)) return dropped;
  if (/^(.)\1{7,}/.test(body)) return { keep: true, severity: 'low', confidence: 'low', proved: 'looks made up' };
  if (/[0189]/.test(body)) return { keep: true, confidence: 'medium', proved: 'outside the base32 alphabet of issued ids' };
  const account = accountOf(secret);
  if (/[2-7]/.test(body)) return account === undefined ? kept : { keep: true, proved: account };
  // One issued id in thirty has no digit; runs of English words in binaries never have one. The words beside it tell, and its letters:
  // a fifth of random ones are rare in words.
  const around = text.slice(Math.max(0, start - 80), start) + text.slice(end, end + 80);
  const isRandom = (body.match(/[JKQVWXZ]/g)?.length ?? 0) >= 3;
  if (!isRandom && !/aws|amazon|access|key|secret|cred/i.test(around)) return dropped;
  return { keep: true, confidence: 'medium', proved: ['letters only', account].filter((fact) => fact !== undefined).join(', ') };
};

/** Tells the account too when the id stands right before the key. */
export const awsSecretKey: Check = ({ secret, text, index, start }) => {
  const isOther =
    /^[0-9a-f]{40}$/i.test(secret) || !/[\d/+]/.test(secret) || !/[a-z]/.test(secret) || !/[A-Z]/.test(secret) || /^(.)\1{9,}/.test(secret);
  if (isOther) return dropped;
  const id = /^A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])/.exec(text.slice(index, Math.min(start, index + 21)))?.[0];
  const account = id === undefined ? undefined : accountOf(id);
  return account === undefined ? kept : { keep: true, proved: account };
};

/** Ids issued since 2019 hold the number of their account, which is no secret: 40 bits behind one that is set. */
function accountOf(id: string): string | undefined {
  const bytes = decodeBase32(id.slice(4));
  if (bytes === undefined || bytes.length < 6 || bytes[0]! < 0x80) return undefined;
  const account = Math.floor((bytes.readUIntBE(0, 6) - 2 ** 47) / 128);
  return account < 1e12 ? `AWS account ${String(account).padStart(12, '0')}` : undefined;
}
