// A step of the plan with what is needed to carry it out. The step is what the user reads and may change; the rest never leaves memory.
import type { Entry } from '../../model/entry.ts';
import type { ManifestTarget } from '../../model/image.ts';
import type { PlanStep } from '../../model/plan.ts';
import type { EntryTarget, Target } from './layer-targets.ts';
import type { RemovedValue } from '../values/removed-value.ts';
import type { LayerEntry } from './visibility.ts';

/** An attestation, signature, referrer or artifact of a layout. */
export type AttachedTarget = ManifestTarget & { readonly kind: 'attached' };

type StepOf<Kind extends PlanStep['kind']> = PlanStep & { readonly kind: Kind };

export interface PlannedFile {
  readonly kind: 'file';
  readonly step: StepOf<'file'>;
  readonly key: string;
  /** The entries of this path in the layer; those that hold a value have a target. */
  readonly entries: readonly { readonly entry: Entry; readonly target: EntryTarget | undefined }[];
  /** Hard links to them, wherever they stand. */
  readonly links: readonly LayerEntry[];
  /** Only there because of other steps: what a dropped file had hidden, the table of contents of a layer that is touched. */
  readonly follows?: 'drop' | 'touch';
}

export interface PlannedHeader {
  readonly kind: 'header';
  readonly step: StepOf<'header'>;
  readonly key: string;
  readonly targets: readonly EntryTarget[];
}

export interface PlannedStray {
  readonly kind: 'stray';
  readonly step: StepOf<'stray'>;
  readonly key: string;
  readonly target: Target;
}

export interface PlannedCompression {
  readonly kind: 'compression';
  readonly step: StepOf<'compression'>;
  readonly key: string;
}

export interface PlannedMetadata {
  readonly kind: 'metadata';
  readonly step: StepOf<'metadata'>;
  readonly values: readonly RemovedValue[];
}

export interface PlannedAttached {
  readonly kind: 'attached';
  readonly step: StepOf<'attached'>;
  readonly target: AttachedTarget;
}

export interface PlannedLoose {
  readonly kind: 'loose';
  readonly step: StepOf<'loose'>;
}

export type Planned = PlannedFile | PlannedHeader | PlannedStray | PlannedCompression | PlannedMetadata | PlannedAttached | PlannedLoose;

/** What causes a step: the findings at its place; of a value that was only found there by its search, one of its findings elsewhere. */
export function causeOf(target: Cause | undefined): Pick<PlanStep, 'findings' | 'values' | 'encodings'> {
  const values = [...(target?.values ?? [])];
  const here = new Set(target?.findings.values());
  const elsewhere = values.filter((value) => !here.has(value)).map(({ findings }) => findings[0]);
  return {
    findings: [...new Set([...(target?.findings.keys() ?? []), ...elsewhere])].sort(),
    values: values.map(({ id }) => id).sort(),
    encodings: [...(target?.encodings ?? [])].sort(),
  };
}

export type Cause = Pick<Target, 'values' | 'encodings' | 'findings'>;

/** A value, and the fingerprint of the finding that led to it. */
export interface FoundValue {
  readonly value: RemovedValue;
  readonly finding: string;
}

/** The cause of a step for values that rules found at its place. */
export function foundHere(found: readonly FoundValue[]): Cause {
  return {
    values: new Set(found.map(({ value }) => value)),
    encodings: new Set(['raw']),
    findings: new Map(found.map(({ value, finding }) => [finding, value])),
  };
}
