// Which instruction made which layer: the history has one entry for each instruction, and those that made no layer say so
// (image-spec, config.md, "history").
import { field, isTrue, type JsonNode, stringField } from '../model/json.ts';

/** `created_by` of each of `layerCount` layers; all undefined when the history does not fit them. */
export function instructionsOf(config: JsonNode | undefined, layerCount: number): readonly (string | undefined)[] {
  const history = field(config, 'history');
  const made = history?.kind === 'array' ? history.items.filter((entry) => !isTrue(entry, 'empty_layer')) : [];
  if (made.length !== layerCount) return Array.from({ length: layerCount }, () => undefined);
  return made.map((entry) => stringField(entry, 'created_by') || undefined);
}

/** `rootfs.diff_ids`, as written. */
export function diffIdsOf(config: JsonNode | undefined): readonly string[] {
  const ids = field(field(config, 'rootfs'), 'diff_ids');
  return ids?.kind === 'array' ? ids.items.map((id) => (id.kind === 'string' ? id.value : '')) : [];
}

/** The annotations that name the base image. */
export function baseOf(annotations: JsonNode | undefined): { digest?: string; name?: string } | undefined {
  const digest = stringField(annotations, 'org.opencontainers.image.base.digest');
  const name = stringField(annotations, 'org.opencontainers.image.base.name');
  if (!digest && !name) return undefined;
  return { ...(digest ? { digest } : {}), ...(name ? { name } : {}) };
}
