// The variables that an ENV or ARG defines: `ENV A=1 B=2`, the old `ENV A some value`, `ARG A`, `ARG A=1 B`.
import type { Instruction } from './dockerfile.ts';
import type { Piece } from './words.ts';

/** The piece is the whole definition. */
export interface Definition extends Piece {
  readonly name: string;
  /** As written, quotes included; undefined for `ARG A`. */
  readonly value: string | undefined;
  /** Where the value stands. */
  readonly valueStart: number;
}

export function definitionsOf({ keyword, words }: Instruction): Definition[] {
  const [first] = words;
  if (keyword === 'ENV' && first !== undefined && !first.text.includes('=')) {
    const rest = words.slice(1);
    return [
      {
        name: bare(first.text),
        value: rest.map((word) => word.text).join(' '),
        valueStart: rest[0]?.start ?? first.end,
        start: first.start,
        end: rest.at(-1)?.end ?? first.end,
      },
    ];
  }
  return words.map(({ text, start, end }) => {
    const equals = text.indexOf('=');
    if (equals === -1) return { name: bare(text), value: undefined, valueStart: end, start, end };
    return { name: bare(text.slice(0, equals)), value: text.slice(equals + 1), valueStart: Math.min(end, start + equals + 1), start, end };
  });
}

function bare(name: string): string {
  return name.replaceAll(/["']/g, '');
}
