// The constant pool of a Java class (JVM specification, section 4.4): texts, and the names of fields and methods.
import type { ByteWalk } from './byte-walk.ts';
import { damaged } from './content.ts';

/** The constants that are wanted, by their index. */
export interface ConstantPool {
  /** The text of a Utf8 constant. */
  text(index: number): string | undefined;
  /** The text of a String constant. */
  string(index: number): string | undefined;
  /** Name and type of the field or method that a reference names. */
  member(index: number): { readonly name: string; readonly type: string } | undefined;
}

/** Section 4.4. Constants of eight bytes take two indices. Throws UnbakeError `damaged`. */
export function poolAt(walk: ByteWalk): { readonly pool: ConstantPool; readonly strings: readonly string[] } {
  const count = walk.u16();
  const texts = new Map<number, Buffer>();
  const strings = new Map<number, number>();
  const references = new Map<number, number>();
  const namesAndTypes = new Map<number, { readonly name: number; readonly type: number }>();
  for (let index = 1; index < count; index++) {
    const tag = walk.u8();
    if (tag === 1) texts.set(index, walk.take(walk.u16()));
    else if (tag === 5 || tag === 6) {
      walk.skip(8);
      index++;
    } else if (tag === 8) strings.set(index, walk.u16());
    else if (tag === 7 || tag === 16 || tag === 19 || tag === 20) walk.skip(2);
    else if (tag === 9 || tag === 10 || tag === 11) {
      walk.skip(2);
      references.set(index, walk.u16());
    } else if (tag === 12) namesAndTypes.set(index, { name: walk.u16(), type: walk.u16() });
    else if (tag === 15) walk.skip(3);
    else if (tag === 3 || tag === 4 || tag === 17 || tag === 18) walk.skip(4);
    else throw damaged(`constant ${index} of the Java class has the type ${tag}`);
  }
  // Code may name the same constant again and again.
  const decoded = new Map<number, string>();
  const text = (index: number): string | undefined => {
    const bytes = texts.get(index);
    if (bytes === undefined) return undefined;
    const known = decoded.get(index) ?? bytes.toString('utf8');
    decoded.set(index, known);
    return known;
  };
  const pool: ConstantPool = {
    text,
    string: (index) => text(strings.get(index) ?? 0),
    member(index) {
      const parts = namesAndTypes.get(references.get(index) ?? 0);
      const [name, type] = [text(parts?.name ?? 0), text(parts?.type ?? 0)];
      return name === undefined || type === undefined ? undefined : { name, type };
    },
  };
  return { pool, strings: [...strings.values()].map((index) => text(index)).filter((value) => value !== undefined) };
}
