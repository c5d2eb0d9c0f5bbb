// The way back: which instruction brought the file at a path of the image, and which file of the build context it was.
import { type Provenance, provenanceOf, type Source } from './copies.ts';
import type { Dockerfile } from './dockerfile.ts';
import { isAt, nameIn } from './image-path.ts';
import { chainOf } from './scopes.ts';
import type { Step } from './steps.ts';

export type Origin =
  /** `path` is where the file stands in the stage of the step. */
  | { readonly kind: 'context'; readonly step: Step; readonly source: Source; readonly provenance: Provenance; readonly path: string }
  /** Copied from another image. */
  | { readonly kind: 'image'; readonly step: Step; readonly image: string }
  /** A RUN names it. */
  | { readonly kind: 'run'; readonly step: Step; readonly path: string };

/** A question follows a file to so many places, and takes so many answers: folders copied to and fro could multiply both. */
const mostPlaces = 200;
const mostOrigins = 20;

export interface Stages {
  readonly dockerfile: Dockerfile;
  /** By stage. */
  readonly steps: readonly (readonly Step[])[];
  /** By stage: the steps that name a file of this name, wherever it stands. */
  readonly naming: readonly ReadonlyMap<string, readonly Step[]>[];
}

export function stagesOf(dockerfile: Dockerfile, steps: readonly Step[]): Stages {
  const byStage: Step[][] = dockerfile.stages.map(() => []);
  const naming = dockerfile.stages.map(() => new Map<string, Step[]>());
  for (const step of steps) {
    const { stage } = step.instruction;
    byStage[stage]?.push(step);
    for (const name of new Set(step.mentions.map(({ path }) => nameIn(path)))) naming[stage].set(name, [...(naming[stage].get(name) ?? []), step]);
  }
  return { dockerfile, steps: byStage, naming };
}

/** The stage that `--from=` means to an instruction of `stage`: its name, or its number from 0. */
export function stageNamed({ dockerfile }: Stages, from: string, stage: number): number | undefined {
  const named = dockerfile.stages.findLastIndex(({ name }, index) => index < stage && name === from.toLowerCase());
  if (named !== -1) return named;
  return /^\d{1,3}$/.test(from) && Number(from) < stage ? Number(from) : undefined;
}

/**
 * Origins in the last stage and what it is built on. When nothing there certainly brings the file, those in any other stage, as that may
 * be the one that was built.
 */
export function originsOf(stages: Stages, path: string): readonly Origin[] {
  const inChain = new Set(chainOf(stages.dockerfile));
  const usual = originsIn(stages, [...inChain], path, new Set());
  if (usual.some(isCertain)) return usual;
  const others = stages.steps.flatMap((_, stage) => (inChain.has(stage) ? [] : originsIn(stages, [stage], path, new Set())));
  return others.some(isCertain) ? others : [...usual, ...others];
}

function isCertain(origin: Origin): boolean {
  switch (origin.kind) {
    case 'context':
      return origin.provenance.kind !== 'unclear';
    case 'image':
      return true;
    case 'run':
      return writes(origin.step, origin.path);
  }
}

function writes({ mentions }: Step, path: string): boolean {
  return mentions.some((mention) => mention.deed === 'writes' && isAt(mention.path, path));
}

/** Copies in the given stages, followed into the stages that they copy from; where there is none, every RUN that names the path. */
function originsIn(stages: Stages, chain: readonly number[], path: string, visited: Set<string>): Origin[] {
  const copied: Origin[] = [];
  const named: Origin[] = [];
  for (const stage of chain) {
    const key = `${stage} ${path}`;
    if (visited.has(key) || visited.size >= mostPlaces) continue;
    visited.add(key);
    for (const step of stages.naming[stage].get(nameIn(path)) ?? [])
      if (!step.instruction.isTrigger && step.mentions.some((mention) => isAt(mention.path, path))) named.push({ kind: 'run', step, path });
    for (const step of stages.steps[stage]) {
      if (step.instruction.isTrigger || copied.length >= mostOrigins) continue;
      for (const source of step.copy?.sources ?? []) copied.push(...broughtBy(stages, step, source, path, visited));
    }
  }
  return copied.length > 0 ? copied : named;
}

function broughtBy(stages: Stages, step: Step, source: Source, path: string, visited: Set<string>): Origin[] {
  const provenance = provenanceOf(step.copy!, source, path);
  if (provenance === undefined) return [];
  const from = step.copy!.from;
  if (from === undefined) return [{ kind: 'context', step, source, provenance, path }];
  const stage = stageNamed(stages, from, step.instruction.stage);
  if (stage === undefined) return [{ kind: 'image', step, image: from }];
  return 'path' in provenance ? originsIn(stages, chainOf(stages.dockerfile, stage), `/${provenance.path}`, visited) : [];
}

/** Sources that are a file of this name in the build context. */
export function namesakesOf(stages: Stages, name: string): { readonly step: Step; readonly source: Source }[] {
  const copies = stages.steps.flat().filter(({ copy, instruction }) => copy !== undefined && copy.from === undefined && !instruction.isTrigger);
  return copies.flatMap((step) =>
    step.copy!.sources.filter((source) => source.kind === 'path' && nameIn(source.path) === name).map((source) => ({ step, source })),
  );
}
