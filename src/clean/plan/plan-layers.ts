// The steps for the layers: one for each path that holds a value, each path that was asked for, and what stands around the entries.
import type { Digest } from '../../model/digest.ts';
import { type Entry, printablePath, whiteoutOf, pathText } from '../../model/entry.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';
import type { LayerHunt, NestedFind } from '../values/hunt-layer.ts';
import type { RemovedValue } from '../values/removed-value.ts';
import { type EntryTarget, hasTargets, layerTargets, type SelectedSighting, type Target } from './layer-targets.ts';
import { olderCopies } from './older-copies.ts';
import { mergedRanges } from '../values/redact.ts';
import { type Cause, causeOf, type PlannedCompression, type PlannedFile, type PlannedHeader, type PlannedStray } from './planned.ts';
import { type Chosen, type Mode, modeFor, treatmentFor } from './treatment.ts';
import type { LayerEntry, Visibility } from './visibility.ts';

export interface LayerSource {
  readonly key: string;
  readonly scan: LayerScan;
  readonly hunt: LayerHunt;
  readonly selected: readonly SelectedSighting[];
}

export interface PlanRequest {
  readonly modes: readonly Mode[];
  /** Paths to take out whatever they hold: `matches` is asked with a path without its leading slash. */
  readonly paths: readonly { readonly typed: string; matches(path: string): boolean }[];
  /** Guesses in programs are left alone: they were not asked for by name, and a program without its bytes is none. */
  readonly sparesGuesses: boolean;
  /** Hides values in names. */
  readonly mask: (text: string) => string;
}

export interface PlannedLayers {
  readonly planned: readonly PlannedInLayer[];
  /** What is left alone, with the step that it would have been. */
  readonly spared: readonly PlannedFile[];
}

export type PlannedInLayer = PlannedFile | PlannedHeader | PlannedStray | PlannedCompression;

/** Tables of contents hold the digest of every file, removed ones included, and are read instead of the archive. */
const tableEntries = new Set(['stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark']);

export function planLayers(sources: readonly LayerSource[], visibility: Visibility, request: PlanRequest): PlannedLayers {
  const all = sources.flatMap((source) => planLayer(source, visibility, request));
  const isFile = (step: PlannedInLayer): step is PlannedFile => step.kind === 'file';
  const spared = new Set<PlannedInLayer>(request.sparesGuesses ? all.filter(isFile).filter((step) => isGuessInProgram(step, request)) : []);
  const planned = all.filter((step) => !spared.has(step));
  const entries = sources.flatMap(({ key, scan }) => scan.entries.map((entry) => ({ key, entry })));
  const { files, copies } = olderCopies(planned.filter(isFile), entries, visibility);
  const steps = [...files, ...planned.filter((step) => !isFile(step)), ...copySteps(copies, sources, request)];
  return { planned: [...steps, ...tables(steps, sources, request)], spared: [...spared].filter(isFile) };
}

/** An emptied program or library breaks what runs; what is likely enough to be a secret is worth that, a guess is not. */
function isGuessInProgram({ step, entries }: PlannedFile, { modes }: PlanRequest): boolean {
  const values = entries.flatMap(({ target }) => [...(target?.values ?? [])]);
  const isAsked = entries.some(({ entry }) => modeFor(modes, pathText(entry.path)) !== undefined);
  return step.isVisible && step.treatment === 'empty' && values.length > 0 && values.every(({ isGuess }) => isGuess) && !isAsked;
}

function planLayer(source: LayerSource, visibility: Visibility, request: PlanRequest): PlannedInLayer[] {
  const targets = layerTargets(source.scan, source.selected, source.hunt);
  const { digest } = source.scan;
  const planned: PlannedInLayer[] = [];
  const asked = askedFor(source, visibility, request, planned, targets.bodies);
  if (!hasTargets(targets)) return planned;

  for (const [path, entries] of byPath([...targets.bodies.values()].filter(({ entry }) => !asked.has(entry))))
    planned.push(planFile(source, path, entries, visibility, request));
  for (const [path, entries] of byPath([...targets.headers.values()].filter(({ entry }) => !asked.has(entry))))
    planned.push({
      kind: 'header',
      key: source.key,
      targets: entries,
      step: {
        kind: 'header',
        layer: digest,
        path: request.mask(printablePath(path)),
        treatment: 'redact',
        places: count(entries),
        reason: 'its name, a link target or an attribute of it',
        ...causeOf(joined(entries)),
      },
    });
  for (const [what, target] of targets.strays)
    planned.push({
      kind: 'stray',
      key: source.key,
      target,
      step: {
        kind: 'stray',
        layer: digest,
        what,
        treatment: 'redact',
        places: mergedRanges(target.marked).length,
        reason: 'no entry owns these bytes',
        ...causeOf(target),
      },
    });
  for (const [what, target] of targets.beside)
    planned.push({
      kind: 'compression',
      key: source.key,
      step: { kind: 'compression', layer: digest, what, treatment: 'drop', reason: 'the compressed stream is written anew', ...causeOf(target) },
    });
  return planned;
}

function planFile(
  { key, scan, hunt }: LayerSource,
  path: string,
  targets: readonly EntryTarget[],
  visibility: Visibility,
  { modes, mask }: PlanRequest,
): PlannedFile {
  const links = targets.flatMap(({ entry }) => visibility.namesOf({ key, entry }).filter((name) => name.entry !== entry));
  const isVisible = targets.some(({ entry }) => visibility.isVisible({ key, entry })) || links.some((link) => visibility.isVisible(link));
  // Of several entries of one path the last is the one that counts, and what one of them does not allow is done to none.
  const { entry } = targets.at(-1)!;
  const { treatment, reason } = treatmentFor(
    {
      nature: hunt.natures.get(entry.index) ?? 'text',
      isVisible,
      isOverFolder: !isVisible && targets.some((target) => visibility.isOverFolder({ key, entry: target.entry })),
      rewriting: rewritingOf(targets),
      unplaced: targets.find(({ unplaced }) => unplaced !== undefined)?.unplaced,
      isExecutable: (entry.mode & 0o111) !== 0,
      isWhiteout: whiteoutOf(path) !== undefined,
    },
    modeFor(modes, pathText(path)),
  );
  return fileStep(
    { key, digest: scan.digest },
    path,
    targets.map((target) => ({ entry: target.entry, target })),
    links,
    isVisible,
    { treatment, reason },
    mask,
  );
}

/** What is looked for in one place only is not written over inside of an archive. */
function rewritingOf(targets: readonly EntryTarget[]): NestedFind['rewritten'] | undefined {
  const rewritings = targets.flatMap(({ nested }) => nested?.rewritten ?? []);
  const isPlaced = ({ nested }: EntryTarget, value: RemovedValue) => nested?.hits.some((hit) => hit.value === value) === true;
  const common = targets.flatMap((target) => [...target.values].filter((value) => !value.isTelling && !isPlaced(target, value)))[0];
  if (rewritings.length > 0 && common !== undefined) return { cannot: `${common.id} is too common to be looked for in it` };
  return rewritings.find((rewriting) => 'cannot' in rewriting) ?? rewritings[0];
}

function fileStep(
  { key, digest }: { readonly key: string; readonly digest: Digest },
  path: string,
  entries: PlannedFile['entries'],
  links: readonly LayerEntry[],
  isVisible: boolean,
  { treatment, reason }: Chosen,
  mask: (text: string) => string,
): PlannedFile {
  const targets = entries.flatMap(({ target }) => target ?? []);
  const inside = targets.flatMap(({ nested }) => nested?.hits ?? []).flatMap(({ way }) => (way.length === 0 ? [] : [mask(way.join('!/'))]));
  return {
    kind: 'file',
    key,
    entries,
    links,
    step: {
      kind: 'file',
      layer: digest,
      path: mask(printablePath(path)),
      treatment,
      reason,
      places: count(targets),
      isVisible,
      names: [...new Set(links.map(({ entry }) => mask(printablePath(entry.path))))],
      inside: [...new Set(inside)],
      ...causeOf(joined(targets)),
    },
  };
}

/** Takes out what was asked for by path, folders with all that is in them: one step for each path that was meant itself. */
function askedFor(
  { key, scan }: LayerSource,
  visibility: Visibility,
  { paths, modes, mask }: PlanRequest,
  planned: PlannedInLayer[],
  bodies: ReadonlyMap<number, EntryTarget>,
): ReadonlySet<Entry> {
  const asked = new Set<Entry>();
  if (paths.length === 0) return asked;
  const groups = new Map<string, { typed: string; entries: Entry[] }>();
  for (const entry of scan.entries) {
    const meant = paths.find(({ matches }) => isMeant(entry.path, matches));
    if (meant === undefined) continue;
    const top = topOf(entry.path, meant.matches);
    const group = groups.get(top) ?? { typed: meant.typed, entries: [] };
    group.entries.push(entry);
    groups.set(top, group);
    asked.add(entry);
  }
  for (const [top, { typed, entries }] of groups) {
    const mode = modeFor(modes, pathText(top))?.treatment;
    const chosen: Chosen = { treatment: mode === 'empty' ? 'empty' : 'drop', reason: `asked for by --path ${typed}` };
    const members = entries.map((entry) => ({ entry, target: bodies.get(entry.index) }));
    const links = entries
      .filter(({ kind }) => kind === 'file' || kind === 'hardlink')
      .flatMap((entry) => visibility.namesOf({ key, entry }))
      .filter((name) => !asked.has(name.entry));
    planned.push(fileStep({ key, digest: scan.digest }, top, members, links, true, chosen, mask));
  }
  return asked;
}

/** A whiteout is meant only when what it deletes is: otherwise that would come back. */
function isMeant(path: string, matches: (path: string) => boolean): boolean {
  if (!matches(pathText(path))) return false;
  const whiteout = whiteoutOf(path);
  return whiteout === undefined || whiteout.kind === 'metadata' || matches(pathText(whiteout.path));
}

/** The uppermost folder above the path that is meant, or the path itself. */
function topOf(path: string, matches: (path: string) => boolean): string {
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1))
    if (matches(pathText(path.slice(0, slash)))) return path.slice(0, slash);
  return path;
}

function copySteps(copies: readonly LayerEntry[], sources: readonly LayerSource[], { mask }: PlanRequest): PlannedFile[] {
  const digests = new Map(sources.map(({ key, scan }) => [key, scan.digest]));
  const groups = Map.groupBy(copies, ({ key, entry }) => JSON.stringify([key, entry.path]));
  return [...groups.values()].map((same) => ({
    ...fileStep(
      { key: same[0].key, digest: digests.get(same[0].key)! },
      same[0].entry.path,
      same.map(({ entry }) => ({ entry, target: undefined })),
      [],
      false,
      { treatment: 'drop', reason: 'another copy of a file that is dropped, or what it had replaced: it would come back' },
      mask,
    ),
    follows: 'drop',
  }));
}

/** Of layers that are changed. */
function tables(planned: readonly PlannedInLayer[], sources: readonly LayerSource[], { mask }: PlanRequest): PlannedFile[] {
  const touched = new Set(planned.flatMap((step) => (step.kind === 'file' ? [step.key, ...step.links.map(({ key }) => key)] : [step.key])));
  return sources.flatMap(({ key, scan }) => {
    if (!touched.has(key) || !scan.entries.some(({ path }) => path === 'stargz.index.json')) return [];
    const entries = scan.entries.filter(({ path }) => tableEntries.has(path));
    return [...byPath(entries.map((entry) => ({ entry })))].map(([path, same]) => ({
      ...fileStep(
        { key, digest: scan.digest },
        path,
        same.map(({ entry }) => ({ entry, target: undefined })),
        [],
        false,
        { treatment: 'drop', reason: 'part of the eStargz table of contents, which tells of the files that are removed' },
        mask,
      ),
      follows: 'touch' as const,
    }));
  });
}

function byPath<T extends { readonly entry: Entry }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, ({ entry }) => entry.path);
}

function count(targets: readonly EntryTarget[]): number {
  return targets.reduce((sum, { marked, nested }) => sum + mergedRanges(marked).length + (nested?.hits.length ?? 0), 0);
}

function joined(targets: readonly Target[]): Cause {
  return {
    values: new Set(targets.flatMap(({ values }) => [...values])),
    encodings: new Set(targets.flatMap(({ encodings }) => [...encodings])),
    findings: new Map(targets.flatMap(({ findings }) => [...findings])),
  };
}
