// What cleaning tells when it is done: what was changed, how it was proved, and what is left to do for people.
import type { Comparison } from './comparison.ts';
import type { Digest } from './digest.ts';
import type { Plan, PlanStep } from './plan.ts';
import type { Notice, Skipped } from './report.ts';

export const cleanReportFormat = 'unbake-clean-report';
export const cleanReportSchemaVersion = 1;

/** One thing that was looked at to see that the result is what the plan says. */
export interface ProofCheck {
  readonly name: 'rescan' | 'values' | 'trees' | 'bytes' | 'digests' | 'run';
  readonly isPassed: boolean;
  /** One sentence, with counts. */
  readonly detail: string;
  /** What is wrong, when something is. */
  readonly problems: readonly string[];
}

/** The bytes of a touched layer that no step speaks of: as many, and the same, before and after. */
export interface UntouchedBytes {
  readonly layer: number;
  readonly image: number;
  readonly entries: number;
  readonly bytes: number;
  /** Digest of these bytes, one after the other. */
  readonly before: Digest;
  readonly after: Digest;
}

export interface Proof {
  readonly checks: readonly ProofCheck[];
  readonly untouched: readonly UntouchedBytes[];
}

interface LayerIdentity {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly size: number;
}

export interface CleanedLayerInfo {
  readonly index: number;
  readonly createdBy?: string;
  readonly before: LayerIdentity;
  readonly after: LayerIdentity;
  readonly isTouched: boolean;
}

interface ImageIdentity {
  readonly manifestDigest?: Digest;
  readonly configDigest?: Digest;
}

export interface CleanedImageInfo {
  readonly name: string;
  readonly tags: readonly string[];
  readonly platform?: string;
  readonly before: ImageIdentity;
  readonly after: ImageIdentity;
  readonly layers: readonly CleanedLayerInfo[];
}

/** Secrets of one kind that are known to whoever had the image: they must be made worthless. */
export interface Rotation {
  readonly ruleId: string;
  readonly name: string;
  readonly secrets: number;
  readonly advice: string;
  readonly references: readonly string[];
}

/** How the secrets came in, and what to change so that the next build leaves them out. */
export interface CauseInfo {
  readonly advice: readonly string[];
  /** Of the Dockerfile that was given; values in it are masked. */
  readonly patch?: string;
  readonly dockerignore: readonly string[];
  readonly buildFlags: readonly string[];
  readonly remarks: readonly string[];
}

export interface CleanReport {
  readonly version: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** As the user typed them. `output` is missing when only a plan was made. */
  readonly reference: string;
  readonly output?: string;
  readonly plan: Plan;
  readonly images: readonly CleanedImageInfo[];
  /** Undefined when only a plan was made. */
  readonly proof?: Proof;
  /** The image before and after, both run, when that was asked for. */
  readonly comparison?: Comparison;
  /** What is left as it is although a value stands there; `reason` says why: the user's plan leaves it out, or it is a guess in a program. */
  readonly undone: readonly PlanStep[];
  readonly vault?: { readonly folder: string; readonly files: number; readonly variables: number; readonly isEncrypted: boolean };
  readonly statement?: string;
  /** Attestations, signatures and referrers that were about the image before, and are not carried over. */
  readonly invalidated: readonly { readonly what: string; readonly digest: Digest }[];
  readonly rotate: readonly Rotation[];
  /** Digests that must not stay in a registry: of manifests, configs and layers that held a secret. */
  readonly revoke: readonly Digest[];
  readonly cause: CauseInfo;
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
}
