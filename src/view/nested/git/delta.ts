// Objects of a pack that are stored as the difference to another (git, gitformat-pack, "Deltified representation").

/** A number of seven bits a byte, the lowest first, and where it ends. */
function sizeAt(delta: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let at = start; at < delta.length && at < start + 7; at++) {
    value += (delta[at] & 0x7f) * factor;
    if (delta[at] < 0x80) return { value, end: at + 1 };
    factor *= 128;
  }
  return undefined;
}

interface Instruction {
  readonly kind: 'copy' | 'insert';
  /** In the base of a copy, in the delta of an insertion. */
  readonly start: number;
  readonly length: number;
}

/** Ends at the first thing that is no instruction; returns whether that is the end of the delta. */
function* instructions(delta: Buffer, start: number): Generator<Instruction, boolean> {
  let at = start;
  while (at < delta.length) {
    const code = delta[at++];
    if (code === 0) return false;
    if (code < 0x80) {
      if (at + code > delta.length) return false;
      yield { kind: 'insert', start: at, length: code };
      at += code;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let bit = 0; bit < 7; bit++) {
      if ((code & (1 << bit)) === 0) continue;
      if (at >= delta.length) return false;
      if (bit < 4) offset += delta[at++] * 2 ** (8 * bit);
      else length += delta[at++] * 2 ** (8 * (bit - 4));
    }
    yield { kind: 'copy', start: offset, length: length === 0 ? 0x10000 : length };
  }
  return true;
}

/** The size of the object that the delta makes, undefined when the delta is too short to say it. */
export function deltaResultSize(delta: Buffer): number | undefined {
  const base = sizeAt(delta, 0);
  return base === undefined ? undefined : sizeAt(delta, base.end)?.value;
}

/** The object that the delta makes of its base, or undefined when it does not fit it. Memory: its announced size. */
export function withDelta(base: Buffer, delta: Buffer): Buffer | undefined {
  const baseSize = sizeAt(delta, 0);
  const resultSize = baseSize && sizeAt(delta, baseSize.end);
  if (baseSize?.value !== base.length || resultSize === undefined) return undefined;
  const result = Buffer.allocUnsafeSlow(resultSize.value);
  const steps = instructions(delta, resultSize.end);
  let filled = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value && filled === result.length ? result : undefined;
    const source = value.kind === 'copy' ? base : delta;
    if (value.start + value.length > source.length || filled + value.length > result.length) return undefined;
    source.copy(result, filled, value.start, value.start + value.length);
    filled += value.length;
  }
}

/** What a delta adds of its own, a line feed where something of the base stands between: all that can be read without the base. */
export function insertedBytes(delta: Buffer): Buffer {
  const pieces: Buffer[] = [];
  const lineFeed = Buffer.from('\n');
  const resultSizeStart = sizeAt(delta, 0)?.end ?? 0;
  for (const { kind, start, length } of instructions(delta, sizeAt(delta, resultSizeStart)?.end ?? 0)) {
    if (kind === 'insert') pieces.push(delta.subarray(start, start + length));
    else if (pieces.length > 0 && pieces.at(-1) !== lineFeed) pieces.push(lineFeed);
  }
  return Buffer.concat(pieces);
}
