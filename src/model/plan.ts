// What cleaning is going to do, as plain JSON: one step a change, with the findings that cause it. A plan can be read, changed and
// carried out later; it holds no value of a secret.
import type { Digest } from './digest.ts';

export const planFormat = 'unbake-plan';
export const planSchemaVersion = 1;

/**
 * `drop`: it is gone. `empty`: a file of no bytes with the same name, owner, mode and times. `redact`: the same length, the secret
 * written over. `rewrite`: an archive, the secret inside it written over.
 */
export const treatments = ['drop', 'empty', 'redact', 'rewrite'] as const;
export type Treatment = (typeof treatments)[number];

interface Step {
  readonly treatment: Treatment;
  /** Why this, and why in this way: for people. */
  readonly reason: string;
  /** Fingerprints of the findings that cause it; none when it was asked for by its path. */
  readonly findings: readonly string[];
  /** The values, as the report of a scan names them (`s3`). */
  readonly values: readonly string[];
  /** In which encodings they stand here. */
  readonly encodings: readonly string[];
}

export type PlanStep = Step &
  (
    | {
        readonly kind: 'file';
        /** Digest of the layer's blob as stored. A step that a user adds may leave it out: all layers. */
        readonly layer?: Digest;
        readonly path: string;
        /** How often a value stands in it. */
        readonly places: number;
        /** Whether the running container sees it. */
        readonly isVisible: boolean;
        /** Other names of the same file (hard links). */
        readonly names: readonly string[];
        /** Where inside an archive. */
        readonly inside: readonly string[];
      }
    /** The name, link target, extended attributes or PAX records of an entry. */
    | { readonly kind: 'header'; readonly layer: Digest; readonly path: string; readonly places: number }
    /** Bytes of the archive that no entry owns. */
    | { readonly kind: 'stray'; readonly layer: Digest; readonly what: string; readonly places: number }
    /** Beside the compressed bytes: the stream is written anew without it. */
    | { readonly kind: 'compression'; readonly layer: Digest; readonly what: string }
    /** A value of a config, manifest or index. */
    | { readonly kind: 'metadata'; readonly document: Digest; readonly pointer: string }
    /** A manifest that is about another one, or an artifact. */
    | { readonly kind: 'attached'; readonly digest: Digest; readonly what: string }
    /** A blob or file that no image needs. */
    | { readonly kind: 'loose'; readonly name: string }
  );

export interface Plan {
  readonly format: typeof planFormat;
  readonly schemaVersion: typeof planSchemaVersion;
  readonly version: string;
  readonly reference: string;
  /** Of what the plan is for: `digest` is that of the manifest, or of the config where there is none. */
  readonly images: readonly { readonly name: string; readonly platform?: string; readonly digest: Digest }[];
  readonly steps: readonly PlanStep[];
  /** What stays, and why: findings that were not asked for, values that are looked for only where they were found. */
  readonly remarks: readonly string[];
}

/** Where a step changes something, for people. */
export function placeOfStep(step: PlanStep): string {
  switch (step.kind) {
    case 'file':
      return step.path;
    case 'header':
      return `${step.path} (header of the entry)`;
    case 'stray':
    case 'compression':
      return step.what;
    case 'metadata':
      return step.pointer;
    case 'attached':
      return `${step.what}, ${step.digest}`;
    case 'loose':
      return step.name;
  }
}

/** The same for the same change of the same image. */
export function keyOfStep(step: PlanStep): string {
  switch (step.kind) {
    case 'file':
    case 'header':
      return JSON.stringify([step.kind, step.layer, step.path]);
    case 'stray':
    case 'compression':
      return JSON.stringify([step.kind, step.layer, step.what]);
    case 'metadata':
      return JSON.stringify([step.kind, step.document, step.pointer]);
    case 'attached':
      return JSON.stringify([step.kind, step.digest]);
    case 'loose':
      return JSON.stringify([step.kind, step.name]);
  }
}
