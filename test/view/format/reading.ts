// A file as the scan meets it: told by its first bytes, then read whole.
import assert from 'node:assert/strict';
import { findKinds, type FormatContent, type FormatKind, formatOf, readFormat } from '../../../src/view/format/format.ts';

/** Fails when the file is told to be of another format, or has a find that no rule is for. */
export function read(kind: FormatKind, file: Buffer, name = 'srv/file'): FormatContent {
  assert.equal(formatOf(file.subarray(0, 512), name), kind);
  const content = readFormat(kind, file, name);
  for (const find of content.finds) assert.ok((findKinds as readonly string[]).includes(find.kind), find.kind);
  return content;
}

/** Each find in one line: its kind, severity and what was proved. */
export function told(content: FormatContent): readonly string[] {
  return content.finds.map(({ kind, severity, proved }) => `${kind} ${severity ?? '-'}: ${proved.join('; ')}`);
}

/** The lines of the one text. */
export function linesOf(content: FormatContent): readonly string[] {
  assert.equal(content.texts.length, 1);
  return content.texts[0].text.toString('utf8').trimEnd().split('\n');
}
