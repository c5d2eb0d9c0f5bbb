// Runs of the finder over bytes in chunks, and values written in every encoding.
import { gzipSync, deflateSync } from 'node:zlib';
import { type DecodedRun, EncodedText } from '../../../src/view/encoded/encoded.ts';

/** All runs of a document that comes in chunks of these sizes, over and over. */
export function runsIn(document: Buffer | string, sizes: readonly number[] = [64 * 1024]): DecodedRun[] {
  const bytes = Buffer.from(document as Buffer);
  const runs: DecodedRun[] = [];
  const finder = new EncodedText((run) => runs.push(run));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length];
    // Copied, and spoilt behind the call: the finder must not keep what is not its own.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    finder.write(chunk, at);
    chunk.fill(0);
    at += size;
  }
  finder.end();
  return runs;
}

/** Where a value was found: the steps to it and the part of the document that it came from. */
export function found(document: Buffer | string, value: string, sizes?: readonly number[]): { steps: string; source: string; run: DecodedRun }[] {
  const bytes = Buffer.from(document as Buffer);
  return runsIn(bytes, sizes).flatMap((run) => {
    const at = run.bytes.indexOf(value);
    if (at < 0) return [];
    const { start, end } = run.sourceOf(at, at + Buffer.byteLength(value));
    return [{ steps: run.steps.join(' '), source: bytes.toString('latin1', start, end), run }];
  });
}

export const base64 = (text: string | Buffer) => Buffer.from(text as Buffer).toString('base64');
const each = (text: string, write: (byte: number) => string) => Array.from(Buffer.from(text), write);
const hexOf = (byte: number) => byte.toString(16).padStart(2, '0');

/** Encodings of a text, with the way back for a part of it that begins and ends where groups do. */
export const encodings: readonly { readonly steps: string; encode(text: string): string; decode?(source: string): string }[] = [
  { steps: 'base64', encode: base64, decode: (source) => Buffer.from(source.replaceAll(/\s/g, ''), 'base64').toString() },
  {
    steps: 'base64',
    encode: (text) => Buffer.from(text).toString('base64url'),
    decode: (source) => Buffer.from(source, 'base64url').toString(),
  },
  { steps: 'hex', encode: (text) => Buffer.from(text).toString('hex'), decode: (source) => Buffer.from(source, 'hex').toString() },
  {
    steps: 'hex',
    encode: (text) => `0x${Buffer.from(text).toString('hex').toUpperCase()}`,
    decode: (source) => Buffer.from(source, 'hex').toString(),
  },
  { steps: 'percent', encode: (text) => each(text, (byte) => `%${hexOf(byte)}`).join(''), decode: decodeURIComponent },
  { steps: 'backslash', encode: (text) => each(text, (byte) => `\\x${hexOf(byte)}`).join(''), decode: (source) => unescaped(source, /\\x(..)/g, 16) },
  {
    steps: 'backslash',
    encode: (text) => each(text, (byte) => `\\u00${hexOf(byte)}`).join(''),
    decode: (source) => unescaped(source, /\\u(....)/g, 16),
  },
  {
    steps: 'backslash',
    encode: (text) => each(text, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    decode: (source) => unescaped(source, /\\(...)/g, 8),
  },
  {
    steps: 'bytes',
    encode: (text) => each(text, (byte) => `0x${hexOf(byte)}`).join(', '),
    decode: (source) => unescaped(source, /0x(..)(?:, )?/g, 16),
  },
  { steps: 'base64 base64', encode: (text) => base64(base64(text)) },
  { steps: 'base64 base64 base64', encode: (text) => base64(base64(base64(text))) },
  { steps: 'base64 gunzip', encode: (text) => base64(gzipSync(text)) },
  { steps: 'base64 inflate', encode: (text) => base64(deflateSync(text)) },
  { steps: 'base64 base64 gunzip', encode: (text) => base64(base64(gzipSync(text))) },
  { steps: 'base64 gunzip base64', encode: (text) => base64(gzipSync(base64(text))) },
  { steps: 'hex gunzip', encode: (text) => gzipSync(text).toString('hex') },
  { steps: 'base64 utf-16le', encode: (text) => base64(Buffer.from(text, 'utf16le')), decode: wideText },
  { steps: 'base64 utf-16be', encode: (text) => base64(Buffer.from(text, 'utf16le').swap16()) },
  { steps: 'percent base64', encode: (text) => each(base64(text), (byte) => `%${hexOf(byte)}`).join('') },
  { steps: 'percent percent', encode: (text) => each(text, (byte) => `%25${hexOf(byte)}`).join('') },
];

/** Groups of base64 begin at any byte, units of UTF-16 at every other one. */
function wideText(source: string): string {
  const bytes = Buffer.from(source, 'base64');
  return `${bytes.toString('utf16le')} ${bytes.subarray(1).toString('utf16le')}`;
}

function unescaped(source: string, pattern: RegExp, radix: number): string {
  return source.replaceAll(pattern, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, radix)));
}

/** How a long text of base64 is broken, in forms that files have. */
export const wraps: Readonly<Record<string, (text: string) => string>> = {
  'lines of 76': (text) => lines(text, 76).join('\n'),
  'lines of 64 with carriage returns': (text) => lines(text, 64).join('\r\n'),
  'a YAML block': (text) => `data:\n  value: |\n    ${lines(text, 70).join('\n    ')}\n  next: word`,
  'joined string literals': (text) => `const value = "${lines(text, 60).join('" +\n            "')}";`,
  'adjacent string literals': (text) => `value = ('${lines(text, 60).join("'\n  '")}')`,
  'literals joined with dots': (text) => `$value = '${lines(text, 60).join("' .\n'")}';`,
  'an array of lines': (text) => `{"value": ["${lines(text, 64).join('",\n "')}"]}`,
  'lines with backslashes': (text) => `VALUE=${lines(text, 64).join('\\\n')}\nOTHER=1`,
  'line ends in a JSON string': (text) => `{"value": "${lines(text, 64).join('\\n')}\\n"}`,
  'line ends in a JSON string in a JSON string': (text) => `{\\"value\\": \\"${lines(text, 64).join('\\\\n')}\\\\n\\"}`,
  'a comment': (text) => `# ${lines(text, 64).join('\n# ')}\n`,
  'escaped slashes': (text) => JSON.stringify({ value: text }).replaceAll('/', '\\/'),
};

function lines(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${width}}`, 'g'))!;
}
