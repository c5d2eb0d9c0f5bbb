// The way back from decoded bytes to the pieces of the document in which they stand.
import type { DecodedRun } from './decoded-run.ts';
import type { Code } from './recognise.ts';

/** `starts` and `ends` are the pieces' places in the document; the run has `count` characters of them. */
export function encodedPlaces(code: Code, starts: readonly number[], ends: readonly number[], count: number): DecodedRun['sourceOf'] {
  const placeOf = (character: number) => {
    let rest = character;
    for (let i = 0; i < starts.length; i++) {
      if (rest < ends[i] - starts[i]) return starts[i] + rest;
      rest -= ends[i] - starts[i];
    }
    return ends.at(-1)!;
  };
  return (from, to) => {
    const first = Math.min(Math.floor(from / code.size) * code.group, Math.max(0, count - 1));
    const last = Math.min(Math.ceil(to / code.size) * code.group, count);
    const start = placeOf(first);
    return { start, end: last <= first ? start : placeOf(last - 1) + 1 };
  };
}
