// The strings of a JSON document as small texts with named places: each value with the key that gives it its meaning, arrays of words
// as the command line that they are, and what is JSON or base64 inside a string unpacked.
import { type JsonNode, parseJson, stringField } from '../model/json.ts';
import { isBinary } from '../view/text.ts';

export interface MetadataText {
  /** Where it stands, such as `config.Env[3]` or `manifest.annotations["x.y"]`; `!base64` and `!json` where it was unpacked. */
  readonly pointer: string;
  /** The pseudo path that rules with `paths` see, such as `config/Env`. */
  readonly name: string;
  readonly text: string;
  /** Characters that were put before the value to give rules its key. */
  readonly prefixLength: number;
  /** Of a command line: where each of its words begins, and the place of that word. What is found stands in a word. */
  readonly words?: readonly { readonly start: number; readonly pointer: string }[];
}

/** Values that are what they are without their key: a key before them would only confuse. */
const plainFields = new Set([
  'created_by',
  'comment',
  'author',
  'User',
  'WorkingDir',
  'mediaType',
  'digest',
  'created',
  'os',
  'architecture',
  'variant',
  'id',
  'parent',
]);
/** Arrays whose words make one command line. */
const commandFields = new Set(['Cmd', 'Entrypoint', 'Test', 'Shell', 'OnBuild', 'args']);
const deepestUnpacking = 4;
const base64 = /^(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2,3}={0,2})?$|^(?:[A-Za-z0-9_-]{4}){5,}(?:[A-Za-z0-9_-]{2,3})?$/;
const nestedLimits = { jsonDepth: 100, jsonValues: 50_000 };
/** Longer ones are not JSON documents that anybody puts into a label. */
const longestNested = 16 * 2 ** 20;

/** The texts of a document; the pointers of `config` begin at its root (`config.Env`, `history[7].created_by`). */
export function metadataTexts(documentName: string, root: JsonNode): MetadataText[] {
  const texts: MetadataText[] = [];
  const stack: { node: JsonNode; pointer: string; field: string; unpacked: number }[] = [
    { node: root, pointer: documentName === 'config' ? '' : documentName, field: '', unpacked: 0 },
  ];
  while (stack.length > 0) {
    const { node, pointer, field, unpacked } = stack.pop()!;
    if (node.kind === 'array') {
      if (commandFields.has(field) && node.items.length > 1) texts.push(commandLine(node.items, pointer, field));
      for (let i = node.items.length - 1; i >= 0; i--) stack.push({ node: node.items[i], pointer: `${pointer}[${i}]`, field, unpacked });
    } else if (node.kind === 'object') {
      const pair = nameValuePair(node);
      if (pair !== undefined)
        texts.push({ pointer: `${pointer}.value`, name: 'metadata/pair', text: `${pair.name}=${pair.value}`, prefixLength: pair.name.length + 1 });
      for (let i = node.entries.length - 1; i >= 0; i--) {
        const { key, value } = node.entries[i];
        const at = memberPointer(pointer, key);
        if (value.kind !== 'string') texts.push({ pointer: at, name: 'metadata/key', text: key, prefixLength: 0 });
        stack.push({ node: value, pointer: at, field: key, unpacked });
      }
    } else if (node.kind === 'string') {
      const nested = unpacked < deepestUnpacking ? unpack(node.value) : undefined;
      if (nested !== undefined && 'root' in nested)
        stack.push({ node: nested.root, pointer: `${pointer}${nested.mark}`, field, unpacked: unpacked + 1 });
      else if (nested !== undefined) texts.push({ pointer: `${pointer}${nested.mark}`, name: 'metadata/base64', text: nested.text, prefixLength: 0 });
      // What was unpacked as JSON was searched value by value.
      if (nested === undefined || !('root' in nested)) texts.push(textOf(node.value, pointer, field));
    }
  }
  return texts;
}

function textOf(value: string, pointer: string, field: string): MetadataText {
  const isItem = pointer.endsWith(']') && !pointer.endsWith('"]');
  const isPlain = isItem || plainFields.has(field) || field === '';
  const prefix = isPlain ? '' : `${field}=`;
  return { pointer, name: nameOf(pointer, field), text: prefix + value, prefixLength: prefix.length };
}

/** `["curl", "-u", "name:password"]` means nothing word by word. */
function commandLine(items: readonly JsonNode[], pointer: string, field: string): MetadataText {
  const words: { start: number; pointer: string }[] = [];
  let text = '';
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'string') continue;
    if (text !== '') text += ' ';
    words.push({ start: text.length, pointer: `${pointer}[${index}]` });
    text += item.value;
  }
  return { pointer, name: `config/${field}`, text, prefixLength: 0, words };
}

/** The pseudo paths that rules know. */
function nameOf(pointer: string, field: string): string {
  if (field === 'created_by') return 'history/created_by';
  const known = /(?:^|\.|_)config\.(Env|Cmd|Entrypoint|Labels|OnBuild|Shell)\b/.exec(pointer)?.[1];
  if (known !== undefined) return `config/${known}`;
  return `metadata/${field}`;
}

/** `{"name": "TOKEN", "value": "..."}`, as provenance and Kubernetes write variables. */
function nameValuePair(node: JsonNode): { readonly name: string; readonly value: string } | undefined {
  const name = stringField(node, 'name') ?? stringField(node, 'key');
  const value = stringField(node, 'value');
  return name === undefined || value === undefined ? undefined : { name, value };
}

/** `config.Env`, `manifest.annotations["x.y"]`. */
export function memberPointer(parent: string, key: string): string {
  const isWord = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key);
  if (parent === '') return isWord ? key : `[${JSON.stringify(key)}]`;
  return isWord ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}

type Unpacked = { readonly root: JsonNode; readonly mark: string } | { readonly text: string; readonly mark: string };

function unpack(value: string): Unpacked | undefined {
  if (value.length > longestNested) return undefined;
  if (/^\s*[[{]/.test(value)) {
    const root = parsed(Buffer.from(value));
    return root === undefined ? undefined : { root, mark: '!json' };
  }
  if (value.length < 20 || value.length > longestNested || !base64.test(value.replace(/\s/g, ''))) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (isBinary(bytes) || bytes.toString('utf8').includes('\ufffd')) return undefined;
  const root = /^\s*[[{]/.test(bytes.toString('latin1')) ? parsed(bytes) : undefined;
  return root === undefined ? { text: bytes.toString('utf8'), mark: '!base64' } : { root, mark: '!base64' };
}

function parsed(bytes: Buffer): JsonNode | undefined {
  try {
    return parseJson(bytes, 'a nested document', nestedLimits);
  } catch {
    // It only looked like JSON: it is searched as the string that it is.
    return undefined;
  }
}
