// What is about an image, and no longer true of the cleaned one: attestations, signatures, referrers. They are not moved to the new digest,
// for nobody attested or signed that; they are left out and listed.
import type { ManifestLink, ManifestTarget, OpenedStore } from '../../model/image.ts';
import { field, stringField } from '../../model/json.ts';
import { printable } from '../../model/printable.ts';
import type { Hunt } from '../values/hunt.ts';
import { type HuntOptions, huntLayer } from '../values/hunt-layer.ts';
import { type AttachedTarget, type Cause, causeOf, foundHere, type FoundValue, type PlannedAttached } from './planned.ts';

export interface AttachedRequest {
  /** True of a manifest that is going to be another one. */
  readonly isChanged: (digest: string) => boolean;
  /** Values that a rule found in it, by the name of the document or blob in the store. */
  readonly knownIn: (name: string) => readonly FoundValue[];
  readonly hunt: Hunt;
  readonly options: HuntOptions;
}

/** Tags that cosign gives to what it attaches: `sha256-<hex of the subject>.sig`. */
const cosignTag = /^(sha256)-([0-9a-f]{64})\.(sig|att|sbom)$/;

export async function planAttached(layout: OpenedStore['layout'], request: AttachedRequest): Promise<readonly PlannedAttached[]> {
  const planned = new Map<ManifestTarget, PlannedAttached>();
  const changed = new Set<string>();
  const links = [...linksIn(layout?.links ?? [])];
  const causes = new Map<ManifestTarget, Cause>();
  for (const { target } of links) if (target?.kind === 'attached' && !causes.has(target)) causes.set(target, await causeIn(target, request));
  // What is left out makes other ones stale: a signature of an attestation, of the index that it stood in.
  for (let before = -1; before < planned.size;) {
    before = planned.size;
    for (const link of links) {
      const { target } = link;
      if (target?.kind !== 'attached' || planned.has(target)) continue;
      const step = stepFor(link, target, causes.get(target)!, (digest) => request.isChanged(digest) || changed.has(digest));
      if (step === undefined) continue;
      planned.set(target, { kind: 'attached', target, step });
      changed.add(target.document.digest);
      for (const digest of indexesAround(target, links)) changed.add(digest);
    }
  }
  return [...planned.values()];
}

function stepFor(
  link: ManifestLink,
  target: AttachedTarget,
  cause: Cause,
  isChanged: (digest: string) => boolean,
): PlannedAttached['step'] | undefined {
  const about = subjectOf(link);
  const holdsValue = cause.values.size > 0;
  if (!holdsValue && !(about !== undefined && isChanged(about))) return undefined;
  const what = about === undefined ? 'artifact' : kindOf(link);
  return {
    kind: 'attached',
    digest: target.document.digest,
    what: about === undefined ? what : `${what} of ${about}`,
    treatment: 'drop',
    reason: holdsValue ? `the ${what} holds the secret` : `the ${what} is about the image before cleaning`,
    ...causeOf(cause),
  };
}

/** Digests of the indexes that lead to a manifest. */
function indexesAround(target: ManifestTarget, links: readonly ManifestLink[]): readonly string[] {
  const around: string[] = [];
  const wanted = new Set([target]);
  for (let before = -1; before < around.length;) {
    before = around.length;
    for (const { target: index } of links) {
      if (index?.kind !== 'index' || wanted.has(index) || !index.links.some((link) => link.target !== undefined && wanted.has(link.target))) continue;
      wanted.add(index);
      around.push(index.document.digest);
    }
  }
  return around;
}

/** Depth first; an index that stands in several places comes once. */
function* linksIn(links: readonly ManifestLink[], seen = new Set<ManifestTarget>()): Generator<ManifestLink> {
  for (const link of links) {
    yield link;
    if (link.target?.kind !== 'index' || seen.has(link.target)) continue;
    seen.add(link.target);
    yield* linksIn(link.target.links, seen);
  }
}

function subjectOf({ descriptor, target }: ManifestLink): string | undefined {
  if (target?.kind === 'attached' && target.subject !== undefined) return target.subject;
  const tag = cosignTag.exec(stringField(field(descriptor, 'annotations'), 'org.opencontainers.image.ref.name') ?? '');
  return tag === null ? undefined : `${tag[1]}:${tag[2]}`;
}

function kindOf({ descriptor, target }: ManifestLink): string {
  const tag = cosignTag.exec(stringField(field(descriptor, 'annotations'), 'org.opencontainers.image.ref.name') ?? '')?.[3];
  if (tag !== undefined) return { sig: 'signature', att: 'attestation', sbom: 'SBOM' }[tag]!;
  const type = stringField(field(descriptor, 'annotations'), 'vnd.docker.reference.type');
  if (type === 'attestation-manifest') return 'attestation';
  const artifactType = stringField(target?.document.root, 'artifactType') ?? stringField(field(target?.document.root, 'config'), 'mediaType');
  return artifactType === undefined ? 'referrer' : `referrer (${printable(artifactType)})`;
}

async function causeIn(target: AttachedTarget, { hunt, knownIn, options }: AttachedRequest): Promise<Cause> {
  const here = foundHere([target.document, ...target.blobs].flatMap(({ name }) => knownIn(name)));
  const found = [...hunt.in(Buffer.from(target.document.bytes))].map(({ value, encoding }) => ({ value, encoding }));
  for (const { blob } of target.blobs) {
    const { hits, beside } = await huntLayer(blob, [], hunt, options);
    for (const hit of [...hits, ...beside]) found.push(hit);
  }
  return {
    ...here,
    values: new Set([...here.values, ...found.map(({ value }) => value)]),
    encodings:
      found.length === 0 && here.values.size === 0
        ? new Set()
        : new Set([...(here.values.size > 0 ? here.encodings : []), ...found.map(({ encoding }) => encoding)]),
  };
}
