// A compiled file of Python (`.pyc`): its text constants, with the names that they are given to where the bytecode shows it.
import { ByteWalk } from './byte-walk.ts';
import { ConstantText } from './constant-text.ts';
import type { Gathered } from './content.ts';
import { Marshal, type PythonCode, type PythonValue, textOf } from './marshal.ts';
import { pythonPairs } from './python-code.ts';
import { pythonFormOf } from './python-versions.ts';

/** The number of a version, CR and LF; the first value behind the header is code. */
export function isPythonBytecode(head: Buffer): boolean {
  if (head.length < 20 || head[2] !== 0x0d || head[3] !== 0x0a) return false;
  const form = pythonFormOf(head.readUInt16LE(0));
  return form !== undefined && (head[form.headerSize] & 0x7f) === 0x63;
}

/** Throws UnbakeError `damaged` where it ends too early: then nothing of it is shown. */
export function readPythonBytecode(file: Buffer, gathered: Gathered): void {
  if (file.length < 16) return;
  const form = pythonFormOf(file.readUInt16LE(0));
  if (form === undefined) return;
  const root = new Marshal(new ByteWalk(file, form.headerSize), form).value();
  if (root?.kind !== 'code') return;
  const text = new ConstantText();
  // A reference may name the same code again, and a list the list that it stands in.
  const seen = new Set<PythonCode>([root.code]);
  const lists = new Set<readonly PythonValue[]>();
  const budget = { left: 4 * file.length + 1_000_000 };
  for (const code of seen) {
    const paired = new Set<string>();
    for (const { name, value } of form.operations === undefined ? [] : pythonPairs(code, form.operations, budget)) {
      if (text.pair(name, value)) paired.add(value);
    }
    for (const value of withinLists(code.constants, lists)) {
      if (value?.kind === 'code') seen.add(value.code);
      const content = textOf(value);
      if (content !== undefined && !paired.has(content)) text.alone(content);
    }
  }
  gathered.text('constants', text.toBuffer());
}

/** The values, and those in lists among them, but for lists that were seen: these are added. */
function* withinLists(values: readonly PythonValue[], seen: Set<readonly PythonValue[]>): Generator<PythonValue> {
  const lists = [values];
  for (const list of lists) {
    if (seen.has(list)) continue;
    seen.add(list);
    for (const value of list) {
      if (value?.kind === 'list') lists.push(value.items);
      else yield value;
    }
  }
}
