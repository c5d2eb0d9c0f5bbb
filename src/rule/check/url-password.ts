// The password of a URL: no port, no reference, no placeholder, and no sample of documentation.
import { type Check, dropped, kept } from './check.ts';
import { isPlaceholder } from './placeholder.ts';

export const urlPassword: Check = ({ secret, text, end }) => {
  // `http://host:8000;user@place`, and the port of `host:22@...`.
  if (/^\d{1,5}(?:[;,&?#|]|$)/.test(secret) || /[{}[\]()*|]/.test(secret.replace(/\$\{[^}]*\}/g, ''))) return dropped;
  const host = /^@([\w.-]+)/.exec(text.slice(end, end + 200))?.[1] ?? '';
  if (/^(?:[$%{]|$)/.test(host) || /^(?:(?:\w+\.)?example\.(?:com|org|net)|example|hostname?|server|domain\.com|yourhost|host\.com)$/i.test(host)) {
    return /\d/.test(secret) && !isPlaceholder(secret, 'value') ? { keep: true, confidence: 'low' } : dropped;
  }
  return isPlaceholder(decoded(secret), 'value') ? dropped : kept;
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
