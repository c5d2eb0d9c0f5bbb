// Files that are not copied any more, followed through the build: which sources fall away with them, and which RUN names them where
// they would have been.
import { arrivalOf } from './copies.ts';
import { type Stages, stageNamed } from './file-origins.ts';
import { isAt, nameIn } from './image-path.ts';
import type { Mention } from './mentions.ts';
import type { Step } from './steps.ts';
import type { Word } from './words.ts';

/** A file that a step brought no more. */
export interface Departure {
  readonly step: Step;
  /** Absolute, in the stage of the step. */
  readonly path: string;
  /** Which secret the file is. */
  readonly id: string;
}

export interface Departures {
  /** Sources of COPY --from that name a file which is not there. */
  readonly sources: readonly { readonly step: Step; readonly word: Word }[];
  /** For each RUN behind a departure the paths that it names, and all that it does to each. */
  readonly runs: readonly { readonly step: Step; readonly path: string; readonly id: string; readonly mentions: readonly Mention[] }[];
  /** For each secret where it is missing, the earliest stage first, and the lines of every RUN that comes after. */
  readonly behind: ReadonlyMap<string, readonly { readonly path: string; readonly lines: readonly number[] }[]>;
  /** Nothing was left out for being too much. */
  readonly isComplete: boolean;
}

/** Folders copied to and fro could multiply a file without end. */
const mostPlaces = 10_000;

/** `hasFile` tells which paths of the image are known to be files. */
export function followed(stages: Stages, departures: readonly Departure[], hasFile: (path: string) => boolean): Departures {
  const sources: { step: Step; word: Word }[] = [];
  const gone = stages.steps.map(() => new Map<string, { readonly after: number; readonly id: string }>());
  const children = stages.steps.map((_, stage) => stages.dockerfile.stages.flatMap(({ parent }, child) => (parent === stage ? [child] : [])));
  const copies = copiesByStage(stages);
  const open = departures.map(({ step, path, id }) => ({ stage: step.instruction.stage, after: step.index, path, id }));
  let places = 0;
  for (let next = open.pop(); next !== undefined && places < mostPlaces; next = open.pop()) {
    const { stage, after, path, id } = next;
    const known = gone[stage].get(path);
    if (known !== undefined && known.after <= after) continue;
    gone[stage].set(path, { after, id });
    places++;
    for (const child of children[stage]) open.push({ stage: child, after: -1, path, id });
    for (const step of copies[stage]) {
      for (const source of step.copy!.sources) {
        const arrival = arrivalOf(step.copy!, source, path.slice(1), hasFile);
        if (arrival === undefined) continue;
        if (arrival.isItself) sources.push({ step, word: source.word });
        open.push({ stage: step.instruction.stage, after: step.index, path: arrival.path, id });
      }
    }
  }
  return { sources, ...runsNaming(stages, gone), isComplete: places < mostPlaces };
}

function copiesByStage(stages: Stages): readonly (readonly Step[])[] {
  const copies: Step[][] = stages.steps.map(() => []);
  for (const step of stages.steps.flat()) {
    if (step.copy?.from === undefined || step.instruction.isTrigger) continue;
    const from = stageNamed(stages, step.copy.from, step.instruction.stage);
    if (from !== undefined) copies[from].push(step);
  }
  return copies;
}

type Gone = ReadonlyMap<string, { readonly after: number; readonly id: string }>;

function runsNaming(stages: Stages, gone: readonly Gone[]): Pick<Departures, 'runs' | 'behind'> {
  const runs: Departures['runs'][number][] = [];
  const behind = new Map<string, { path: string; lines: number[] }[]>();
  for (const [stage, here] of gone.entries()) {
    if (here.size === 0) continue;
    const byName = Map.groupBy(here.keys(), nameIn);
    const commands = stages.steps[stage].filter(({ instruction }) => instruction.keyword === 'RUN');
    for (const step of commands) {
      const found = step.mentions.flatMap((mention) =>
        (byName.get(nameIn(mention.path)) ?? []).filter((path) => isAt(mention.path, path)).map((path) => ({ path, mention })),
      );
      for (const [path, mentions] of Map.groupBy(found, (one) => one.path)) {
        const { after, id } = here.get(path)!;
        if (after < step.index) runs.push({ step, path, id, mentions: mentions.map(({ mention }) => mention) });
      }
    }
    for (const [path, { after, id }] of here) {
      const lines = commands.filter(({ index }) => index > after).map(({ instruction }) => instruction.line);
      if (lines.length > 0) behind.set(id, [...(behind.get(id) ?? []), { path, lines }]);
    }
  }
  return { runs, behind };
}
