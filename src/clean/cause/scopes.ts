// Where a variable can be seen: behind its ENV or ARG, to the end of the stage, and in the stages that are built on that one
// (Dockerfile reference, "Scope"). An ARG before the first FROM is seen by FROM alone.
import type { Dockerfile } from './dockerfile.ts';
import type { Step } from './steps.ts';

export type IsVisible = (name: string, step: Step) => boolean;

/** For variables that pass `isMeant`. A question takes as long as the chain of stages. */
export function scopesOf(dockerfile: Dockerfile, steps: readonly Step[], isMeant: (name: string) => boolean): IsVisible {
  const global = new Set<string>();
  const stages = dockerfile.stages.map(() => ({ here: new Map<string, number>(), inTriggers: new Map<string, number>() }));
  for (const { index, instruction, definitions } of steps) {
    for (const { name } of definitions) {
      if (!isMeant(name)) continue;
      if (instruction.stage === -1) global.add(name);
      else {
        const scope = stages[instruction.stage][instruction.isTrigger ? 'inTriggers' : 'here'];
        if (!scope.has(name)) scope.set(name, index);
      }
    }
  }
  return (name, { index, instruction }) => {
    if (instruction.stage === -1 || (instruction.keyword === 'FROM' && !instruction.isTrigger)) return global.has(name);
    const isBefore = (at: number | undefined) => at !== undefined && at < index;
    // What a trigger sets is there for later triggers, in the build of another image.
    if (instruction.isTrigger && isBefore(stages[instruction.stage].inTriggers.get(name))) return true;
    for (let stage: number | undefined = instruction.stage; stage !== undefined; stage = dockerfile.stages[stage].parent)
      if (isBefore(stages[stage].here.get(name))) return true;
    return false;
  };
}

/** A stage and those that it is built on, nearest first. Without a number of the last stage, which is built when no other is asked for. */
export function chainOf({ stages }: Dockerfile, from = stages.length - 1): number[] {
  const chain: number[] = [];
  for (let stage: number | undefined = from; stage !== undefined; stage = stages[stage].parent) chain.push(stage);
  return chain;
}

/** The images that the file builds on, as written. */
export function basesOf({ stages }: Dockerfile): string[] {
  return [...new Set(stages.filter(({ parent }) => parent === undefined).map(({ base }) => base))];
}
