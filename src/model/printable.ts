// Names and texts of an image are written by strangers: before they are printed, what could steer a terminal, break a line
// or give a workflow command is made visible instead.

// C0, DEL, C1, line and paragraph separators, bidirectional controls, zero-width characters, lone surrogates, byte-order mark.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/**
 * One line of printable text: controls as `\xNN` or `\u{N}`, and `::` and `##[` broken so that no runner takes them for a command: only `[::`, as addresses
 * begin, stays, because no line can begin behind a bracket.
 */
export function printable(text: string): string {
  return text
    .replace(unprintable, (character) => {
      const code = character.codePointAt(0)!;
      if (code === 0x0a) return '\\n';
      if (code === 0x0d) return '\\r';
      if (code === 0x09) return '\\t';
      return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    })
    .replace(/(?<!\[)::/g, ':\\x3a')
    .replaceAll('##[', '##\\x5b');
}

/** A name given as bytes: UTF-8 where it is valid, otherwise each byte above 0x7f as `\xNN`; then as `printable`. */
export function printableBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (!text.includes('\ufffd')) return printable(text);
  return printable(buffer.toString('latin1')).replace(/[\x80-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}
