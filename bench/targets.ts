// What the figures of a round are compared with, each ratio within its round, and the targets that the medians have to meet.
import { median, type Run, spread } from './measure.ts';

/** The runs of one round by the name of the step. */
export type Round = Readonly<Record<string, Run | undefined>>;

export interface Target {
  readonly title: string;
  /** Undefined when a step is missing that it takes. */
  readonly figure: (round: Round) => number | undefined;
  readonly digits: number;
  /** The most that it may be; undefined for what is only told. */
  readonly most?: number;
  /** Memory is judged by the worst round: it is a promise, not a mean. */
  readonly by?: 'worst';
}

export interface Verdict {
  readonly title: string;
  readonly measured: string;
  readonly most: string;
  /** Undefined when there is no target, or nothing was measured. */
  readonly isMet?: boolean;
}

function ratio(of: 'cpu' | 'wall', step: string, base: string): Target['figure'] {
  return (round) => {
    const [above, below] = [round[step], round[base]];
    return above && below && above[of] / below[of];
  };
}

/** The highest peak of the steps, in MB of 10^6 bytes. */
function peak(...steps: readonly string[]): Target['figure'] {
  return (round) => {
    const peaks = steps.map((step) => round[step]?.peak).filter((bytes) => bytes !== undefined);
    return peaks.length === 0 ? undefined : Math.max(...peaks) / 1e6;
  };
}

/** What is divided by what, and the most that it may be. */
const ratios: readonly (readonly [title: string, of: 'cpu' | 'wall', step: string, base: string, digits: number, most?: number])[] = [
  ['scan, 1 thread / `node:zlib` inflate only, CPU', 'cpu', 'scan 1', 'zlib', 2, 1.45],
  ['scan, 1 thread / `gzip -dc`, CPU', 'cpu', 'scan 1', 'gzip', 2, 0.6],
  ['scan, 2 workers / `gzip -dc`, CPU', 'cpu', 'scan 2', 'gzip', 2, 0.6],
  ['scan, 2 workers / `gzip -dc \\| rg -F`, wall', 'wall', 'scan 2', 'rg', 2, 0.33],
  ['scan, 1 thread / `igzip -dc`, CPU', 'cpu', 'scan 1', 'igzip', 2],
  ['cached scan / cold scan, wall', 'wall', 'cached', 'scan 2', 3, 0.1],
  ['zstd: scan, 1 thread / zstd inflate only, CPU', 'cpu', 'zstd scan 1', 'zstd', 2, 3],
  ['zstd: scan, 2 workers / zstd inflate only, CPU', 'cpu', 'zstd scan 2', 'zstd', 2, 3],
  ['all-hit text / its inflate, CPU', 'cpu', 'hits', 'hits zlib', 2, 5],
  ['all-hit text, twice / once, CPU', 'cpu', 'hits twice', 'hits', 2, 2.1],
  ['zeros: scan / their inflate, CPU', 'cpu', 'zeros', 'zeros zlib', 2],
  ['twice the image / the image, CPU', 'cpu', '2 times', '1 times', 2, 2.1],
  ['4 times / twice, CPU', 'cpu', '4 times', '2 times', 2, 2.1],
  ['8 times / 4 times, CPU', 'cpu', '8 times', '4 times', 2, 2.1],
];

export const targets: readonly Target[] = [
  ...ratios.map(([title, of, step, base, digits, most]) => ({ title, figure: ratio(of, step, base), digits, most })),
  { title: '300,000 entries, wall s', figure: (round) => round.entries?.wall, digits: 2, most: 0.6 },
  {
    title: 'peak RSS of all scans with 1 thread, MB',
    figure: peak('scan 1', 'zstd scan 1', 'hits', 'hits twice', 'zeros', '1 times', '2 times', '4 times', '8 times'),
    digits: 0,
    most: 130,
    by: 'worst',
  },
  {
    title: 'peak RSS of all scans with 2 workers, MB',
    figure: peak('scan 2', 'cached', 'zstd scan 2', 'entries', 'most times, 2 workers'),
    digits: 0,
    most: 220,
    by: 'worst',
  },
];

/** What was not measured is left out. */
export function verdicts(rounds: readonly Round[]): readonly Verdict[] {
  return targets.flatMap(({ title, figure, digits, most, by }) => {
    const figures = rounds.map(figure).filter((value) => value !== undefined);
    if (figures.length === 0) return [];
    const judged = by === 'worst' ? Math.max(...figures) : median(figures);
    return [
      {
        title,
        measured: spread(figures, digits),
        most: most === undefined ? '' : `<= ${most}`,
        isMet: most === undefined ? undefined : judged <= most,
      },
    ];
  });
}
