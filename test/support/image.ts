// An image from plain data: what its layers hold, who made them, what the config says. `assemble` turns that into blobs with
// digests; `forms.ts` packs assembled images the way each tool does.
import { createHash } from 'node:crypto';
import { type Compression, compressed } from './compressed.ts';
import { end } from './raw-tar.ts';

export interface LayerPlan {
  /** The tar without its end marker, as pieces; `raw` writes them as they are. */
  readonly entries: readonly Buffer[];
  /** The entries are the whole tar, end marker included or missing. */
  readonly raw?: boolean;
  readonly compression?: Compression;
  readonly mediaType?: string;
  readonly createdBy?: string;
  /** Written over the finished descriptor, for `urls`, `annotations`, `data` and for lies. */
  readonly descriptor?: Readonly<Record<string, unknown>>;
  /** Written over the diffId in the config. */
  readonly diffId?: string;
}

export interface ImagePlan {
  readonly layers: readonly LayerPlan[];
  /** `config` of the config: Env, Cmd, Labels ... */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Written over the top level of the config file: author, container_config, history, vendor keys ... */
  readonly configFile?: Readonly<Record<string, unknown>>;
  /** Instructions without a layer: text and the number of layers that stand before it. */
  readonly emptyLayers?: readonly { readonly before: number; readonly createdBy: string }[];
  /** `os/architecture[/variant]` */
  readonly platform?: string;
  readonly tags?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Written over the OCI manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Written over the descriptor of the manifest in the index. */
  readonly descriptor?: Readonly<Record<string, unknown>>;
}

export interface Blob {
  readonly bytes: Buffer;
  readonly digest: string;
}

export interface BuiltLayer {
  readonly blob: Blob;
  readonly tar: Blob;
  readonly mediaType: string;
  readonly plan: LayerPlan;
}

export interface BuiltImage {
  readonly plan: ImagePlan;
  readonly layers: readonly BuiltLayer[];
  readonly config: Blob;
  readonly manifest: Blob;
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

/** No clock: everything was made at once, long ago. */
export const created = '2024-01-02T03:04:05Z';

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

export function blob(content: Buffer | string | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

export function hex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

export function descriptorOf(content: Blob, mediaType: string): Record<string, unknown> {
  return { mediaType, digest: content.digest, size: content.bytes.length };
}

function mediaTypeOf(compression: Compression | undefined): string {
  if (compression === 'zstd') return `${mediaTypes.layer}+zstd`;
  return compression === undefined || compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+gzip`;
}

function assembleLayer(plan: LayerPlan): BuiltLayer {
  const tar = Buffer.concat(plan.raw ? plan.entries : [...plan.entries, end()]);
  return {
    tar: blob(tar),
    blob: blob(compressed(tar, plan.compression ?? 'none')),
    mediaType: plan.mediaType ?? mediaTypeOf(plan.compression),
    plan,
  };
}

function historyOf(plan: ImagePlan): object[] {
  const instructions = plan.layers.map((layer, index) => ({ created, created_by: layer.createdBy ?? `COPY layer-${index} / # buildkit` }));
  const history: object[] = [];
  for (let index = 0; index <= instructions.length; index++) {
    for (const empty of plan.emptyLayers ?? []) {
      if (empty.before === index) history.push({ created, created_by: empty.createdBy, empty_layer: true });
    }
    const instruction = instructions[index];
    if (instruction) history.push(instruction);
  }
  return history;
}

export function assemble(plan: ImagePlan): BuiltImage {
  const [os = 'linux', architecture = 'amd64', variant] = (plan.platform ?? 'linux/amd64').split('/');
  const platform = variant ? { os, architecture, variant } : { os, architecture };
  const layers = plan.layers.map(assembleLayer);
  const config = blob({
    created,
    ...platform,
    config: plan.config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.plan.diffId ?? layer.tar.digest) },
    history: historyOf(plan),
    ...plan.configFile,
  });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(config, mediaTypes.config),
    layers: layers.map((layer) => ({ ...descriptorOf(layer.blob, layer.mediaType), ...layer.plan.descriptor })),
    ...(plan.annotations && { annotations: plan.annotations }),
    ...plan.manifest,
  });
  return { plan, layers, config, manifest, platform };
}
