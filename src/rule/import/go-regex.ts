// Reads a regular expression as Go writes it (https://github.com/google/re2/wiki/Syntax): flags anywhere, named groups, POSIX classes,
// `\Q...\E`, octal escapes. What Go itself would refuse, or JavaScript cannot say, is an error.
import { UnbakeError } from '../../model/error.ts';
import { posixClass, unicodeClass } from './go-class.ts';
import type { Characters, ClassItem, RegexNode } from './regex-tree.ts';

const longestSource = 20_000;
const deepest = 200;
/** Go refuses more. */
const mostRepeats = 1000;

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

export interface GoRegex {
  readonly tree: RegexNode;
  /** How many groups capture. */
  readonly captures: number;
  /** It asks for the start or end of the whole text, which here are those of a line. */
  readonly asksForWholeText: boolean;
}

/** Throws UnbakeError `usage` with a reason that begins in lower case. */
export function parseGoRegex(source: string): GoRegex {
  if (source.length > longestSource) throw unusable(`the expression is longer than ${longestSource} characters`);
  return new Reader(source).read();
}

function unusable(reason: string): UnbakeError {
  return new UnbakeError('usage', reason);
}

class Reader {
  readonly #text: string;
  #at = 0;
  #captures = 0;
  #asksForWholeText = false;
  #flags: Flags = { i: false, m: false, s: false, U: false };

  constructor(text: string) {
    this.#text = text;
  }

  read(): GoRegex {
    const tree = this.#alternation(0);
    if (this.#at < this.#text.length) throw unusable('a ")" closes nothing');
    return { tree, captures: this.#captures, asksForWholeText: this.#asksForWholeText };
  }

  #alternation(depth: number): RegexNode {
    if (depth > deepest) throw unusable(`groups are nested more than ${deepest} deep`);
    const branches: RegexNode[] = [];
    do branches.push(this.#sequence(depth));
    while (this.#takes('|'));
    return branches.length === 1 ? branches[0]! : { kind: 'alternation', branches };
  }

  #sequence(depth: number): RegexNode {
    const items: RegexNode[] = [];
    while (this.#at < this.#text.length && !this.#looksAt('|') && !this.#looksAt(')')) {
      const quantifier = this.#quantifier();
      if (quantifier === undefined) items.push(...this.#atoms(depth));
      else {
        const inner = items.pop();
        if (inner === undefined || inner.kind === 'repeat') throw unusable('a repetition has nothing to repeat');
        items.push({ kind: 'repeat', inner, ...quantifier });
      }
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  /** Undefined when none stands here; a brace that is none is a character. */
  #quantifier(): { least: number; most: number; isLazy: boolean } | undefined {
    const match = /^(?:([*+?])|\{(\d{1,6})(?:(,)(\d{1,6})?)?\})(\??)/.exec(this.#text.slice(this.#at, this.#at + 20));
    if (match === null) return undefined;
    const [whole, sign, first, comma, second, lazy] = match;
    this.#at += whole.length;
    const isLazy = (lazy === '?') !== this.#flags.U;
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity, isLazy };
    const least = Number(first);
    const most = comma === undefined ? least : second === undefined ? Infinity : Number(second);
    if (least > mostRepeats || (most !== Infinity && most > mostRepeats) || most < least) throw unusable(`"${whole}" is no repetition`);
    return { least, most, isLazy };
  }

  /** One, or none (flags), or many (`\Q...\E`). */
  #atoms(depth: number): readonly RegexNode[] {
    const sign = this.#next();
    switch (sign) {
      case '(':
        return this.#group(depth);
      case '[':
        return [this.#class()];
      case '.':
        return [this.#characters(this.#flags.s ? [] : [{ from: 0x0a, to: 0x0a }], true)];
      case '^':
        if (!this.#flags.m) this.#asksForWholeText = true;
        return [{ kind: 'assertion', source: '^' }];
      case '$':
        return [{ kind: 'assertion', source: '$' }];
      case '\\':
        return this.#escape();
      default:
        return [this.#literal(sign)];
    }
  }

  #group(depth: number): readonly RegexNode[] {
    const outer = this.#flags;
    let capture: number | undefined;
    if (this.#takes('?')) {
      const named = /^P?<\w+>/.exec(this.#text.slice(this.#at, this.#at + 200));
      const flags = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(this.#text.slice(this.#at, this.#at + 20));
      if (named !== null) capture = ++this.#captures;
      else if (flags === null) throw unusable(`"(?${this.#text.slice(this.#at, this.#at + 2)}" is no group of Go's`);
      else this.#flags = changed(outer, flags[1]!, flags[2] ?? '');
      this.#at += (named ?? flags)![0].length;
      if (flags?.[3] === ')') return [];
    } else capture = ++this.#captures;
    const inner = this.#alternation(depth + 1);
    if (!this.#takes(')')) throw unusable('a "(" is not closed');
    this.#flags = outer;
    return [{ kind: 'group', inner, ...(capture === undefined ? {} : { capture }) }];
  }

  #escape(): readonly RegexNode[] {
    const rest = this.#text.slice(this.#at);
    if (rest.startsWith('Q')) {
      const end = rest.indexOf('\\E');
      this.#at += end === -1 ? rest.length : end + 2;
      return Array.from(rest.slice(1, end === -1 ? undefined : end), (sign) => this.#literal(sign));
    }
    const sign = this.#next();
    switch (sign) {
      case 'A':
        this.#asksForWholeText = true;
        return [{ kind: 'assertion', source: '(?<![^])' }];
      case 'z':
        return [{ kind: 'assertion', source: '(?![^])' }];
      case 'b':
      case 'B':
        return [{ kind: 'assertion', source: `\\${sign}` }];
      default:
        return [this.#characters(this.#escapedItems(sign), false)];
    }
  }

  #class(): RegexNode {
    const isNegated = this.#takes('^');
    const items: ClassItem[] = [];
    for (let isFirst = true; isFirst || !this.#looksAt(']'); isFirst = false) {
      if (this.#at >= this.#text.length) throw unusable('a "[" is not closed');
      const posix = /^\[:(\^?[a-z]+):\]/.exec(this.#text.slice(this.#at, this.#at + 20));
      if (posix !== null) {
        const known = posixClass(posix[1]!);
        if (known === undefined) throw unusable(`"${posix[0]}" is no class of characters`);
        items.push(...known);
        this.#at += posix[0].length;
        continue;
      }
      const first = this.#classItems();
      const from = pointOf(first);
      if (from === undefined || !/^-[^\]]/.test(this.#text.slice(this.#at, this.#at + 2))) items.push(...first);
      else {
        this.#at++;
        const to = pointOf(this.#classItems());
        if (to === undefined || to < from) throw unusable('a range of characters runs backwards');
        items.push({ from, to });
      }
    }
    this.#at++;
    return this.#characters(items, isNegated);
  }

  #classItems(): readonly ClassItem[] {
    const sign = this.#next();
    return sign === '\\' ? this.#escapedItems(this.#next()) : [point(sign.codePointAt(0)!)];
  }

  /** What stands behind a backslash, in a class or outside. */
  #escapedItems(sign: string): readonly ClassItem[] {
    if (/^[dDsSwW]$/.test(sign)) return [{ escape: `\\${sign}` }];
    const control = { a: 0x07, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b }[sign];
    if (control !== undefined) return [point(control)];
    const rest = this.#text.slice(this.#at, this.#at + 60);
    const numbered = sign === 'x' ? /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})/.exec(rest) : null;
    if (numbered !== null) {
      const code = Number.parseInt(numbered[1] ?? numbered[2]!, 16);
      this.#at += numbered[0].length;
      if (code <= 0x10ffff) return [point(code)];
    }
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(sign + rest);
    if (octal !== null) {
      this.#at += octal[0].length - 1;
      return [point(Number.parseInt(octal[0], 8))];
    }
    const property = /^[pP]$/.test(sign) ? /^(?:([A-Z])|\{(\^?\w{1,40})\})/.exec(rest) : null;
    const known = property === null ? undefined : unicodeClass(property[1] ?? property[2]!, sign === 'P');
    if (known !== undefined) {
      this.#at += property![0].length;
      return [known];
    }
    if (/^[!-/:-@[-`{-~]$/.test(sign)) return [point(sign.codePointAt(0)!)];
    throw unusable(`the escape "\\${sign}" has no meaning here`);
  }

  #literal(sign: string): Characters {
    return this.#characters([point(sign.codePointAt(0)!)], false);
  }

  #characters(items: readonly ClassItem[], isNegated: boolean): Characters {
    return { kind: 'characters', items, isNegated, ignoresCase: this.#flags.i };
  }

  #next(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw unusable('it ends in the middle');
    const sign = String.fromCodePoint(code);
    this.#at += sign.length;
    return sign;
  }

  #looksAt(sign: string): boolean {
    return this.#text[this.#at] === sign;
  }

  #takes(sign: string): boolean {
    if (!this.#looksAt(sign)) return false;
    this.#at++;
    return true;
  }
}

function point(code: number): ClassItem {
  return { from: code, to: code };
}

/** The code point of a single one. */
function pointOf(items: readonly ClassItem[]): number | undefined {
  const [item] = items;
  return items.length === 1 && item !== undefined && 'from' in item && item.from === item.to ? item.from : undefined;
}

function changed(flags: Flags, on: string, off: string): Flags {
  const over: Record<string, boolean> = {};
  for (const letter of on) over[letter] = true;
  for (const letter of off) over[letter] = false;
  return { ...flags, ...over };
}
