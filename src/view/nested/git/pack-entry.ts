// The head of one object in a pack (git, gitformat-pack, "Pack files have the following format").
import type { Window } from '../window.ts';
import type { ObjectType } from './object-head.ts';

export type PackEntry = {
  readonly offset: number;
  /** Decoded bytes: of the object, or of the delta. */
  readonly size: number;
  /** Where the zlib stream begins. */
  readonly dataStart: number;
} & (
  | { readonly kind: 'object'; readonly type: ObjectType }
  | { readonly kind: 'offset-delta'; readonly base: number }
  /** `base` is the SHA-1, held as latin1. */
  | { readonly kind: 'name-delta'; readonly base: string }
);

const types: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const nameLength = 20;

/** undefined: no object begins at `offset`. */
export async function packEntryAt(window: Window, offset: number): Promise<PackEntry | undefined> {
  const head = await window.read(offset, 64);
  if (head.length === 0) return undefined;
  const code = (head[0] >> 4) & 7;
  let size = head[0] & 0x0f;
  let factor = 16;
  let at = 1;
  while (head[at - 1] >= 0x80) {
    if (at >= head.length || at > 7) return undefined;
    size += (head[at] & 0x7f) * factor;
    factor *= 128;
    at++;
  }
  if (code in types) return { kind: 'object', type: types[code], offset, size, dataStart: offset + at };
  if (code === 7) {
    if (head.length < at + nameLength) return undefined;
    return { kind: 'name-delta', base: head.toString('latin1', at, at + nameLength), offset, size, dataStart: offset + at + nameLength };
  }
  if (code !== 6) return undefined;
  // Each byte but the last stands for one more, so that no number has two forms.
  let distance = -1;
  const most = Math.min(head.length, at + 8);
  do {
    if (at >= most) return undefined;
    distance = (distance + 1) * 128 + (head[at] & 0x7f);
  } while (head[at++] >= 0x80);
  const base = offset - distance;
  return distance > 0 && base >= 12 ? { kind: 'offset-delta', base, offset, size, dataStart: offset + at } : undefined;
}
