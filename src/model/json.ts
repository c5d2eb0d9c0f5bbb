// JSON of an image, read as the container engines read it (Go's encoding/json: the last of duplicate keys wins, the case of keys is
// ignored) and kept whole: duplicates and unknown keys stay in the tree, for every string of it is searched. `__proto__` is a key.
import { UnbakeError } from './error.ts';
import type { Limits } from './limits.ts';
import type { Span } from './span.ts';

/** `span` is where the value stands in the bytes that were parsed, quotes and brackets included. */
export type JsonNode = { readonly span: Span } & (
  | { readonly kind: 'object'; readonly entries: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'scalar'; readonly value: number | boolean | null }
);

export interface JsonMember {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: JsonNode;
}

type Open = { readonly start: number } & (
  | { readonly kind: 'object'; readonly entries: JsonMember[]; key: { readonly value: string; readonly span: Span } | undefined }
  | { readonly kind: 'array'; readonly items: JsonNode[] }
);

const space = /[\t\n\r ]*/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![0-9a-zA-Z.])/y;

/**
 * Throws UnbakeError `damaged` with the offset of what is wrong, or `limit` when there are more values, or deeper ones, than `limits` allow. `where` names the
 * document. Text behind the value is told to `onTrailing`, or wrong without it.
 */
export function parseJson(
  bytes: Uint8Array,
  where: string,
  limits: Pick<Limits, 'jsonDepth' | 'jsonValues'>,
  onTrailing?: (error: UnbakeError) => void,
): JsonNode {
  // One character a byte: structure is ASCII, offsets are bytes, and only strings are decoded.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const stack: Open[] = [];
  let values = 0;
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  const skipSpace = () => {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
  };
  const wrong = (expected: string) =>
    new UnbakeError(
      'damaged',
      `${where} is not valid JSON: expected ${expected} at byte ${at}, ${at < text.length ? 'found something else' : 'it ends there'}`,
    );
  const takeString = () => {
    const start = at;
    const match = stringAt(text, at);
    if (match === undefined) throw wrong('a string');
    at = match.end;
    return { value: match.value, span: { start, end: at } };
  };

  for (;;) {
    // A value, or the end of the one that is open.
    skipSpace();
    let node: JsonNode | undefined;
    const open = stack.at(-1);
    const character = text[at];
    if (open?.kind === 'object' && open.key === undefined) {
      if (character === '}') {
        at++;
        stack.pop();
        node = { kind: 'object', entries: open.entries, span: { start: open.start, end: at } };
      } else {
        open.key = takeString();
        skipSpace();
        if (text[at] !== ':') throw wrong('":"');
        at++;
        continue;
      }
    } else if (open?.kind === 'array' && character === ']') {
      at++;
      stack.pop();
      node = { kind: 'array', items: open.items, span: { start: open.start, end: at } };
    } else if (character === '{' || character === '[') {
      if (stack.length === limits.jsonDepth)
        throw new UnbakeError('limit', `${where} is nested deeper than ${limits.jsonDepth} values`, {
          limit: 'jsonDepth',
          hint: 'raise it with --limit jsonDepth=N',
        });
      const start = at++;
      stack.push(character === '{' ? { kind: 'object', entries: [], key: undefined, start } : { kind: 'array', items: [], start });
      continue;
    } else if (character === '"') {
      node = { kind: 'string', ...takeString() };
    } else {
      scalar.lastIndex = at;
      const match = scalar.exec(text);
      if (match === null) throw wrong('a value');
      const start = at;
      at = scalar.lastIndex;
      node = { kind: 'scalar', value: JSON.parse(match[0]) as number | boolean | null, span: { start, end: at } };
    }

    if (++values > limits.jsonValues) {
      throw new UnbakeError('limit', `${where} has more than ${limits.jsonValues} values`, {
        limit: 'jsonValues',
        hint: 'raise it with --limit jsonValues=N',
      });
    }
    // The value is whole: it belongs to what is open around it.
    const around = stack.at(-1);
    skipSpace();
    if (around === undefined) {
      if (at < text.length) {
        if (onTrailing === undefined) throw wrong('the end');
        onTrailing(wrong('the end'));
      }
      return node;
    }
    if (around.kind === 'object') {
      around.entries.push({ key: around.key!.value, keySpan: around.key!.span, value: node });
      around.key = undefined;
    } else {
      around.items.push(node);
    }
    const end = around.kind === 'object' ? '}' : ']';
    if (text[at] === ',') {
      at++;
      skipSpace();
      if (text[at] === end) throw wrong('a value');
    } else if (text[at] !== end) {
      throw wrong(`"," or "${end}"`);
    }
  }
}

/** Without a regular expression over the whole string: those overflow the stack on strings of megabytes. */
function stringAt(text: string, at: number): { readonly value: string; readonly end: number } | undefined {
  if (text[at] !== '"') return undefined;
  let end = at + 1;
  for (;;) {
    const quote = text.indexOf('"', end);
    if (quote < 0) return undefined;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    end = quote + 1;
    if (backslashes % 2 === 0) break;
  }
  try {
    return { value: JSON.parse(Buffer.from(text.slice(at, end), 'latin1').toString('utf8')) as string, end };
  } catch {
    return undefined;
  }
}

/** The value that Go's reader would take for this field: the last one whose key is the same but for case. */
export function field(node: JsonNode | undefined, name: string): JsonNode | undefined {
  if (node?.kind !== 'object') return undefined;
  const wanted = name.toLowerCase();
  return node.entries.findLast(({ key }) => key.toLowerCase() === wanted)?.value;
}

export function stringField(node: JsonNode | undefined, name: string): string | undefined {
  const value = field(node, name);
  return value?.kind === 'string' ? value.value : undefined;
}

export function numberField(node: JsonNode | undefined, name: string): number | undefined {
  const value = field(node, name);
  return value?.kind === 'scalar' && typeof value.value === 'number' ? value.value : undefined;
}

export function isTrue(node: JsonNode | undefined, name: string): boolean {
  const value = field(node, name);
  return value?.kind === 'scalar' && value.value === true;
}

/** The items of an array field, [] when it is absent or null. Throws UnbakeError `damaged` when it is something else. */
export function arrayField(node: JsonNode | undefined, name: string, where: string): readonly JsonNode[] {
  const value = field(node, name);
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return [];
  if (value.kind === 'array') return value.items;
  throw new UnbakeError('damaged', `${where}.${name} should be an array and is ${value.kind === 'object' ? 'an object' : `a ${value.kind}`}`);
}

/** Keys that stand twice in one object, or differ from a known field only by case: `pointer` says where. */
export function oddKeys(root: JsonNode, known: readonly string[], where: string): string[] {
  const odd: string[] = [];
  if (root.kind !== 'object') return odd;
  const seen = new Set<string>();
  for (const { key } of root.entries) {
    if (seen.has(key)) odd.push(`${where} has the key ${JSON.stringify(key)} twice: the last one is taken`);
    seen.add(key);
    const field = known.find((name) => name.toLowerCase() === key.toLowerCase());
    if (field !== undefined && field !== key) odd.push(`${where} has the key ${JSON.stringify(key)} for ${field}`);
  }
  return odd;
}
