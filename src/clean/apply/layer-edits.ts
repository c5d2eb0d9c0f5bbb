// The steps for one layer as edits of its uncompressed bytes. Everything that no edit touches stays as it is, byte for byte.
import type { Entry } from '../../model/entry.ts';
import type { Treatment } from '../../model/plan.ts';
import { bodyStartOf, globalHeaders, withSize } from '../../tar/entry-metadata.ts';
import { paddingAfter } from '../../tar/header.ts';
import type { Edit } from '../../tar/splice.ts';
import type { EntryTarget } from '../plan/layer-targets.ts';
import type { Planned } from '../plan/planned.ts';
import { fill, type Marked, mergedRanges } from '../values/redact.ts';
import { withoutValues } from './header-values.ts';

/** What is to happen to one entry; each part may be there or not. */
interface EntryChange {
  readonly entry: Entry;
  treatment: Treatment | undefined;
  target: EntryTarget | undefined;
  /** Values to write over in the metadata. */
  header: EntryTarget | undefined;
}

export interface LayerEdits {
  readonly edits: readonly Edit[];
  /** The entries that are changed, by index, and how; `undefined` when only the metadata is. */
  readonly changes: ReadonlyMap<number, Treatment | undefined>;
}

/** `length`: of the uncompressed bytes. */
export function layerEdits(key: string, planned: readonly Planned[], length: number): LayerEdits {
  const changes = new Map<number, EntryChange>();
  const changeOf = (entry: Entry): EntryChange => {
    let change = changes.get(entry.index);
    if (change === undefined) changes.set(entry.index, (change = { entry, treatment: undefined, target: undefined, header: undefined }));
    return change;
  };
  const strays: Marked[] = [];
  for (const step of planned) {
    if (step.kind === 'file') {
      const { treatment } = step.step;
      if (step.key === key)
        for (const { entry, target } of step.entries) {
          // A link has no body of its own to be emptied or written over.
          if (treatment !== 'drop' && entry.size === 0) continue;
          const change = changeOf(entry);
          // A name that goes with another step's body cannot stay.
          if (change.treatment !== 'drop') Object.assign(change, { treatment, target });
        }
      // A name without its body could not be unpacked.
      if (treatment === 'drop') for (const link of step.links) if (link.key === key) changeOf(link.entry).treatment = 'drop';
    } else if (step.kind === 'header' && step.key === key) {
      for (const target of step.targets) changeOf(target.entry).header = target;
    } else if (step.kind === 'stray' && step.key === key) for (const range of step.target.marked) strays.push(range);
  }
  const ofEntries = sorted([...changes.values()].flatMap(entryEdits));
  return {
    edits: sorted([...ofEntries, ...outside(mergedRanges(strays), ofEntries).map(redaction)]).map((edit) => ({
      ...edit,
      start: Math.min(edit.start, length),
      end: Math.min(edit.end, length),
    })),
    changes: new Map([...changes].map(([index, { treatment }]) => [index, treatment])),
  };
}

function sorted(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** The ranges that do not begin inside of an edit: padding goes with its entry. Both are sorted. */
function outside(ranges: readonly Marked[], edits: readonly Edit[]): readonly Marked[] {
  let next = 0;
  return ranges.filter(({ start }) => {
    while (next < edits.length && edits[next].end <= start) next++;
    return next === edits.length || start < edits[next].start;
  });
}

function entryEdits({ entry, treatment, target, header }: EntryChange): Edit[] {
  const { span } = entry;
  const bodyStart = bodyStartOf(entry);
  const renamed = header === undefined ? (metadata: Buffer) => metadata : (metadata: Buffer) => withoutValues(metadata, [...header.values]);
  const metadata = (change: (metadata: Buffer) => Buffer): Edit => ({
    start: span.start,
    end: bodyStart,
    with: (original) => change(renamed(original)),
  });
  switch (treatment) {
    case 'drop':
      return [
        { start: span.start, end: bodyStart, with: globalHeaders },
        { start: bodyStart, end: span.end, with: nothing },
      ];
    case 'empty':
      return [metadata((original) => withSize(original, 0)), { start: bodyStart, end: span.end, with: nothing }];
    case 'rewrite': {
      const rewritten = target?.nested?.rewritten;
      // Without anything inside there is only what stands in plain sight.
      if (rewritten === undefined || 'cannot' in rewritten) break;
      const { blob } = rewritten;
      return [
        metadata((original) => withSize(original, blob.size)),
        { start: bodyStart, end: span.end, with: blob },
        { start: span.end, end: span.end, with: new Uint8Array(paddingAfter(blob.size)) },
      ];
    }
    case 'redact':
    case undefined:
      break;
  }
  const body = mergedRanges(target?.marked ?? []).map(redaction);
  return header === undefined ? body : [metadata((original) => original), ...body];
}

const nothing = new Uint8Array(0);

function redaction({ start, end, encoding }: Marked): Edit {
  return {
    start,
    end,
    with: (original) => {
      fill(original, 0, original.length, encoding);
      return original;
    },
  };
}
