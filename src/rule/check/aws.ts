// AWS key ids are base32, and no run of capital letters in a table of names; secret keys are no hexadecimal digests.
import { type Check, dropped, kept } from './check.ts';

export const awsKeyId: Check = ({ secret, text, start, end }) => {
  const body = secret.slice(4);
  if (/^(.)\1{7,}/.test(body)) return dropped;
  if (/[0189]/.test(body)) return { keep: true, confidence: 'medium', proved: 'outside the base32 alphabet of issued ids' };
  if (/[2-7]/.test(body)) return kept;
  // One issued id in thirty has no digit; runs of English words in binaries never have one. The words beside it tell, and its letters:
  // a fifth of random ones are rare in words.
  const around = text.slice(Math.max(0, start - 80), start) + text.slice(end, end + 80);
  const isRandom = (body.match(/[JKQVWXZ]/g)?.length ?? 0) >= 3;
  return isRandom || /aws|amazon|access|key|secret|cred/i.test(around) ? { keep: true, confidence: 'medium', proved: 'letters only' } : dropped;
};

export const awsSecretKey: Check = ({ secret }) =>
  /^[0-9a-f]{40}$/i.test(secret) || !/[\d/+]/.test(secret) || !/[a-z]/.test(secret) || !/[A-Z]/.test(secret) || /^(.)\1{9,}/.test(secret)
    ? dropped
    : kept;
