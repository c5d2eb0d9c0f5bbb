// Output cut into what a record of the log holds: a line with its newline, or 16 KiB of a longer one, as docker does.
const longestPiece = 16 * 1024;
const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** One stream. Holds what has no newline yet: at most 16 KiB. */
export class LogPieces {
  #rest: Buffer = nothing;

  /** The pieces that are complete now; they may be parts of `chunk` itself. No piece ends inside of a UTF-8 sequence that could be valid. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: Buffer[] = [];
    let from = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(newline, from) + 1;
      const end = lineEnd === 0 ? bytes.length : lineEnd;
      for (; end - from > longestPiece;) {
        const cut = boundaryBefore(bytes, from + longestPiece);
        pieces.push(bytes.subarray(from, cut));
        from = cut;
      }
      if (lineEnd === 0) break;
      pieces.push(bytes.subarray(from, end));
      from = end;
    }
    this.#rest = from === bytes.length ? nothing : Buffer.from(bytes.subarray(from));
    return pieces;
  }

  /** The last line, when it has no newline. */
  end(): Buffer[] {
    const rest = this.#rest;
    this.#rest = nothing;
    return rest.length === 0 ? [] : [rest];
  }
}

/** `cut`, or up to three bytes before it: where the character begins that `cut` would split. */
function boundaryBefore(bytes: Buffer, cut: number): number {
  for (let back = 0; back <= 3; back++) {
    const byte = bytes[cut - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? cut - back : cut;
  }
  return cut;
}
