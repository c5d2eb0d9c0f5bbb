// Python's marshal format (CPython, Python/marshal.c), as far as code needs it: texts, bytes, lists of them and code objects.
import { ByteWalk } from './byte-walk.ts';
import { damaged } from './content.ts';
import type { PythonForm } from './python-versions.ts';

export interface PythonCode {
  /** Arguments that can be given by position. */
  readonly argumentCount: number;
  readonly code: Buffer;
  readonly constants: readonly PythonValue[];
  readonly names: readonly PythonValue[];
  readonly variables: readonly PythonValue[];
}

/** Undefined: a number, or whatever else holds no text. */
export type PythonValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly text: string | undefined }
  | { readonly kind: 'list'; readonly items: readonly PythonValue[] }
  | { readonly kind: 'code'; readonly code: PythonCode }
  | undefined;

/** CPython itself allows 2,000. */
const deepest = 200;
/** A file of 16 MiB has no more values than these, unless it was made to have them. */
const mostValues = 2_000_000;
const withReference = 0x80;

/** Reads one value behind the other. Throws UnbakeError `damaged`. */
export class Marshal {
  readonly #walk: ByteWalk;
  readonly #form: PythonForm;
  readonly #references: PythonValue[] = [];
  /** Texts that Python 2 refers to by their number. */
  readonly #interned: PythonValue[] = [];
  #values = 0;

  constructor(walk: ByteWalk, form: PythonForm) {
    this.#walk = walk;
    this.#form = form;
  }

  value(depth = 0): PythonValue {
    if (depth > deepest || ++this.#values > mostValues) throw damaged('the marshalled values stand too deep in each other, or are too many');
    const type = this.#walk.u8();
    // The place is taken before what stands in the value takes its own.
    const place = type >= withReference ? this.#references.push(undefined) - 1 : undefined;
    const value = this.#read(String.fromCharCode(type & 0x7f), depth);
    if (place !== undefined) this.#references[place] = value;
    return value;
  }

  #read(type: string, depth: number): PythonValue {
    const walk = this.#walk;
    switch (type) {
      case '0':
      case 'N':
      case 'T':
      case 'F':
      case 'S':
      case '.':
        return undefined;
      case 'i':
        return this.#passed(4);
      case 'I':
      case 'g':
        return this.#passed(8);
      case 'y':
        return this.#passed(16);
      case 'l':
        return this.#passed(2 * Math.abs(walk.i32le()));
      case 'f':
        return this.#passed(walk.u8());
      case 'x':
        this.#passed(walk.u8());
        return this.#passed(walk.u8());
      case 's': {
        const bytes = walk.take(walk.u32le());
        return { kind: 'bytes', bytes, text: decodedText(bytes) };
      }
      case 't': {
        const value = this.#text(walk.u32le(), 'utf8');
        this.#interned.push(value);
        return value;
      }
      case 'R':
        return this.#interned[walk.u32le()];
      case 'u':
        return this.#text(walk.u32le(), 'utf8');
      case 'a':
      case 'A':
        return this.#text(walk.u32le(), 'latin1');
      case 'z':
      case 'Z':
        return this.#text(walk.u8(), 'latin1');
      case 'r':
        return this.#references[walk.u32le()];
      case ')':
        return this.#list(walk.u8(), depth);
      case '(':
      case '[':
      case '<':
      case '>':
        return this.#list(walk.u32le(), depth);
      case ':':
        return this.#list(3, depth);
      case '{':
        return this.#dictionary(depth);
      case 'c':
        return { kind: 'code', code: this.#code(depth) };
      default:
        throw damaged(`no marshalled value has the type ${JSON.stringify(type)}`);
    }
  }

  #passed(length: number): undefined {
    this.#walk.skip(length);
    return undefined;
  }

  #text(length: number, encoding: 'utf8' | 'latin1'): PythonValue {
    return { kind: 'text', text: this.#walk.take(length).toString(encoding) };
  }

  #list(count: number, depth: number): PythonValue {
    const items: PythonValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    return { kind: 'list', items };
  }

  /** Ends at a key that is nothing at all. */
  #dictionary(depth: number): PythonValue {
    const items: PythonValue[] = [];
    while (this.#walk.bytes[this.#walk.at] !== 0x30) items.push(this.value(depth + 1));
    this.#walk.skip(1);
    return { kind: 'list', items };
  }

  #code(depth: number): PythonCode {
    const counts = Array.from({ length: this.#form.counts }, () => this.#walk.i32le());
    const next = () => this.value(depth + 1);
    const [code, constants, names, variables] = [next(), next(), next(), next()];
    const { hasLocalsPlus, hasQualifiedName } = this.#form;
    // The kinds of variables; or those of enclosing functions and for inner ones.
    next();
    if (!hasLocalsPlus) next();
    next();
    next();
    if (hasQualifiedName) next();
    this.#walk.skip(4);
    next();
    if (hasQualifiedName) next();
    return {
      argumentCount: counts[0],
      code: code?.kind === 'bytes' ? code.bytes : Buffer.alloc(0),
      constants: itemsOf(constants),
      names: itemsOf(names),
      variables: itemsOf(variables),
    };
  }
}

function itemsOf(value: PythonValue): readonly PythonValue[] {
  return value?.kind === 'list' ? value.items : [];
}

/** Text, or bytes that are text. */
export function textOf(value: PythonValue): string | undefined {
  return value?.kind === 'text' || value?.kind === 'bytes' ? value.text : undefined;
}

function decodedText(bytes: Buffer): string | undefined {
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return undefined;
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}
