// Names of images as docker shows them: `app:1` for `docker.io/library/app:1`, always with a tag.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { normalizeName } from '../../model/reference.ts';

// The grammar of distribution/reference.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const host = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const component = '[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*';
const form = new RegExp(`^${host}/${component}(?:/${component})*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`);
const longest = 383;

/** The name with a tag, `latest` where it has none; undefined for what no engine takes for a name. */
export function familiarName(name: string): string | undefined {
  if (name.length > longest) return undefined;
  const full = normalizeName(name);
  if (!form.test(full)) return undefined;
  const shorter = ['docker.io/library/', 'docker.io/'].filter((prefix) => full.startsWith(prefix)).map((prefix) => full.slice(prefix.length));
  return shorter.find((each) => normalizeName(each) === full) ?? full;
}

/** Of a name that stands in an archive. A bare `1.0` or `latest`, as layouts have them, is a tag of nothing. */
export function archiveName(name: string): string | undefined {
  return /[:/]/.test(name) ? familiarName(name) : undefined;
}

/** Throws UnbakeError `usage`. */
export function parseImageName(name: string): string {
  const familiar = familiarName(name);
  if (familiar !== undefined) return familiar;
  throw new UnbakeError('usage', `"${printable(name.slice(0, 200))}" is no name for an image`, {
    hint: 'write [HOST[:PORT]/]NAME[:TAG] in small letters, such as app:1',
  });
}

/** As containerd and docker have it in their annotations: with host and tag. */
export function fullName(familiar: string): string {
  return normalizeName(familiar);
}
