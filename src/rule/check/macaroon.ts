// Macaroons: tokens that carry in the clear where they are for and what they were narrowed to, with a signature at the end.
// PyPI writes version 2 of libmacaroons in base64url; Fly.io writes MessagePack.
import type { Check, Verdict } from './check.ts';
import { dayOf, factOf, memberOf } from './fact.ts';

const endOfSection = 0;
const locationField = 1;
const identifierField = 2;
const signatureField = 6;
const signatureLength = 32;
const mostFacts = 8;
/** More caveats than any service adds. */
const mostFields = 1000;

export const macaroon: Check = ({ secret }) => {
  if (secret.startsWith('pypi-')) return verdictOf(packagesOf(Buffer.from(secret.slice('pypi-'.length), 'base64url')));
  const fly = /fm[12][ar]?_([A-Za-z0-9+/]+=*)/.exec(secret)?.[1];
  return fly === undefined ? { keep: true } : verdictOf(flyFacts(Buffer.from(fly, 'base64')));
};

function verdictOf(facts: readonly string[] | undefined): Verdict {
  if (facts === undefined) return { keep: true, confidence: 'medium', proved: 'macaroon does not decode' };
  return { keep: true, confidence: 'high', proved: ['macaroon', ...facts.slice(0, mostFacts)].join(', ') };
}

/** Location, identifier, end; for each caveat its identifier and an end; end; signature. Undefined when the bytes are not so. */
function packagesOf(bytes: Buffer): readonly string[] | undefined {
  if (bytes[0] !== 2) return undefined;
  const facts: string[] = [];
  let section = 0;
  for (let at = 1, fields = 0; at < bytes.length && fields < mostFields; fields++) {
    const type = bytes[at++]!;
    if (type === endOfSection) {
      section++;
      continue;
    }
    const length = shortNumber(bytes, at);
    if (length === undefined || length.value > bytes.length - length.end) return undefined;
    const value = bytes.subarray(length.end, length.end + length.value);
    at = length.end + length.value;
    if (type === signatureField) return section >= 2 && length.value === signatureLength ? facts : undefined;
    const told =
      section === 0 ? (type === locationField ? factOf(value.toString('latin1')) : undefined) : type === identifierField ? caveat(value) : undefined;
    if (told !== undefined) facts.push(section === 0 ? `of ${told}` : told);
  }
  return undefined;
}

/** A number of at most four bytes of seven bits, the lowest first. */
function shortNumber(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 4); at++) {
    value += (bytes[at]! & 0x7f) * 128 ** (at - start);
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

/** PyPI's caveats: an array that begins with its kind, and before 2022 an object with `permissions`. */
function caveat(bytes: Buffer): string | undefined {
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (Array.isArray(content)) {
    if (content[0] === 0 && typeof content[1] === 'number') return `expires ${dayOf(content[1])}`;
    if (content[0] === 1) return scope(content[1]);
    return content[0] === 2 ? 'scope: single projects' : content[0] === 3 ? 'scope: user' : undefined;
  }
  const permissions = memberOf(content, 'permissions');
  return permissions === 'user' ? 'scope: user' : scope(memberOf(permissions, 'projects'));
}

function scope(projects: unknown): string | undefined {
  const names = Array.isArray(projects) ? projects.map(factOf).filter((name) => name !== undefined) : [];
  return names.length === 0 ? undefined : `scope: ${names.length === 1 ? 'project' : 'projects'} ${names.slice(0, 5).join(' ')}`;
}

/** An array of a nonce of key id, random bytes and a flag, of the location, the caveats and the tail. */
function flyFacts(bytes: Buffer): readonly string[] | undefined {
  if (bytes[0] !== 0x94 || bytes[1] !== 0x93) return undefined;
  let at = 2;
  for (let part = 0; part < 2; part++) {
    if (bytes[at] !== 0xc4) return undefined;
    at += 2 + (bytes[at + 1] ?? 0);
  }
  if (bytes[at] !== 0xc2 && bytes[at] !== 0xc3) return undefined;
  const head = bytes[++at] ?? 0;
  const length = head === 0xd9 ? bytes[++at] : (head & 0xe0) === 0xa0 ? head & 0x1f : undefined;
  if (length === undefined) return undefined;
  const location = factOf(bytes.toString('latin1', at + 1, at + 1 + length));
  return location === undefined ? undefined : [`of ${location}`];
}
