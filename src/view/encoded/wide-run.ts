// UTF-16 inside of another encoding, as `powershell -EncodedCommand` has it.
import type { DecodedRun } from './decoded-run.ts';

/** The same run with its text in UTF-8. A mark at the beginning is no text. */
export function fromWide(run: DecodedRun, isBigEndian: boolean): DecodedRun {
  const hasMark = (run.bytes[0] === 0xff && run.bytes[1] === 0xfe) || (run.bytes[0] === 0xfe && run.bytes[1] === 0xff);
  const first = hasMark ? 2 : 0;
  const units = Buffer.from(run.bytes.subarray(first, run.bytes.length - (run.bytes.length % 2)));
  const bytes = Buffer.from((isBigEndian ? units.swap16() : units).toString('utf16le'));
  // Each unit is two bytes, whatever it takes in UTF-8.
  const unitsBefore = (index: number) => first + 2 * bytes.toString('utf8', 0, index).length;
  return {
    steps: [...run.steps, isBigEndian ? 'utf-16be' : 'utf-16le'],
    bytes,
    start: run.start,
    end: run.end,
    sourceOf: (from, to) => run.sourceOf(unitsBefore(from), unitsBefore(to)),
  };
}
