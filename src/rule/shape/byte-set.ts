// Which bytes a single character of a pattern may be made of. All bytes above 0x7f are one: what stands there may be a character of
// UTF-8 or of latin1, and a pattern that takes any character beyond ASCII is taken to take all of them.
import type { AST } from '@eslint-community/regexpp';

export interface ByteSet {
  /** For each byte of ASCII. */
  readonly ascii: Uint8Array;
  /** How many of them there are. */
  readonly size: number;
  readonly hasOthers: boolean;
}

/** A part of a pattern that takes one character. */
export type OneCharacter = AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass;

export function isOneCharacter(element: AST.Element): element is OneCharacter {
  return ['Character', 'CharacterSet', 'CharacterClass', 'ExpressionCharacterClass'].includes(element.type);
}

export const anyByte: ByteSet = { ascii: new Uint8Array(128).fill(1), size: 128, hasOthers: true };

const known = new Map<string, ByteSet>();

/** `flags` are those of the pattern; `g`, `y` and `d` do not matter. */
export function byteSetOf(node: OneCharacter, flags: string): ByteSet {
  const key = `${flags}/${node.raw}`;
  let set = known.get(key);
  if (set === undefined) known.set(key, (set = computed(node, flags)));
  return set;
}

function computed(node: OneCharacter, flags: string): ByteSet {
  const pattern = new RegExp(`^${node.raw}$`, flags.replace(/[gydm]/g, ''));
  const ascii = Uint8Array.from({ length: 128 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));
  // Without regard to case, k is also the sign of Kelvin, and s the long s.
  const folds = flags.includes('i') && [0x6b, 0x73].some((letter) => ascii[letter] === 1);
  return { ascii, size: ascii.reduce((count, taken) => count + taken, 0), hasOthers: folds || takesOthers(node, flags) };
}

function takesOthers(node: OneCharacter | AST.CharacterClassElement | AST.ClassIntersection['left'], flags: string): boolean {
  switch (node.type) {
    case 'Character':
      return node.value > 0x7f;
    case 'CharacterClassRange':
      return node.max.value > 0x7f;
    case 'CharacterClass':
      return node.negate || node.elements.some((element) => takesOthers(element, flags));
    case 'CharacterSet':
      return node.kind === 'digit' ? node.negate : node.kind === 'word' ? node.negate || flags.includes('i') : true;
    default:
      return true;
  }
}
