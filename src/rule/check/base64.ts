// Values that are base64 of something telling: a user and password, JSON, a private key.
import { type Check, dropped, kept } from './check.ts';
import { entropyOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';

export function decodeBase64(text: string): Buffer {
  return Buffer.from(text.replace(/\\[nr]|\s/g, ''), 'base64');
}

/** `user:password`, both printable, the password no placeholder. */
export function isUserPassword(text: string): boolean {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1 || !/^[\x20-\x7e\u00a0-\uffef]+$/.test(text) || text.includes('\ufffd')) return false;
  return !isPlaceholder(text.slice(colon + 1), 'reference');
}

/** `base64-user-password:header` keeps what does not decode but looks random: some servers take tokens in this place. */
export const base64UserPassword: Check = ({ secret }, argument) => {
  const text = decodeBase64(secret).toString('utf8');
  if (isUserPassword(text)) return { keep: true, proved: 'decodes to user and password' };
  if (argument !== 'header' || secret.length < 20 || isPlaceholder(secret, 'code') || !/\d/.test(secret) || text.endsWith(':')) return dropped;
  return { keep: true, severity: 'medium', confidence: 'low' };
};

/** `auth` of a registry: user and password, or the bare token that some registries write. */
export const dockerAuth: Check = ({ secret }) => {
  const text = decodeBase64(secret).toString('utf8');
  if (isUserPassword(text)) return { keep: true, confidence: 'high', proved: 'decodes to user and password' };
  return /^[\x20-\x7e]+:$/.test(text) ? dropped : { keep: true, confidence: 'medium' };
};

/** Decodes to text that holds the argument: `base64-text:BedrockAPIKey-`; with `base64-text:ascii` to a token, which has no spaces. */
export const base64Text: Check = ({ secret }, argument) => {
  if (argument === 'ascii') {
    const token = decodeBase64(secret).toString('latin1').trim();
    return /^[\x21-\x7e]{16,}$/.test(token) && /\d/.test(token.slice(8)) && entropyOf(token) >= 3.4 ? kept : dropped;
  }
  const body = secret.slice(secret.search(/[A-Za-z0-9+/_-]{16}/));
  for (let shift = 0; shift < 12 && shift < body.length; shift++) {
    if (Buffer.from(body.slice(shift), 'base64').toString('latin1').includes(argument)) return kept;
  }
  return dropped;
};

/** So many bytes exactly: `base64-bytes:64`. */
export const base64Bytes: Check = ({ secret }, argument) => (decodeBase64(secret).length === Number(argument) ? kept : dropped);
