// Shows that the written image is what the plan says and holds none of the removed values: it is opened from its bytes like any other
// image, scanned with the same rules, searched for the values in every encoding, and compared with the old one, layer by layer.
import { counted } from '../../model/counted.ts';
import type { Digest } from '../../model/digest.ts';
import type { ProofCheck, Proof, UntouchedBytes } from '../../model/clean-report.ts';
import type { Image, OpenedStore } from '../../model/image.ts';
import { printable } from '../../model/printable.ts';
import { parseReference } from '../../model/reference.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';
import { type ScannedStore, type ScanOptions, scanStore } from '../../scan/scan.ts';
import { openStore } from '../../store/open.ts';
import type { CleanedImage } from '../apply/clean-image.ts';
import { Hunt } from '../values/hunt.ts';
import { type HuntOptions, huntLayer } from '../values/hunt-layer.ts';
import type { MadePlan } from '../plan/make-plan.ts';
import { MergedTree, type NamedEntry } from './merged-tree.ts';
import type { Planned } from '../plan/planned.ts';
import { imageProblems } from './prove-images.ts';
import type { TouchedLayer } from '../apply/touched-layer.ts';
import { type LayerProof, proveLayer } from './prove-layer.ts';

export interface ProofRequest {
  /** Of the written result. */
  readonly reference: string;
  readonly scanned: ScannedStore;
  readonly made: MadePlan;
  readonly planned: readonly Planned[];
  /** Ids of values that the plan leaves somewhere. */
  readonly keptValues: ReadonlySet<string>;
  readonly images: readonly CleanedImage[];
  readonly touched: ReadonlyMap<string, TouchedLayer>;
  /** Digests of the documents that were written for these images; others in the same layout are not looked at. */
  readonly documents: ReadonlySet<Digest>;
  readonly options: ScanOptions & HuntOptions;
}

export async function prove(request: ProofRequest): Promise<Proof> {
  const store = await openStore(parseReference(request.reference), { ...request.options, platform: 'all' });
  try {
    return await proveStore(ownPart(store, request), request);
  } finally {
    await store.close();
  }
}

/** A layout may hold images of others beside ours: then its index is not ours alone. */
function ownPart(store: OpenedStore, { images, documents }: ProofRequest): OpenedStore {
  const digests = new Set<string | undefined>(images.map(({ manifest }) => manifest.digest));
  const own = store.images.filter(({ manifestDigest }) => digests.has(manifestDigest));
  const isAllOurs = own.length === store.images.length;
  return {
    ...store,
    images: own,
    documents: store.documents.filter(({ digest, name }) => documents.has(digest) || name === 'manifest.json' || (isAllOurs && name === 'index')),
    loose: [],
  };
}

async function proveStore(store: OpenedStore, request: ProofRequest): Promise<Proof> {
  const { scanned, touched, images, options } = request;
  const known = new Map([...scanned.layers.values()].map((scan) => [scan.digest, scan] as const));
  const rescanned = await scanStore(store, 'the result', { ...options, known });
  const written = new Map(
    store.images.flatMap(({ layers }) => layers.map((layer) => [rescanned.layers.get(layer.key)!.digest as string, layer] as const)),
  );

  const layerProofs = new Map<string, LayerProof>();
  const problems: string[] = [];
  for (const [key, layer] of touched) {
    const now = written.get(layer.result.digest);
    if (now === undefined) problems.push(`layer ${layer.scan.digest} should have become ${layer.result.digest}, which is not in the result`);
    else layerProofs.set(key, await proveLayer(layer, now.blob, options.limits, options.signal));
  }
  const checks = [
    rescanCheck(rescanned, request),
    await valuesCheck(store, rescanned, request),
    treesCheck(rescanned, layerProofs, request),
    bytesCheck(layerProofs, [
      ...problems,
      ...imageProblems(store, { ...request, before: scanned.layers, after: rescanned.layers, mask: scanned.mask }),
    ]),
    digestsCheck(store, rescanned, images),
  ];
  return { checks, untouched: untouchedBytes(layerProofs, request) };
}

/** Nothing that was planned is found again, and nothing is found that was not there before. */
function rescanCheck(rescanned: ScannedStore, { scanned, made, keptValues }: ProofRequest): ProofCheck {
  const removed = new Set(made.values.filter(({ id }) => !keptValues.has(id)).map(({ secret }) => secret.reveal()));
  const before = new Set(scanned.report.findings.map(({ fingerprint }) => fingerprint));
  const foundBefore = new Set(scanned.report.findings.map(({ ruleId, secret }) => `${ruleId} ${secret.reveal()}`));
  const isTelling = new Set(made.values.filter((value) => value.isTelling).map(({ secret }) => secret.reveal()));
  const planned = new Set(made.values.flatMap(({ findings }) => findings));
  const problems = rescanned.report.findings.flatMap(({ fingerprint, ruleId, place, secret }) => {
    const value = secret.reveal();
    const where = 'path' in place ? place.path : 'pointer' in place ? place.pointer : place.what;
    if (removed.has(value) && (isTelling.has(value) || planned.has(fingerprint))) return [`${ruleId} still finds a removed value in ${where}`];
    // In a file that has another name now, an old finding has another fingerprint.
    return before.has(fingerprint) || foundBefore.has(`${ruleId} ${value}`)
      ? []
      : [`${ruleId} finds something new in ${where}: what is left of a value looks like one`];
  });
  const { coverage, findings, skipped } = rescanned.report;
  return {
    name: 'rescan',
    isPassed: problems.length === 0,
    detail: `the result was scanned with the same rules (${counted(coverage.layers, 'layer')}, ${counted(coverage.entries, 'entry', 'entries')}, ${counted(coverage.documents, 'value')} of metadata): ${counted(findings.length, 'finding')}, none of them planned${skipped.length > 0 ? `; ${counted(skipped.length, 'thing')} could not be read` : ''}`,
    problems,
  };
}

/** The removed values are nowhere, in no encoding. Layers with the same digest as before were searched when the plan was made. */
async function valuesCheck(store: OpenedStore, rescanned: ScannedStore, { scanned, made, keptValues, options }: ProofRequest): Promise<ProofCheck> {
  const values = made.values.filter(({ id, isTelling }) => isTelling && !keptValues.has(id));
  const hunt = new Hunt(values);
  const problems: string[] = [];
  let bytes = 0;
  const before = new Map([...scanned.layers].map(([key, scan]) => [scan.digest as string, made.hunts.get(key)]));
  const layers = new Map(store.images.flatMap((image) => image.layers).map((layer) => [layer.key, layer]));
  for (const [key, layer] of hunt.isEmpty ? [] : layers) {
    const scan = rescanned.layers.get(key)!;
    bytes += scan.bytes;
    const searched = before.get(scan.digest);
    const found = searched ?? (await huntLayer(layer.blob, scan.entries, hunt, options));
    const hits = [...found.hits, ...found.beside, ...[...found.nested.values()].flatMap(({ hits: inside }) => inside)];
    for (const { value, encoding } of hits)
      if (values.includes(value)) problems.push(`${value.id} still stands in layer ${scan.digest} (${encoding})`);
  }
  const documents = [...store.documents, ...store.images.flatMap((image) => image.documents)];
  for (const { name, bytes: text } of documents) {
    bytes += text.length;
    for (const { value, encoding } of hunt.in(Buffer.from(text))) problems.push(`${value.id} still stands in ${printable(name)} (${encoding})`);
  }
  return {
    name: 'values',
    isPassed: problems.length === 0,
    detail: `${counted(values.length, 'removed value')} searched for in ${counted(bytes, 'byte')}, as they are and in wide, URL, escaped, base64 and hexadecimal form, in files inside of files too`,
    problems: [...new Set(problems)],
  };
}

/** At each layer the file system of the old image and of the new one differ where the plan says, and nowhere else. */
function treesCheck(
  rescanned: ScannedStore,
  proofs: ReadonlyMap<string, LayerProof>,
  { scanned, images, touched, planned }: ProofRequest,
): ProofCheck {
  const problems: string[] = [];
  let compared = 0;
  let differing = 0;
  const byDigest = new Map([...rescanned.layers.values()].map((scan) => [scan.digest as string, scan]));
  for (const { image, layers } of images) {
    const allowed = plannedPaths(image, planned);
    const renamed = new Set<string>();
    const before = new MergedTree();
    const after = new MergedTree();
    for (const [position, layer] of image.layers.entries()) {
      const old = scanned.layers.get(layer.key)!;
      const now = byDigest.get(layers[position].digest);
      const proof = proofs.get(layer.key);
      before.apply(old.entries.map((entry) => ({ entry, word: wordOf(old, entry.index) })));
      const changes = touched.get(layer.key)?.edits.changes;
      after.apply(namedAfter(old, now ?? old, proof, changes));
      for (const path of newNames(old, now ?? old, proof, changes)) renamed.add(path);
      const differences = before.differences(after);
      compared++;
      for (const path of differences)
        if (!allowed(path) && !renamed.has(path))
          problems.push(`layer ${layer.index} of ${printable(image.name)}: ${printable(path)} differs, and no step speaks of it`);
      if (position === image.layers.length - 1) differing += differences.size;
    }
  }
  return {
    name: 'trees',
    isPassed: problems.length === 0,
    detail: `the file systems of old and new were compared at each layer (${compared} in all): they differ at ${counted(differing, 'visible path')}, and only where a step of the plan says so`,
    problems: problems.slice(0, 100),
  };
}

function wordOf(layer: LayerScan, index: number): string {
  return `${layer.digest} ${index}`;
}

/** Entries of the new layer, named by the old ones that they equal; those that were changed have a word of their own. */
function namedAfter(old: LayerScan, now: LayerScan, proof: LayerProof | undefined, changes: Changes | undefined): NamedEntry[] {
  return now.entries.map((entry) => {
    const origin = proof === undefined ? entry.index : proof.origins[entry.index];
    const isChanged = origin === undefined || changes?.has(origin) === true;
    return { entry, word: isChanged ? `changed ${now.digest} ${entry.index}` : wordOf(old, origin) };
  });
}

type Changes = TouchedLayer['edits']['changes'];

/** The paths of entries that have another name now because theirs held a value. */
function newNames(old: LayerScan, now: LayerScan, proof: LayerProof | undefined, changes: Changes | undefined): readonly string[] {
  return now.entries.flatMap(({ index, path }) => {
    const origin = proof?.origins[index];
    return origin !== undefined && changes?.has(origin) === true && old.entries[origin].path !== path ? [path] : [];
  });
}

/** Tells whether a step speaks of a path of this image: of itself, of a folder above it that is dropped or renamed, or of a link. */
function plannedPaths({ layers }: Image, planned: readonly Planned[]): (path: string) => boolean {
  const keys = new Set(layers.map(({ key }) => key));
  const paths = new Set<string>();
  for (const step of planned) {
    if (step.kind === 'file') {
      for (const { entry } of step.entries) if (keys.has(step.key)) paths.add(entry.path);
      for (const { key, entry } of step.links) if (keys.has(key)) paths.add(entry.path);
    } else if (step.kind === 'header' && keys.has(step.key)) {
      for (const { entry } of step.targets) paths.add(entry.path);
    }
  }
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (paths.has(path.slice(0, end))) return true;
    return false;
  };
}

function bytesCheck(proofs: ReadonlyMap<string, LayerProof>, missing: readonly string[]): ProofCheck {
  const all = [...proofs.values()];
  const problems = [
    ...missing,
    ...all.flatMap((proof) => proof.problems),
    ...all.flatMap(({ outside: { before, after } }) =>
      before.digest === after.digest && before.bytes === after.bytes
        ? []
        : [`${before.bytes} bytes that no step speaks of have become ${after.bytes} other ones`],
    ),
  ];
  const bytes = all.reduce((sum, { outside }) => sum + outside.before.bytes, 0);
  const entries = all.reduce((sum, { unchanged }) => sum + unchanged, 0);
  return {
    name: 'bytes',
    isPassed: problems.length === 0,
    detail: `in ${counted(all.length, 'changed layer')} all that no step speaks of is the same, by count and digest: ${counted(entries, 'entry', 'entries')}, ${counted(bytes, 'byte')}`,
    problems: problems.slice(0, 100),
  };
}

/** The digests that manifests and configs announce are those of the written bytes: the scan has computed them. */
function digestsCheck(store: OpenedStore, { report }: ScannedStore, images: readonly CleanedImage[]): ProofCheck {
  const problems = report.skipped
    .filter(({ reason }) => reason === 'mismatch' || reason === 'missing')
    .map(({ place, detail }) => `${place}: ${detail}`);
  if (store.images.length < new Set(images.map(({ manifest }) => manifest.digest)).size)
    problems.push(`${images.length} images were written, and ${store.images.length} can be read`);
  const layers = store.images.reduce((sum, image) => sum + image.layers.length, 0);
  return {
    name: 'digests',
    isPassed: problems.length === 0,
    detail: `digests and diffIDs of ${counted(store.images.length, 'image')} with ${counted(layers, 'layer')} were computed from the written bytes and are those that manifests and configs announce`,
    problems,
  };
}

function untouchedBytes(proofs: ReadonlyMap<string, LayerProof>, { images }: ProofRequest): readonly UntouchedBytes[] {
  return images.flatMap(({ image }, index) =>
    image.layers.flatMap(({ key, index: layer }) => {
      const proof = proofs.get(key);
      if (proof === undefined) return [];
      const { before, after } = proof.outside;
      return [{ image: index, layer, entries: proof.unchanged, bytes: before.bytes, before: before.digest, after: after.digest }];
    }),
  );
}
