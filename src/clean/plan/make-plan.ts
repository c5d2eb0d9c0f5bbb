// From the findings that are to be cleaned to every place that must change: the values are searched for in all layers, the metadata and
// what is attached, and each place becomes a step.
import { counted } from '../../model/counted.ts';
import type { Finding } from '../../model/finding.ts';
import type { Image, MetadataDocument, OpenedStore } from '../../model/image.ts';
import type { Plan, PlanStep } from '../../model/plan.ts';
import { planFormat, planSchemaVersion } from '../../model/plan.ts';
import type { Notice } from '../../model/report.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import type { Trace } from '../../scan/trace.ts';
import { Hunt } from '../values/hunt.ts';
import { type HuntOptions, huntLayer, type LayerHunt } from '../values/hunt-layer.ts';
import { knownInside } from './layer-targets.ts';
import { MetadataCleaner } from './metadata-cleaner.ts';
import { stringPointer } from './metadata-strings.ts';
import { planAttached } from './plan-attached.ts';
import { type LayerSource, planLayers, type PlanRequest } from './plan-layers.ts';
import { causeOf, type FoundValue, foundHere, type Planned, type PlannedLoose } from './planned.ts';
import { type RemovedValue, removedValues } from '../values/removed-value.ts';
import { Visibility } from './visibility.ts';

export interface MadePlan {
  readonly plan: Plan;
  readonly planned: readonly Planned[];
  /** What is left alone for it is no more than a guess, with the step that it would have been. */
  readonly spared: readonly PlanStep[];
  readonly values: readonly RemovedValue[];
  readonly hunt: Hunt;
  readonly hunts: ReadonlyMap<string, LayerHunt>;
  readonly cleaner: MetadataCleaner;
  readonly notices: readonly Notice[];
}

export interface PlanOptions extends Omit<PlanRequest, 'mask'>, HuntOptions {
  readonly version: string;
  readonly reference: string;
  /** Called with each layer before it is searched. */
  readonly onLayer?: (number: number, of: number) => void;
}

/** `selected` are findings of `scanned`, in its order. */
export async function makePlan(store: OpenedStore, scanned: ScannedStore, selected: readonly Finding[], options: PlanOptions): Promise<MadePlan> {
  const values = removedValues(selected);
  const byFinding = valuesByFinding(values, selected);
  const hunt = new Hunt(values.filter(({ isTelling }) => isTelling));
  const traced = selected.flatMap((finding): readonly TracedValue[] => {
    const trace = scanned.traces.get(finding);
    return trace === undefined ? [] : [{ trace, value: byFinding.get(finding)!, finding: finding.fingerprint }];
  });
  const inLayer = Map.groupBy(traced, ({ trace }) => (trace.kind === 'layer' ? trace.key : undefined));
  const notices: Notice[] = [];
  const hunts = new Map<string, LayerHunt>();
  const sources: LayerSource[] = [];
  for (const [key, scan] of scanned.layers) {
    const sightings = (inLayer.get(key) ?? []).flatMap(({ trace, ...rest }) =>
      trace.kind === 'layer' ? [{ sighting: trace.sighting, ...rest }] : [],
    );
    options.onLayer?.(hunts.size + 1, scanned.layers.size);
    // Nothing to look for, and nothing known: the layer need not be read again.
    const isIdle = hunt.isEmpty && sightings.length === 0;
    const found = isIdle
      ? nothingFound
      : await huntLayer(blobOf(store.images, key), scan.entries, hunt, { ...options, known: knownInside(sightings) });
    notices.push(...found.notices.map(({ place, detail }) => ({ place: scanned.mask(place), detail: scanned.mask(detail) })));
    hunts.set(key, found);
    sources.push({ key, scan, hunt: found, selected: sightings });
  }

  const places = Map.groupBy(traced, ({ trace }) => (trace.kind === 'metadata' ? `${trace.document.digest} ${stringPointer(trace.pointer)}` : ''));
  const cleaner = new MetadataCleaner(hunt, (document, pointer) => places.get(`${document} ${pointer}`) ?? [], options.modes);
  const { mask } = scanned;
  const { planned: inLayers, spared } = planLayers(sources, new Visibility(store.images, scanned.layers), { ...options, mask });
  const inMetadata = carriedDocuments(store).flatMap((document) => cleaner.plan(document, mask));

  const isChanged = changeTest(store, [...inLayers, ...inMetadata]);
  const byName = Map.groupBy(traced, ({ trace }) => (trace.kind === 'loose' ? trace.name : trace.kind === 'metadata' ? trace.document.name : ''));
  const knownIn = (name: string) => byName.get(name) ?? [];
  const attached = (await planAttached(store.layout, { isChanged, knownIn, hunt, options })).map((planned) => ({
    ...planned,
    step: { ...planned.step, what: mask(planned.step.what), reason: mask(planned.step.reason) },
  }));
  const known = new Set(attached.flatMap(({ target }) => [target.document.name, ...target.blobs.map(({ name }) => name)]));
  const planned: Planned[] = [...inLayers, ...inMetadata, ...attached, ...looseSteps(traced, store, known, mask)];
  return {
    plan: {
      format: planFormat,
      schemaVersion: planSchemaVersion,
      version: options.version,
      reference: mask(options.reference),
      images: planImages(store.images, mask),
      steps: planned.map(({ step }) => step),
      remarks: remarksOn(scanned, selected, values),
    },
    planned,
    spared: spared.map(({ step }) => ({
      ...step,
      reason: 'a guess in a program, which would be emptied: --mode PATH=redact or --only low takes it too',
    })),
    values,
    hunt,
    hunts,
    cleaner,
    notices,
  };
}

/** What a plan calls the images it is for. */
export function planImages(images: readonly Image[], mask: (text: string) => string): Plan['images'] {
  return images.flatMap(({ name, platform, manifestDigest, configDigest }) => {
    const digest = manifestDigest ?? configDigest;
    return digest === undefined ? [] : [{ name: mask(name), ...(platform === undefined ? {} : { platform }), digest }];
  });
}

const nothingFound: LayerHunt = { hits: [], beside: [], nested: new Map(), natures: new Map(), notices: [] };

function blobOf(images: readonly Image[], key: string) {
  return images.flatMap(({ layers }) => layers).find((layer) => layer.key === key)!.blob;
}

function valuesByFinding(values: readonly RemovedValue[], findings: readonly Finding[]): ReadonlyMap<Finding, RemovedValue> {
  const byId = new Map(values.map((value) => [value.id, value]));
  return new Map(findings.map((finding) => [finding, byId.get(finding.secretId)!]));
}

/** Documents that are part of the cleaned images: the others are written anew, or left out. */
function carriedDocuments({ images, layout }: OpenedStore): readonly MetadataDocument[] {
  const ofImages = images.flatMap(({ documents }) => documents.filter(({ name }) => name === 'config' || name === 'manifest'));
  const indexes = layout === undefined ? [] : [layout.index, ...indexesIn(layout.links)];
  return [...new Map([...ofImages, ...indexes].map((document) => [document.digest, document])).values()];
}

function indexesIn(links: NonNullable<OpenedStore['layout']>['links'], seen = new Set<string>()): MetadataDocument[] {
  return links.flatMap(({ target }) => {
    if (target?.kind !== 'index' || seen.has(target.document.digest)) return [];
    seen.add(target.document.digest);
    return [target.document, ...indexesIn(target.links, seen)];
  });
}

/** Tells of a manifest or index whether the steps make another one of it. */
function changeTest({ images, layout }: OpenedStore, planned: readonly Planned[]): (digest: string) => boolean {
  const keys = new Set(
    planned.flatMap((step) => ('key' in step ? [step.key, ...(step.kind === 'file' ? step.links.map(({ key }) => key) : [])] : [])),
  );
  const documents = new Set(planned.flatMap((step) => (step.kind === 'metadata' ? [step.step.document as string] : [])));
  const changed = new Set<string>();
  for (const { layers, manifestDigest, documents: own } of images) {
    if (manifestDigest !== undefined && (layers.some(({ key }) => keys.has(key)) || own.some(({ digest }) => documents.has(digest))))
      changed.add(manifestDigest);
  }
  const visit = (links: NonNullable<OpenedStore['layout']>['links']): boolean =>
    links
      .map(({ target }) => {
        if (target === undefined) return false;
        const { digest } = target.document;
        if (target.kind === 'index' && (visit(target.links) || documents.has(digest))) changed.add(digest);
        return changed.has(digest);
      })
      .some(Boolean);
  visit(layout?.links ?? []);
  return (digest) => changed.has(digest);
}

/** Places outside all images and attachments: they are not carried over. */
function looseSteps(
  traced: readonly TracedValue[],
  store: OpenedStore,
  attached: ReadonlySet<string>,
  mask: (text: string) => string,
): readonly PlannedLoose[] {
  const carried = new Set(carriedDocuments(store).map(({ digest }) => digest));
  const loose = traced.flatMap(({ trace, ...rest }) => {
    if (trace.kind === 'layer' || (trace.kind === 'metadata' && carried.has(trace.document.digest))) return [];
    const name = trace.kind === 'loose' ? trace.name : trace.document.name;
    return attached.has(name) ? [] : [{ name, ...rest }];
  });
  return [...Map.groupBy(loose, ({ name }) => name)].map(([name, found]) => ({
    kind: 'loose',
    step: { kind: 'loose', name: mask(name), treatment: 'drop', reason: 'no image needs it: it is not carried over', ...causeOf(foundHere(found)) },
  }));
}

/** A selected finding, with the way back to its place. */
interface TracedValue extends FoundValue {
  readonly trace: Trace;
}

function remarksOn({ report }: ScannedStore, selected: readonly Finding[], values: readonly RemovedValue[]): readonly string[] {
  const chosen = new Set(selected);
  const left = report.findings.filter((finding) => !chosen.has(finding));
  const remarks: string[] = [];
  if (left.length > 0) remarks.push(`${counted(left.length, 'other finding')} left as found, for nobody asked for them: see unbake scan`);
  const common = values.filter(({ isTelling }) => !isTelling).map(({ id }) => id);
  if (common.length > 0)
    remarks.push(`${common.join(', ')}: too short, too common or too unsure to be searched for everywhere: removed only where a rule found it`);
  const guesses = selected.filter(({ confidence }) => confidence === 'low').length;
  if (guesses > 0)
    remarks.push(
      `${counted(guesses, 'guess', 'guesses')} among the findings (low confidence), and what they point at may be needed: look at the plan first, or choose with --only high`,
    );
  if (selected.some(({ inherited }) => inherited === true))
    remarks.push('layers of the base image change: what compares this image with its base by digest (rebase, shared layers) will tell them apart');
  return remarks;
}
