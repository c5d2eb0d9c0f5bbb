// A plan that was made before, and perhaps changed by hand, laid over the plan that the image gives now.
import { UnbakeError } from '../../model/error.ts';
import { keyOfStep, placeOfStep, type Plan, planFormat, planSchemaVersion, type PlanStep, treatments } from '../../model/plan.ts';
import { printable } from '../../model/printable.ts';
import type { MadePlan } from './make-plan.ts';
import type { Planned, PlannedFile } from './planned.ts';

/** Throws UnbakeError `usage` that names what is wrong. `name` is that of the file. */
export function parsePlan(text: string, name: string): Plan {
  const wrong = (what: string) =>
    new UnbakeError('usage', `${printable(name)} is no plan: ${what}`, { hint: 'unbake clean IMAGE --plan FILE writes one' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is not valid JSON');
  }
  if (!isObject(value) || value['format'] !== planFormat) throw wrong(`its format is not "${planFormat}"`);
  if (value['schemaVersion'] !== planSchemaVersion) throw wrong(`its schemaVersion is not ${planSchemaVersion}`);
  const { images, steps } = value;
  if (!Array.isArray(images) || !images.every((image) => isObject(image) && typeof image['digest'] === 'string'))
    throw wrong('"images" is no list of images with a digest');
  if (!Array.isArray(steps)) throw wrong('"steps" is no list');
  return { ...(value as unknown as Plan), steps: steps.map((step, index) => parseStep(step, index, wrong)) };
}

/** Throws UnbakeError `usage` when the plan is for another image: then none of its places is sure. */
export function assertSameImages(plan: Plan, images: Plan['images']): void {
  const digests = (list: Plan['images']) => list.map(({ digest }) => digest).sort();
  const [wanted, actual] = [digests(plan.images), digests(images)];
  if (wanted.length === actual.length && wanted.every((digest, index) => digest === actual[index])) return;
  throw new UnbakeError('usage', `the plan is for another image: for ${wanted.join(', ') || 'none'}, and this is ${actual.join(', ') || 'none'}`, {
    hint: 'make a new plan with --plan',
  });
}

/** The steps of `made` that the plan has, treated as it says; and what the plan leaves undone. Throws UnbakeError `usage` for a step that fits nothing. */
export function reconcile(plan: Plan, made: MadePlan): { readonly planned: readonly Planned[]; readonly undone: readonly PlanStep[] } {
  // What differs only in a value is masked alike: such steps are done together.
  const byKey = Map.groupBy(made.planned, ({ step }) => keyOfStep(step));
  const planned = new Map<Planned, Planned>();
  for (const step of plan.steps) {
    const found = matching(step, byKey);
    if (found.length === 0) {
      throw new UnbakeError('usage', `the plan has a step that fits nothing in this image: ${printable(placeOfStep(step))}`, {
        hint: 'was it made with other rules, or another UNBAKE_FINGERPRINT_KEY? make a new one with --plan',
      });
    }
    for (const item of found)
      planned.set(item, { ...item, step: { ...item.step, treatment: treatmentOf(step, item), reason: reasonOf(step) } } as Planned);
  }
  const executed = [...planned.values()];
  for (const item of made.planned) if (item.kind === 'file' && follows(item, executed)) planned.set(item, item);
  return {
    planned: [...planned.values()],
    undone: made.planned.flatMap((item) => (planned.has(item) ? [] : [{ ...item.step, reason: 'the plan leaves it out' }])),
  };
}

/** What a step brings with it is done with it, whether the plan has it or not. */
function follows({ follows: kind, key, step }: PlannedFile, executed: readonly Planned[]): boolean {
  if (kind === 'touch') return executed.some((other) => 'key' in other && other.key === key);
  return kind === 'drop' && executed.some((other) => other.kind === 'file' && other.step.treatment === 'drop' && other.step.path === step.path);
}

function reasonOf({ reason }: PlanStep): string {
  return typeof reason === 'string' && reason !== '' ? reason : 'the plan says so';
}

/** A step that somebody added by hand names a path in all layers. */
function matching(step: PlanStep, byKey: ReadonlyMap<string, readonly Planned[]>): readonly Planned[] {
  if (step.kind === 'file' && step.layer === undefined)
    return [...byKey.values()].flatMap((items) =>
      items.filter(({ step: other }) => other.kind === 'file' && (other.path === step.path || other.reason.endsWith(`--path ${step.path}`))),
    );
  return byKey.get(keyOfStep(step)) ?? [];
}

function treatmentOf(step: PlanStep, { kind, step: made }: Planned): PlanStep['treatment'] {
  const { treatment } = step;
  const isPossible =
    treatment === made.treatment ||
    (kind === 'metadata' && treatment === 'redact') ||
    (kind === 'file' &&
      (treatment === 'drop' || treatment === 'empty' || (treatment === 'redact' && made.treatment !== 'rewrite' && made.findings.length > 0)));
  if (isPossible) return treatment;
  throw new UnbakeError('usage', `the plan says "${treatment}" for ${printable(placeOfStep(step))}, and that is not possible there`, {
    hint: kind === 'file' ? `use drop, empty or ${made.treatment}` : `use ${made.treatment}, or take the step out of the plan`,
  });
}

/** The members without which each kind of step says nothing. */
const needed: Readonly<Record<PlanStep['kind'], readonly string[]>> = {
  file: ['path'],
  header: ['layer', 'path'],
  stray: ['layer', 'what'],
  compression: ['layer', 'what'],
  metadata: ['document', 'pointer'],
  attached: ['digest'],
  loose: ['name'],
};

function parseStep(step: unknown, index: number, wrong: (what: string) => UnbakeError): PlanStep {
  const where = `steps[${index}]`;
  if (!isObject(step)) throw wrong(`${where} is no object`);
  const kind = step['kind'] as PlanStep['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(needed, kind)) throw wrong(`${where}.kind is none of ${Object.keys(needed).join(', ')}`);
  const missing = needed[kind].find((member) => typeof step[member] !== 'string');
  if (missing !== undefined) throw wrong(`${where}.${missing} is no text`);
  if (!treatments.includes(step['treatment'] as never)) throw wrong(`${where}.treatment is none of ${treatments.join(', ')}`);
  const findings = step['findings'] ?? [];
  if (!Array.isArray(findings) || !findings.every((finding) => typeof finding === 'string'))
    throw wrong(`${where}.findings is no list of fingerprints`);
  return { ...(step as unknown as PlanStep), findings };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
