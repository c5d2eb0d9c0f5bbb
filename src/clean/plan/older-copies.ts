// What a dropped file had hidden would come back: older copies of its path, and what lay below it where it had replaced a folder. They
// are dropped with it; where an image shows such a copy, the file stays, empty, and hides what it always did.
import type { PlannedFile } from './planned.ts';
import type { LayerEntry, Visibility } from './visibility.ts';

export interface OlderCopies {
  /** The steps as they came, some of them `empty` instead of `drop`. */
  readonly files: readonly PlannedFile[];
  readonly copies: readonly LayerEntry[];
}

/** `entries`: of all layers. */
export function olderCopies(files: readonly PlannedFile[], entries: readonly LayerEntry[], visibility: Visibility): OlderCopies {
  const dropping = new Map<string, { readonly file: PlannedFile; readonly name: LayerEntry }[]>();
  for (const file of files) {
    if (file.step.treatment !== 'drop' || !file.step.isVisible) continue;
    for (const name of [...file.entries.map(({ entry }) => ({ key: file.key, entry })), ...file.links])
      dropping.set(name.entry.path, [...(dropping.get(name.entry.path) ?? []), { file, name }]);
  }
  if (dropping.size === 0) return { files, copies: [] };
  const known = new Set(files.flatMap((file) => [...file.entries, ...file.links].map(({ entry }) => entry)));
  const hidden = entries.filter(({ entry }) => !known.has(entry)).map((copy) => ({ copy, by: hidersOf(copy, dropping, visibility) }));
  const staying = new Set(hidden.filter(({ copy, by }) => by.length > 0 && visibility.isVisible(copy)).flatMap(({ by }) => by));
  return {
    files: files.map((file) => (staying.has(file) ? emptied(file) : file)),
    copies: hidden
      .filter(({ by }) => by.some((file) => !staying.has(file)))
      .flatMap(({ copy, by }) => (by.some((file) => staying.has(file)) ? [] : [copy])),
  };
}

function hidersOf(
  copy: LayerEntry,
  dropping: ReadonlyMap<string, readonly { readonly file: PlannedFile; readonly name: LayerEntry }[]>,
  visibility: Visibility,
): readonly PlannedFile[] {
  const { path } = copy.entry;
  const hiders: PlannedFile[] = [];
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    for (const { file, name } of dropping.get(path.slice(0, end)) ?? [])
      if ((end === path.length || name.entry.kind !== 'directory') && visibility.isBefore(copy, name)) hiders.push(file);
  }
  return hiders;
}

function emptied(file: PlannedFile): PlannedFile {
  const reason = `${file.step.reason}, but then an older copy would come back, which another image needs`;
  return { ...file, step: { ...file.step, treatment: 'empty', reason } };
}
