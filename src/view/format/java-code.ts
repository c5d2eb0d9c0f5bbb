// Bytecode of Java (JVM specification, chapter 6), followed as far as it takes to see which name a string constant is given to:
// `this.password = "x"`, `setPassword("x")`, `properties.put("password", "x")`.
import type { ConstantPool } from './java-constants.ts';

const ldc = 0x12;
const ldcWide = 0x13;
const putStatic = 0xb3;
const putField = 0xb5;
const invokeVirtual = 0xb6;
const invokeInterface = 0xb9;
const tableSwitch = 0xaa;
const lookupSwitch = 0xab;
const wide = 0xc4;
const increment = 0x84;

/** Bytes of an instruction by its first; 0 where that is not enough to tell. */
const lengths = Uint8Array.from({ length: 202 }, (_, code) => lengthOf(code));

function lengthOf(code: number): number {
  if (code === tableSwitch || code === lookupSwitch || code === wide) return 0;
  if (code === 0x10 || code === ldc || code === 0xbc || code === 0xa9) return 2;
  if ((code >= 0x15 && code <= 0x19) || (code >= 0x36 && code <= 0x3a)) return 2;
  if (code === 0x11 || code === 0x13 || code === 0x14 || code === increment) return 3;
  if (code >= 0x99 && code <= 0xa8) return 3;
  if (code >= 0xb2 && code <= 0xb8) return 3;
  if (code === 0xb9 || code === 0xba || code === 0xc8 || code === 0xc9) return 5;
  if (code === 0xbb || code === 0xbd || code === 0xc0 || code === 0xc1 || code === 0xc6 || code === 0xc7) return 3;
  return code === 0xc5 ? 4 : 1;
}

/** Setters, and the methods of builders that are called as what they set: not those that ask for something. */
const setter =
  /^(?!(?:getenv|get|is|has|find|read|load|log|print|equals|contains|starts|ends|index|append|parse|check|require|match|lookup|remove|resolve|of)(?![a-z]))(?:set|with)?([A-Za-z]\w*)$/;
const plainKey = /^[\w.-]{1,80}$/;
const longestName = 128;
const longestType = 256;

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Values with the names that they are given to. Ends at the first byte that is no instruction. */
export function* pairsOf(code: Buffer, pool: ConstantPool): Generator<Pair> {
  /** The texts that were pushed last, one behind the other. */
  let pushed: string[] = [];
  for (let at = 0; at < code.length;) {
    const instruction = code[at];
    const length = lengths[instruction] || variableLength(code, at);
    if (!(length > 0) || at + length > code.length) return;
    const text = instruction === ldc ? pool.string(code[at + 1]) : instruction === ldcWide ? pool.string(code.readUInt16BE(at + 1)) : undefined;
    if (text !== undefined) pushed = [...pushed.slice(-1), text];
    else {
      const member = isGiving(instruction) && pushed.length > 0 ? pool.member(code.readUInt16BE(at + 1)) : undefined;
      if (member !== undefined) yield* given(instruction, member, pushed);
      pushed = [];
    }
    at += length;
  }
}

function isGiving(instruction: number): boolean {
  return instruction === putStatic || (instruction >= putField && instruction <= invokeInterface);
}

function* given(instruction: number, { name, type }: { readonly name: string; readonly type: string }, pushed: readonly string[]): Generator<Pair> {
  const value = pushed.at(-1)!;
  if (name.length > longestName || type.length > longestType) return;
  if (instruction < invokeVirtual) return yield { name, value };
  const parameters = /^\((.*)\)/.exec(type)?.[1] ?? '';
  const [key] = pushed;
  // The text may be taken as any object, as by a map.
  if (pushed.length === 2 && /^(?:Ljava\/lang\/(?:String|Object|CharSequence);){2}$/.test(parameters)) {
    if (plainKey.test(key)) yield { name: key, value };
  } else if (/^Ljava\/lang\/(?:String|Object|CharSequence);$/.test(parameters)) {
    const property = setter.exec(name)?.[1];
    if (property !== undefined && name !== '<init>') yield { name: property, value };
  }
}

/** Of switches, whose operands begin at a multiple of four, and of instructions with wide operands. */
function variableLength(code: Buffer, at: number): number {
  const instruction = code[at];
  if (instruction === wide) return code[at + 1] === increment ? 6 : 4;
  const operands = 4 * Math.floor(at / 4) + 4;
  if (operands + 12 > code.length) return 0;
  if (instruction === lookupSwitch) return operands + 8 + 8 * code.readUInt32BE(operands + 4) - at;
  if (instruction !== tableSwitch) return 0;
  return operands + 12 + 4 * (code.readInt32BE(operands + 8) - code.readInt32BE(operands + 4) + 1) - at;
}
