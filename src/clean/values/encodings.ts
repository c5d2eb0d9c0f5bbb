// The forms in which a value may stand in an image: as it is, in wide characters, escaped for a URL or a string, as hexadecimal digits,
// and inside base64, where three bytes make four characters and the same value looks different at each of three alignments.
import { shortestExact } from '../../view/exact-search.ts';

export type Encoding = 'raw' | 'utf-16' | 'utf-32' | 'url' | 'escaped' | 'base64' | 'hex';

export interface EncodedValue {
  readonly encoding: Encoding;
  readonly bytes: Buffer;
}

const base64Padding = [0, 1, 2];

/** Every form that differs from the others and is long enough to be searched for. */
export function encodedForms(value: string): readonly EncodedValue[] {
  const forms = [...partsOf(value)].flatMap((part) => formsOf(part));
  const distinct = new Map<string, EncodedValue>();
  for (const form of forms) {
    const key = form.bytes.toString('latin1');
    if (form.bytes.length >= shortestExact && !distinct.has(key)) distinct.set(key, form);
  }
  return [...distinct.values()];
}

/** Lines that tell one key from another. */
const shortestLine = 24;

/**
 * A value of several lines may stand with other line ends, indented, or with its lines joined by `\n`: its lines are searched for one by one.
 * The first line of a key in PEM is left out when others follow it: keys of one kind begin alike.
 */
function partsOf(value: string): readonly string[] {
  const lines = value
    .split(/\r?\n|\\r\\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('-----'));
  if (lines.length < 2 && !value.includes('\n')) return [value];
  const telling = lines.filter((line) => line.length >= shortestLine && !line.includes(':'));
  const parts = telling.length > 1 ? telling.slice(1) : telling;
  return parts.length === 0 ? [value] : [value, ...parts];
}

function formsOf(value: string): readonly EncodedValue[] {
  const raw = Buffer.from(value);
  return [
    { encoding: 'raw', bytes: raw },
    ...(isLatin1(value) ? [{ encoding: 'raw', bytes: Buffer.from(value, 'latin1') } as const] : []),
    { encoding: 'utf-16', bytes: Buffer.from(value, 'utf16le') },
    { encoding: 'utf-16', bytes: Buffer.from(value, 'utf16le').swap16() },
    { encoding: 'utf-32', bytes: utf32(value) },
    { encoding: 'utf-32', bytes: utf32(value).swap32() },
    ...urlForms(value).map((text): EncodedValue => ({ encoding: 'url', bytes: Buffer.from(text) })),
    ...escapedForms(value).map((text): EncodedValue => ({ encoding: 'escaped', bytes: Buffer.from(text) })),
    ...base64Padding.flatMap((before) => base64Forms(raw, before)),
    { encoding: 'hex', bytes: Buffer.from(raw.toString('hex')) },
    { encoding: 'hex', bytes: Buffer.from(raw.toString('hex').toUpperCase()) },
  ];
}

/** Little-endian. */
function utf32(value: string): Buffer {
  return Buffer.from(Uint32Array.from(value, (character) => character.codePointAt(0)!).buffer);
}

function isLatin1(value: string): boolean {
  return /[\u0080-\u00ff]/.test(value) && !/[^\u0000-\u00ff]/.test(value);
}

/** As browsers, forms and strict encoders write it, with digits of both cases. */
function urlForms(value: string): string[] {
  if (/[\ud800-\udfff]/.test(value) && !value.isWellFormed()) return [];
  const component = encodeURIComponent(value);
  const strict = component.replace(/[!'()*~]/g, percent);
  const forms = [component, strict, component.replaceAll('%20', '+'), strict.replaceAll('%20', '+'), encodeURI(value)];
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [...forms, ...forms.map(lower)];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Inside strings of JSON (Go's writer escapes more) and of programs, and as text of XML and HTML. */
function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[<>&]/g, code),
    json.replace(/[<>&'+]/g, code),
    json.replace(/[^\u0020-\u007e]/g, code),
    value.replace(/['\\]/g, '\\$&'),
    value.replaceAll("'", "'\\''"),
    xml,
    xml.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    xml.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  ];
}

/** The characters that depend on the value alone when `before` bytes (modulo 3) stand in front of it. */
function base64Forms(value: Buffer, before: number): EncodedValue[] {
  const text = Buffer.concat([Buffer.alloc(before), value])
    .toString('base64')
    .replace(/=+$/, '');
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor(((before + value.length) * 8) / 6);
  const stable = text.slice(from, to);
  const url = stable.replaceAll('+', '-').replaceAll('/', '_');
  return [stable, ...(url === stable ? [] : [url])].map((form) => ({ encoding: 'base64', bytes: Buffer.from(form) }));
}
