// An old and a new version of a layer side by side: every entry must be the same, or be what the plan says it becomes.
import { printablePath } from '../../model/entry.ts';
import type { Treatment } from '../../model/plan.ts';
import type { InventoriedEntry } from './inventory.ts';

export interface LayerComparison {
  /** For each entry of the new layer, the index of the old one that it comes from. */
  readonly origins: readonly (number | undefined)[];
  /** Entries that are the same bytes in both. */
  readonly unchanged: number;
  readonly problems: readonly string[];
}

/** `changes`: by index of the old entries; `undefined` as value when only the metadata was to be changed. */
export function compareLayers(
  before: readonly InventoriedEntry[],
  after: readonly InventoriedEntry[],
  changes: ReadonlyMap<number, Treatment | undefined>,
): LayerComparison {
  const problems: string[] = [];
  const origins: (number | undefined)[] = [];
  let unchanged = 0;
  let next = 0;
  for (const old of before) {
    const { index, path } = old.entry;
    const isPlanned = changes.has(index);
    const treatment = changes.get(index);
    if (isPlanned && treatment === 'drop') continue;
    const now = after[next++];
    origins.push(index);
    const problem = now === undefined ? 'is missing' : isPlanned ? plannedProblem(old, now, treatment) : sameProblem(old, now);
    if (problem !== undefined) problems.push(`${printablePath(path)} ${problem}`);
    else if (!isPlanned) unchanged++;
  }
  for (const { entry } of after.slice(next)) {
    origins.push(undefined);
    problems.push(`${printablePath(entry.path)} is new`);
  }
  for (const path of newDoubles(before, after, origins)) problems.push(`${printablePath(path)} is there twice now`);
  return { origins, unchanged, problems };
}

/** Engines refuse an archive that names a file twice: names that became the same make it one. */
function newDoubles(
  before: readonly InventoriedEntry[],
  after: readonly InventoriedEntry[],
  origins: readonly (number | undefined)[],
): ReadonlySet<string> {
  const oldPaths = new Map(before.map(({ entry }) => [entry.index, entry.path]));
  const oldPathOf = new Map<string, string | undefined>();
  const doubles = new Set<string>();
  for (const [position, { entry }] of after.entries()) {
    const oldPath = oldPaths.get(origins[position] ?? -1);
    if (oldPathOf.has(entry.path) && oldPathOf.get(entry.path) !== oldPath) doubles.add(entry.path);
    oldPathOf.set(entry.path, oldPath);
  }
  return doubles;
}

function sameProblem(old: InventoriedEntry, now: InventoriedEntry): string | undefined {
  if (old.entry.path !== now.entry.path) return `is ${printablePath(now.entry.path)} now`;
  if (old.metadata !== now.metadata) return 'has another header';
  return old.body === now.body ? undefined : 'has another content';
}

function plannedProblem(old: InventoriedEntry, now: InventoriedEntry, treatment: Treatment | undefined): string | undefined {
  const [a, b] = [old.entry, now.entry];
  if (a.kind !== b.kind) return `was a ${a.kind} and is a ${b.kind}`;
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.mtime !== b.mtime) return 'has another owner, mode or time';
  switch (treatment) {
    case 'empty':
      return b.size === 0 ? undefined : `should be empty and has ${b.size} bytes`;
    case 'redact':
      if (a.size !== b.size) return `should have ${a.size} bytes and has ${b.size}`;
      return old.body === now.body ? 'was to be changed and is the same' : undefined;
    case 'rewrite':
      return old.body === now.body ? 'was to be changed and is the same' : undefined;
    case undefined:
      if (old.body !== now.body) return 'has another content';
      return old.metadata === now.metadata ? 'was to be changed and is the same' : undefined;
    case 'drop':
      return undefined;
  }
}
