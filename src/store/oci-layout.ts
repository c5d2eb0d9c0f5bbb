// Images of an OCI layout, folder or archive: `index.json` leads to manifests, indexes in indexes included, and those to blobs that
// are named by their digests (image-spec, image-layout.md, image-index.md, manifest.md).
import { type Digest, hexOf, parseDigest } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';
import type { Blob } from '../model/blob.ts';
import { cleanedFromOf } from '../model/cleaned-from.ts';
import type { Image, Layer, LooseBlob, ManifestLink, ManifestTarget, MetadataDocument } from '../model/image.ts';
import { arrayField, field, type JsonNode, numberField, stringField } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { formatPlatform, platformOf } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Skipped } from '../model/report.ts';
import { baseOf, diffIdsOf, instructionsOf } from './history.ts';
import type { Members } from './members.ts';
import { type Findings, readJson, toSkipped, verifyBlob } from './metadata.ts';

export const ociIndex = 'index.json';

const knownKeys = ['manifests', 'mediaType', 'config', 'layers', 'digest', 'size', 'platform', 'annotations'];
const imageConfigs = new Set(['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json']);

export interface OciImages {
  readonly images: Image[];
  /** Manifests that are about another one: attestations, signatures, referrers. `subject` is the digest of that one. */
  readonly attached: { readonly subject: string | undefined; readonly documents: MetadataDocument[]; readonly blobs: LooseBlob[] }[];
  readonly documents: MetadataDocument[];
  readonly layout: { readonly index: MetadataDocument; readonly links: readonly ManifestLink[] };
}

interface Descriptor {
  readonly digest: Digest;
  readonly size: number | undefined;
  readonly mediaType: string;
  readonly node: JsonNode;
  /** How messages call it. */
  readonly where: string;
}

/** Throws UnbakeError when `index.json` cannot be read; what is wrong below it is told in `findings` or in the image. */
export async function ociImages(members: Members, limits: Limits, findings: Findings): Promise<OciImages> {
  const walk = new LayoutWalk(members, limits, findings);
  const index = await readJson((await members.get(ociIndex))!, ociIndex, limits, knownKeys, findings);
  const document = { ...index, name: 'index' };
  const links = await walk.index(document, 0, []);
  return { images: walk.images, attached: walk.attached, documents: walk.documents, layout: { index: document, links } };
}

class LayoutWalk {
  readonly images: Image[] = [];
  readonly attached: OciImages['attached'] = [];
  readonly documents: MetadataDocument[] = [];
  readonly #members: Members;
  readonly #limits: Limits;
  readonly #findings: Findings;
  /** What each manifest and index came to; undefined while it is being walked. */
  readonly #seen = new Map<string, ManifestTarget | undefined>();

  constructor(members: Members, limits: Limits, findings: Findings) {
    this.#members = members;
    this.#limits = limits;
    this.#findings = findings;
  }

  /** `names` are the names under which the index itself is known: its manifests inherit them. */
  async index(document: MetadataDocument, depth: number, names: readonly string[]): Promise<readonly ManifestLink[]> {
    const { name, root } = document;
    this.documents.push(document);
    const links: ManifestLink[] = [];
    for (const [position, node] of arrayField(root, 'manifests', name).entries()) {
      const where = `${name}.manifests[${position}]`;
      let target: ManifestTarget | undefined;
      try {
        target = await this.#manifest(descriptorOf(node, where), depth, [...names, ...namesOf(node)]);
      } catch (thrown) {
        this.#findings.skipped.push(toSkipped(thrown, where));
      }
      links.push({ descriptor: node, target });
    }
    return links;
  }

  async #manifest(descriptor: Descriptor, depth: number, names: readonly string[]): Promise<ManifestTarget | undefined> {
    const { digest } = descriptor;
    const blob = await this.#blob(descriptor);
    if (blob === undefined) throw new UnbakeError('not-found', `the manifest ${digest} is not there`);
    const document = await readJson(blob, `manifest ${digest}`, this.#limits, knownKeys, this.#findings);
    if (!this.#seen.has(digest)) await verifyBlob(blob, { digest, ...sizeOf(descriptor) }, `manifest ${digest}`, this.#findings);
    const isIndex = field(document.root, 'manifests') !== undefined;
    if (isIndex && depth >= this.#limits.indexDepth)
      throw new UnbakeError('limit', `indexes stand more than ${this.#limits.indexDepth} deep in indexes`, { limit: 'indexDepth' });
    // An index cannot hold itself by an honest digest, but nobody has to be honest.
    if (this.#seen.has(digest)) {
      this.#addNames(digest, names);
      return this.#seen.get(digest);
    }
    this.#seen.set(digest, undefined);
    const target = isIndex
      ? await this.#index({ ...document, name: `index ${digest.slice(0, 19)}` }, depth + 1, names)
      : await this.#imageOrAttached(document, descriptor, names);
    this.#seen.set(digest, target);
    return target;
  }

  async #index(document: MetadataDocument, depth: number, names: readonly string[]): Promise<ManifestTarget> {
    return { kind: 'index', document, links: await this.index(document, depth, names) };
  }

  #addNames(digest: Digest, names: readonly string[]): void {
    const known = this.images.findIndex((image) => image.manifestDigest === digest);
    if (known < 0) return;
    const image = this.images[known];
    this.images[known] = { ...image, tags: [...new Set([...image.tags, ...names])] };
  }

  async #imageOrAttached(document: MetadataDocument, descriptor: Descriptor, names: readonly string[]): Promise<ManifestTarget> {
    const { root } = document;
    const subject =
      stringField(field(descriptor.node, 'annotations'), 'vnd.docker.reference.digest') ?? stringField(field(root, 'subject'), 'digest');
    const config = field(root, 'config');
    const hasImageConfig = config !== undefined && imageConfigs.has(stringField(config, 'mediaType') ?? 'application/vnd.oci.image.config.v1+json');
    if (subject !== undefined || !hasImageConfig || holdsDocuments(root)) return this.#attach(document, descriptor.digest, subject);
    await this.#image({ ...document, name: 'manifest' }, descriptor, names);
    return { kind: 'image', document };
  }

  /** Everything that an attestation or artifact holds is searched as what it is. */
  async #attach(read: MetadataDocument, digest: Digest, subject: string | undefined): Promise<ManifestTarget> {
    const name = `${subject === undefined ? 'artifact' : 'attestation'} ${digest.slice(0, 19)}`;
    const document = { ...read, name };
    const blobs: (LooseBlob & { readonly digest: Digest })[] = [];
    const config = field(read.root, 'config');
    const nodes = [
      ...(config === undefined ? [] : [{ node: config, where: `${name}.config` }]),
      ...arrayField(read.root, 'layers', name).map((node, index) => ({ node, where: `${name}.layers[${index}]` })),
      ...arrayField(read.root, 'blobs', name).map((node, index) => ({ node, where: `${name}.blobs[${index}]` })),
    ];
    for (const { node, where } of nodes) {
      try {
        const descriptor = descriptorOf(node, where);
        const blob = await this.#blob(descriptor);
        if (blob === undefined) throw new UnbakeError('not-found', `the blob ${descriptor.digest} is not there`);
        await verifyBlob(blob, { digest: descriptor.digest, ...sizeOf(descriptor) }, where, this.#findings);
        blobs.push({ name: where, blob, digest: descriptor.digest });
      } catch (thrown) {
        this.#findings.skipped.push(toSkipped(thrown, where));
      }
    }
    this.attached.push({ subject, documents: [document], blobs });
    return { kind: 'attached', document, subject, blobs };
  }

  async #image(manifest: MetadataDocument, { digest, node, where }: Descriptor, names: readonly string[]): Promise<void> {
    const { root } = manifest;
    const skipped: Skipped[] = [];
    const documents: MetadataDocument[] = [manifest];
    let config: JsonNode | undefined;
    let configDigest: Digest | undefined;
    try {
      const descriptor = descriptorOf(field(root, 'config')!, 'manifest.config');
      const blob = await this.#blob(descriptor);
      if (blob === undefined) throw new UnbakeError('not-found', `the config ${descriptor.digest} is not there`);
      configDigest = descriptor.digest;
      await verifyBlob(blob, { digest: descriptor.digest, ...sizeOf(descriptor) }, 'config', { skipped });
      const document = await readJson(blob, 'config', this.#limits, ['rootfs', 'history', 'config'], this.#findings);
      documents.push(document);
      config = document.root;
    } catch (thrown) {
      skipped.push(toSkipped(thrown, 'config'));
    }

    const nodes = arrayField(root, 'layers', 'manifest');
    const diffIds = diffIdsOf(config);
    const hasDiffIds = diffIds.length === nodes.length;
    if (config !== undefined && !hasDiffIds)
      this.#findings.notices.push({ place: where, detail: `it has ${nodes.length} layers and its config ${diffIds.length} diff_ids` });
    const instructions = instructionsOf(config, nodes.length);
    const layers: (Layer & { index: number })[] = [];
    for (const [index, layerNode] of nodes.entries()) {
      try {
        const descriptor = descriptorOf(layerNode, `manifest.layers[${index}]`);
        layers.push({
          ...(await this.#layer(descriptor, hasDiffIds ? diffIds[index] : undefined)),
          index,
          ...(instructions[index] === undefined ? {} : { createdBy: instructions[index] }),
        });
      } catch (thrown) {
        skipped.push(
          thrown instanceof UnbakeError && thrown.code === 'unsupported'
            ? { reason: 'encrypted', place: `manifest.layers[${index}]`, detail: thrown.message }
            : toSkipped(thrown, `manifest.layers[${index}]`),
        );
      }
    }
    const platform = platformOf(config) ?? platformOf(field(node, 'platform'));
    const base = baseOf(field(root, 'annotations')) ?? baseOf(field(node, 'annotations')) ?? baseOf(field(field(config, 'config'), 'Labels'));
    const tags = [...new Set(names)];
    const cleanedFrom = cleanedFromOf(node);
    this.images.push({
      name: tags[0] ?? digest,
      tags,
      manifestDigest: digest,
      ...(configDigest === undefined ? {} : { configDigest }),
      ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
      layers,
      documents,
      attached: [],
      ...(base === undefined ? {} : { base }),
      ...(cleanedFrom === undefined ? {} : { cleanedFrom }),
      skipped,
    });
  }

  async #layer(descriptor: Descriptor, diffId: string | undefined): Promise<Layer> {
    const { digest, mediaType, node } = descriptor;
    const blob = await this.#blob(descriptor);
    if (mediaType.endsWith('+encrypted'))
      throw new UnbakeError('unsupported', `the layer ${digest} is encrypted (${printable(mediaType)}): it cannot be read without its key`);
    if (blob === undefined) {
      const urls = arrayField(node, 'urls', descriptor.where).flatMap((url) => (url.kind === 'string' ? [url.value] : []));
      const elsewhere = urls.length === 0 ? '' : `; it is to be fetched from ${printable(urls.join(', '))}`;
      throw new UnbakeError('not-found', `the layer ${digest} is not there${elsewhere}`);
    }
    return {
      blob,
      key: digest,
      name: digest,
      mediaType,
      announced: {
        digest,
        ...sizeOf(descriptor),
        ...(diffId === undefined ? {} : { diffId: parseDigest(diffId, `config.rootfs.diff_ids of ${digest}`) }),
      },
    };
  }

  #blob({ digest }: Descriptor): Promise<Blob | undefined> {
    return this.#members.get(`blobs/${digest.slice(0, digest.indexOf(':'))}/${hexOf(digest)}`);
  }
}

/** Signatures, attestations and SBOMs of cosign have the config of an image, and documents where an image has layers. */
function holdsDocuments(manifest: JsonNode): boolean {
  const layers = arrayField(manifest, 'layers', 'manifest');
  return layers.length > 0 && layers.every((layer) => /[/+](?:json|xml)$|^text\//.test(stringField(layer, 'mediaType') ?? ''));
}

function descriptorOf(node: JsonNode, where: string): Descriptor {
  return {
    digest: parseDigest(stringField(node, 'digest'), `${where}.digest`),
    size: numberField(node, 'size'),
    mediaType: stringField(node, 'mediaType') ?? '',
    node,
    where,
  };
}

function sizeOf({ size }: Descriptor): { size?: number } {
  return size === undefined ? {} : { size };
}

/** containerd writes the full name beside the short one that the specification has. */
function namesOf(node: JsonNode): string[] {
  const annotations = field(node, 'annotations');
  const names = [stringField(annotations, 'io.containerd.image.name'), stringField(annotations, 'org.opencontainers.image.ref.name')];
  const full = names[0];
  // `1.0` beside `docker.io/library/app:1.0` says nothing more.
  return names.filter((name, index): name is string => !!name && !(index === 1 && full !== undefined && full !== '' && full.endsWith(`:${name}`)));
}
