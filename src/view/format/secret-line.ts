// Whether the content of a small file looks like one secret: a line that is a password or a token, or the bytes of a key. A name has said
// that it may be one; what cannot be one is told apart here.

export interface Line {
  readonly text: string;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const longestLine = 400;

/** The one line of a file, or the second of two where the first may be the name of a user; undefined for whatever is longer or no text. */
export function lineOf(file: Buffer): Line | undefined {
  let text: string;
  try {
    text = utf8.decode(file);
  } catch {
    return undefined;
  }
  const lines = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/);
  if (lines.length > 2 || (lines.length === 2 && !/^[\w.@\\+-]{1,80}$/.test(lines[0]))) return undefined;
  const line = lines.at(-1)!.trim();
  if (line.length === 0 || line.length > longestLine || /[\p{Cc}\p{Cn}\p{Co}]/u.test(line)) return undefined;
  const start = file.lastIndexOf(line);
  return { text: line, start, end: start + Buffer.byteLength(line) };
}

/** What templates leave to be filled in, and where something else is named: scripts, comments, addresses, paths, other documents. */
const notItself = /\$[{(]|\{\{|\}\}|<[^<>]{1,80}>|^%\w+%$|^__\w+__$|^\$\w+$|^(?:#|\/\/|--|;|\{|\[|<\?)|:\/\/|^(?:~|\.{1,2})?\/[\w.-]+\/|^-----BEGIN/;
const dummy =
  /^(?:password|passwd|passphrase|secret|token|todo|tbd|none|null|nil|true|false|empty|test|(?:your|my|insert|enter|put|add)[ _-].*|(.)\1{2,})$/i;
const dummyIn = /change[_-]?(?:me|this|it)|replace[_-]?(?:me|this)|placeholder|example|dummy|redacted/i;
const words = /^[a-z]{3,12}(?:[ -][a-z]{3,12}){3,9}$/;

/** Four characters or more without a space, or a row of words. */
export function looksLikePassword(line: string): boolean {
  if (line.length < 4 || line.length > 256 || notItself.test(line) || dummy.test(line) || dummyIn.test(line)) return false;
  return /\s/.test(line) ? words.test(line) : new Set(line).size >= 3;
}

/** Sixteen characters or more of those that tokens are made of, letters and digits among them. */
export function looksLikeToken(line: string): boolean {
  if (!looksLikePassword(line) || !/^[\w.~+/=:-]{16,}$/.test(line)) return false;
  return /\d/.test(line) && /[A-Za-z]/.test(line) && new Set(line).size >= 9 && !/^v?\d+(?:\.\d+){1,3}(?:[-+][\w.-]+)?$/.test(line);
}

const shortestKey = 16;

/** Base64 and nothing else, or bytes that no text has. */
export function looksLikeKeyFile(file: Buffer): boolean {
  if (file.length < shortestKey || new Set(file.subarray(0, 512)).size < 9) return false;
  const start = file.toString('latin1', 0, 512);
  if (/^(?:#|\x7fELF|-----BEGIN|PK\x03\x04|\x1f\x8b|\0{16})/.test(start)) return false;
  if (/^[A-Za-z0-9+/=_-]+(?:\r?\n[A-Za-z0-9+/=_-]+)*\s*$/.test(start)) return /\d/.test(start) && /[A-Za-z]/.test(start);
  const isHigh = file.subarray(0, 512).filter((byte) => byte >= 0x80 || byte < 9);
  return isHigh.length * 5 > Math.min(512, file.length);
}
