// A class file of Java (JVM specification, chapter 4): its string constants, with the names of fields and methods that they are given to.
import { ByteWalk } from './byte-walk.ts';
import { ConstantText } from './constant-text.ts';
import type { Gathered } from './content.ts';
import { pairsOf } from './java-code.ts';
import { type ConstantPool, poolAt } from './java-constants.ts';

/** A fat binary of macOS begins alike, with the number of its architectures where a class has its version, 45 or more. */
export function isJavaClass(head: Buffer): boolean {
  return head.length >= 10 && head.readUInt32BE(0) === 0xcafebabe && head.readUInt16BE(6) >= 45;
}

/** Throws UnbakeError `damaged` where it ends too early. What was read until then stays. */
export function readJavaClass(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file, 8);
  const text = new ConstantText();
  const { pool, strings } = poolAt(walk);
  const paired = new Set<string>();
  try {
    for (const { name, value } of memberPairs(walk, pool)) {
      if (text.pair(name, value)) paired.add(value);
    }
  } finally {
    for (const value of strings) if (!paired.has(value)) text.alone(value);
    gathered.text('constants', text.toBuffer());
  }
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Sections 4.1, 4.5, 4.6 and 4.7: fields with the value that they begin with, and methods with their code. */
function* memberPairs(walk: ByteWalk, pool: ConstantPool): Generator<Pair> {
  walk.skip(6);
  walk.skip(2 * walk.u16());
  for (const kind of ['field', 'method'] as const) {
    for (let count = walk.u16(); count > 0; count--) {
      walk.skip(2);
      const name = pool.text(walk.u16());
      walk.skip(2);
      for (let attributes = walk.u16(); attributes > 0; attributes--) {
        const attribute = pool.text(walk.u16());
        const body = walk.take(walk.u32());
        if (kind === 'method' && attribute === 'Code' && body.length >= 8) {
          yield* pairsOf(body.subarray(8, 8 + body.readUInt32BE(4)), pool);
        } else if (kind === 'field' && attribute === 'ConstantValue' && body.length === 2 && name !== undefined) {
          const value = pool.string(body.readUInt16BE(0));
          if (value !== undefined) yield { name, value };
        }
      }
    }
  }
}
