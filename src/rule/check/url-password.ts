// The password of a URL: no port, no reference, no placeholder, and no sample of documentation.
import { type Check, dropped, kept } from './check.ts';
import { isPlaceholder } from './placeholder.ts';

/** Hosts of manuals: RFC 2606, and what people write for "your server". */
const sampleHost =
  /^(?:(?:[\w-]+\.)*example(?:\.(?:com|org|net|edu))?|host(?:name)?|server|localhost|127\.0\.0\.1|domain\.com|yourhost|host\.com|(?:[\w-]+\.)*(?:test|invalid))$/i;

export const urlPassword: Check = ({ secret, text, start, end }) => {
  // `http://host:8000;user@place`, and the port of `host:22@...`.
  if (/^\d{1,5}(?:[;,&?#|]|$)/.test(secret) || /[{}[\]()*|]/.test(secret.replace(/\$\{[^}]*\}/g, ''))) return dropped;
  const host = /^@([\w.-]+)/.exec(text.slice(end, end + 200))?.[1] ?? '';
  const password = decoded(secret);
  // What stands there when the token is in the place of the user.
  if (host === '' || secret.length < 3 || password === 'x-oauth-basic') return dropped;
  const isSample = sampleHost.test(host);
  if (!isPlaceholder(password, 'value')) return isSample && !/\d/.test(password) ? { keep: true, severity: 'low', confidence: 'low' } : kept;
  // `user:password@host` is a password somebody chose when the host is a real one, and a manual's when it is not.
  const user = /([^/:@]*):$/.exec(text.slice(Math.max(0, start - 80), start))?.[1] ?? '';
  return !isSample && host.includes('.') && /^[a-z]{3,16}\d{0,4}$/.test(password) && user !== password
    ? { keep: true, severity: 'low', confidence: 'low', proved: 'a word of manuals' }
    : dropped;
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
