// The instructions of a Dockerfile in their order, each with what it stands in: the working directory, the user, and the paths that it
// copies or names, variables put in as far as their values are known.
import { type Copy, copyOf } from './copies.ts';
import { type Dockerfile, type Instruction, type Stage, valueOf } from './dockerfile.ts';
import { type Definition, definitionsOf } from './definitions.ts';
import { resolved, unknownFolder } from './image-path.ts';
import { type Mention, mentionsIn } from './mentions.ts';
import { expanded } from './variables-in-text.ts';
import { unquoted } from './words.ts';

export interface Step {
  /** Position among all steps. */
  readonly index: number;
  readonly instruction: Instruction;
  /** Of ENV and ARG. */
  readonly definitions: readonly Definition[];
  /** Of COPY and ADD. */
  readonly copy: Copy | undefined;
  /** Of RUN. */
  readonly mentions: readonly Mention[];
  /** USER was set to somebody who may not read what root alone may read. */
  readonly hasOtherUser: boolean;
}

interface Values {
  readonly own: Map<string, string | undefined>;
  readonly parent: Values | undefined;
}

interface Surroundings {
  readonly values: Values;
  directory: string;
  hasOtherUser: boolean;
}

/** One step for each instruction. A stage begins where the one that it is built on has ended. */
export function stepsOf(dockerfile: Dockerfile): Step[] {
  const global: Values = { own: new Map(), parent: undefined };
  const ends: Surroundings[] = [];
  let now: Surroundings = { values: global, directory: unknownFolder, hasOtherUser: false };
  return dockerfile.instructions.map((instruction, index) => {
    const { keyword, isTrigger, stage } = instruction;
    if (keyword === 'FROM' && !isTrigger) ends.push((now = beginningOf(dockerfile.stages[stage], ends)));
    const { values } = now;
    const look = (name: string) => lookUp(values, name);
    const value = (text: string) => expanded(unquoted(text, dockerfile.escape), look);
    const words = instruction.words.map((word) => ({ word, value: expanded(valueOf(dockerfile, instruction, word), look) }));
    const definitions = keyword === 'ENV' || keyword === 'ARG' ? definitionsOf(instruction) : [];

    const copies = keyword === 'COPY' || keyword === 'ADD';
    const step: Step = {
      index,
      instruction,
      definitions,
      copy: copies
        ? copyOf(
            instruction.flags.map((flag) => value(flag.text)),
            words,
            now.directory,
          )
        : undefined,
      mentions: keyword === 'RUN' ? mentionsIn(instruction.body, now.directory, dockerfile.escape, look) : [],
      hasOtherUser: now.hasOtherUser,
    };
    // What a trigger sets is set in the build of another image.
    if (isTrigger) return step;
    for (const { name, value: written } of definitions) values.own.set(name, written === undefined ? lookUp(global, name) : value(written));
    if (keyword === 'WORKDIR') now.directory = resolved(now.directory, words.map((word) => word.value).join(' '));
    if (keyword === 'USER') now.hasOtherUser = !/^(?:root|0)(?::|$)/.test(words[0]?.value ?? '');
    return step;
  });
}

function beginningOf({ parent, base }: Stage, ends: readonly Surroundings[]): Surroundings {
  const own = new Map<string, string | undefined>();
  if (parent === undefined) return { values: { own, parent: undefined }, directory: base === 'scratch' ? '/' : unknownFolder, hasOtherUser: false };
  const { values, directory, hasOtherUser } = ends[parent];
  return { values: { own, parent: values }, directory, hasOtherUser };
}

function lookUp(values: Values, name: string): string | undefined {
  for (let scope: Values | undefined = values; scope !== undefined; scope = scope.parent) if (scope.own.has(name)) return scope.own.get(name);
  return undefined;
}
