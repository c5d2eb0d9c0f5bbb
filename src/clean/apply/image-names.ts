// Names of images in the places where engines look for them: RepoTags of docker, annotations of OCI layouts.
import { normalizeName } from '../../model/reference.ts';

/** `full` is a name with a tag, as docker has it; `short` is what a layout calls an image (`oci:DIR:1.0`). */
export type NewName = { readonly kind: 'full' | 'short'; readonly name: string };

const containerdName = 'io.containerd.image.name';
const refName = 'org.opencontainers.image.ref.name';

export function isNameAnnotation(key: string): boolean {
  return key === containerdName || key === refName;
}

/** As docker and containerd write them; skopeo and umoci know the second alone. */
export function nameAnnotations({ kind, name }: NewName): Readonly<Record<string, string>> {
  if (kind === 'short') return { [refName]: name };
  const full = normalizeName(name);
  return { [containerdName]: full, [refName]: full.slice(full.lastIndexOf(':') + 1) };
}

/** The tags that RepoTags can hold: a bare `1.0` names no repository. */
export function repositoryTags(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => tag.slice(tag.lastIndexOf('/') + 1).includes(':'));
}

/** What docker calls it: with a tag. */
export function fullName({ name }: NewName): string {
  return repositoryTags([name]).length > 0 ? name : `${name}:latest`;
}
