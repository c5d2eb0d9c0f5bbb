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

const cpu = (step: string, base: string) => ratio('cpu', step, base);
const wall = (step: string, base: string) => ratio('wall', step, base);

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

export const targets: readonly Target[] = [
  { title: 'scan, 1 thread / `node:zlib` inflate only, CPU', figure: cpu('scan 1', 'zlib'), digits: 2, most: 1.45 },
  { title: 'scan, 1 thread / `gzip -dc`, CPU', figure: cpu('scan 1', 'gzip'), digits: 2, most: 0.6 },
  { title: 'scan, 2 workers / `gzip -dc`, CPU', figure: cpu('scan 2', 'gzip'), digits: 2, most: 0.6 },
  { title: 'scan, 2 workers / `gzip -dc \\| rg -F`, wall', figure: wall('scan 2', 'rg'), digits: 2, most: 0.33 },
  { title: 'scan, 1 thread / `igzip -dc`, CPU', figure: cpu('scan 1', 'igzip'), digits: 2 },
  { title: 'cached scan / cold scan, wall', figure: wall('cached', 'scan 2'), digits: 3, most: 0.1 },
  { title: 'zstd: scan, 1 thread / zstd inflate only, CPU', figure: cpu('zstd scan 1', 'zstd'), digits: 2, most: 3 },
  { title: 'zstd: scan, 2 workers / zstd inflate only, CPU', figure: cpu('zstd scan 2', 'zstd'), digits: 2, most: 3 },
  { title: '300,000 entries, wall s', figure: (round) => round.entries?.wall, digits: 2, most: 0.6 },
  { title: 'all-hit text / its inflate, CPU', figure: cpu('hits', 'hits zlib'), digits: 2, most: 5 },
  { title: 'all-hit text, twice / once, CPU', figure: cpu('hits twice', 'hits'), digits: 2, most: 2.1 },
  { title: 'zeros: scan / their inflate, CPU', figure: cpu('zeros', 'zeros zlib'), digits: 2 },
  { title: 'twice the image / the image, CPU', figure: cpu('2 times', '1 times'), digits: 2, most: 2.1 },
  { title: '4 times / twice, CPU', figure: cpu('4 times', '2 times'), digits: 2, most: 2.1 },
  { title: '8 times / 4 times, CPU', figure: cpu('8 times', '4 times'), digits: 2, most: 2.1 },
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
