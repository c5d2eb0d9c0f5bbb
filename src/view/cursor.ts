// Where a byte stands in a text: its line and column. Advanced over the bytes that pass, so that no text is kept for it.

/** Line and column count from 1; the column counts UTF-16 code units of UTF-8 text, as SARIF and editors do. */
export interface Cursor {
  readonly line: number;
  readonly column: number;
}

export const startOfText: Cursor = { line: 1, column: 1 };

/** The cursor behind these bytes. Lines end at LF; the CR of a CRLF belongs to its line. */
export function advance(cursor: Cursor, bytes: Uint8Array): Cursor {
  let line = cursor.line;
  let lineStart = 0;
  let isSameLine = true;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x0a) continue;
    line++;
    lineStart = i + 1;
    isSameLine = false;
  }
  let column = isSameLine ? cursor.column : 1;
  for (let i = lineStart; i < bytes.length; i++) {
    const byte = bytes[i];
    // A continuation byte adds nothing; a character outside the basic plane is two code units.
    if ((byte & 0xc0) !== 0x80) column += byte >= 0xf0 ? 2 : 1;
  }
  return { line, column };
}

/** The cursor behind this part of a decoded text. */
export function advanceText(cursor: Cursor, text: string): Cursor {
  const lines = text.split('\n');
  const last = lines.at(-1)!;
  return lines.length === 1
    ? { line: cursor.line, column: cursor.column + last.length }
    : { line: cursor.line + lines.length - 1, column: 1 + last.length };
}
