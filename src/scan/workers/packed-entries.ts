// The entries of a layer on their way to another thread: their numbers change hands as one buffer, their names are copied as one text. As
// objects, a few hundred thousand of them would take a second.
import type { Entry, EntryKind } from '../../model/entry.ts';

export interface PackedEntries {
  /** `width` of each entry. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  /** All names, and how long each is: of every entry its path, then, where a flag says so, its raw path and its link target. */
  readonly text: string;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

const kinds: readonly EntryKind[] = ['file', 'directory', 'symlink', 'hardlink', 'device', 'fifo', 'other'];
const kindBits = 0b111;
const behindEnd = 8;
const sparse = 16;
const ownRawPath = 32;
const linked = 64;

/** Of each entry: index, size, mode, uid, gid, mtime, start and end of its span. */
const width = 8;

export function packEntries(entries: readonly Entry[]): PackedEntries {
  const numbers = new Float64Array(entries.length * width);
  const flags = new Uint8Array(entries.length);
  const texts: string[] = [];
  let at = 0;
  for (let position = 0; position < entries.length; position++) {
    const { index, size, mode, uid, gid, mtime, span, kind, path, rawPath, linkTarget, isBehindEnd, isSparse } = entries[position]!;
    numbers[at++] = index;
    numbers[at++] = size;
    numbers[at++] = mode;
    numbers[at++] = uid;
    numbers[at++] = gid;
    numbers[at++] = mtime;
    numbers[at++] = span.start;
    numbers[at++] = span.end;
    let flag = kinds.indexOf(kind);
    texts.push(path);
    if (rawPath !== path) {
      flag |= ownRawPath;
      texts.push(rawPath);
    }
    if (linkTarget !== undefined) {
      flag |= linked;
      texts.push(linkTarget);
    }
    if (isBehindEnd) flag |= behindEnd;
    if (isSparse === true) flag |= sparse;
    flags[position] = flag;
  }
  const lengths = new Uint32Array(texts.length);
  for (let index = 0; index < texts.length; index++) lengths[index] = texts[index]!.length;
  return { numbers, flags, text: texts.join(''), lengths };
}

export function unpackEntries({ numbers, flags, text, lengths }: PackedEntries): Entry[] {
  const entries: Entry[] = [];
  let next = 0;
  let offset = 0;
  const nextText = (): string => {
    const start = offset;
    offset += lengths[next++]!;
    return text.slice(start, offset);
  };
  for (let position = 0, at = 0; position < flags.length; position++, at += width) {
    const flag = flags[position]!;
    const path = nextText();
    const entry: Entry = {
      index: numbers[at]!,
      rawPath: (flag & ownRawPath) === 0 ? path : nextText(),
      path,
      kind: kinds[flag & kindBits]!,
      size: numbers[at + 1]!,
      mode: numbers[at + 2]!,
      uid: numbers[at + 3]!,
      gid: numbers[at + 4]!,
      mtime: numbers[at + 5]!,
      linkTarget: (flag & linked) === 0 ? undefined : nextText(),
      span: { start: numbers[at + 6]!, end: numbers[at + 7]! },
      isBehindEnd: (flag & behindEnd) !== 0,
    };
    entries.push((flag & sparse) === 0 ? entry : { ...entry, isSparse: true });
  }
  return entries;
}
