// The way back from a text that was decoded to the place where it stands encoded.
import type { Position } from '../model/finding.ts';
import { advance, type Cursor } from '../view/cursor.ts';
import type { DecodedRun } from '../view/encoded/encoded.ts';

export interface EncodedSource {
  readonly run: DecodedRun;
  /** The bytes of the document from the run's start to its end; undefined when they are no longer held. */
  readonly bytes: Buffer | undefined;
}

/** Where the decoded bytes from `from` to `to` stand; `cursor` is that of the run's start. */
export function positionIn({ run, bytes }: EncodedSource, cursor: Cursor, from: number, to: number): Position {
  const { start, end } = run.sourceOf(from, to);
  const first = bytes === undefined ? cursor : advance(cursor, bytes.subarray(0, start - run.start));
  const last = bytes === undefined ? first : advance(first, bytes.subarray(start - run.start, end - run.start));
  return { line: first.line, column: first.column, endLine: last.line, endColumn: last.column, offset: start, length: end - start };
}

/** Only what surrounds the value is encoded: the plain text has it too. */
export function standsAsItIs({ run, bytes }: EncodedSource, { offset, length }: Position, value: string): boolean {
  return bytes !== undefined && bytes.subarray(offset - run.start, offset - run.start + length).equals(Buffer.from(value));
}
