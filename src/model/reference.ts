// What a user types to name an image, in the spellings of skopeo (containers-transports(5)) and syft.
import { UnbakeError } from './error.ts';

export type Reference =
  /** An existing path, sniffed by its content. */
  | { readonly kind: 'path'; readonly typed: string; readonly path: string }
  | { readonly kind: 'stdin'; readonly typed: string }
  | { readonly kind: 'docker-archive' | 'oci-archive' | 'oci'; readonly typed: string; readonly path: string; readonly select?: Selection }
  /** Known, and read in a later release. */
  | { readonly kind: 'registry' | 'docker-daemon' | 'containers-storage'; readonly typed: string; readonly name: string };

/** Which image of several: by name, or by its place among them. */
export type Selection = { readonly name: string } | { readonly index: number };

const transports: Readonly<Record<string, Reference['kind']>> = {
  'docker-archive': 'docker-archive',
  'oci-archive': 'oci-archive',
  oci: 'oci',
  'oci-dir': 'oci',
  'docker-daemon': 'docker-daemon',
  docker: 'docker-daemon',
  podman: 'containers-storage',
  'containers-storage': 'containers-storage',
  registry: 'registry',
  file: 'path',
};

/** `docker://` is a registry, as in skopeo; `docker:` is the daemon, as in syft. Without a transport it is a path. */
export function parseReference(typed: string): Reference {
  if (typed === '')
    throw new UnbakeError('usage', 'the image reference is empty', { hint: 'name an archive, an OCI layout folder, or - for standard input' });
  if (typed === '-') return { kind: 'stdin', typed };
  if (typed.startsWith('docker://')) return { kind: 'registry', typed, name: nonEmpty(typed, typed.slice('docker://'.length)) };
  const colon = typed.indexOf(':');
  const kind = colon < 0 ? undefined : transports[typed.slice(0, colon)];
  if (kind === undefined || colon < 0 || !Object.hasOwn(transports, typed.slice(0, colon))) return { kind: 'path', typed, path: typed };
  const rest = nonEmpty(typed, typed.slice(colon + 1));
  switch (kind) {
    case 'docker-archive':
    case 'oci-archive':
    case 'oci':
      return { kind, typed, ...splitSelection(rest) };
    case 'path':
      return { kind, typed, path: rest };
    default:
      return { kind: kind as 'registry', typed, name: rest };
  }
}

function nonEmpty(typed: string, rest: string): string {
  if (rest !== '') return rest;
  throw new UnbakeError('usage', `${typed} names nothing behind its transport`, { hint: `write ${typed}PATH, or ${typed}NAME` });
}

/** `path`, `path:name[:tag]` or `path:@index`: the path ends at the first colon, as in skopeo. */
function splitSelection(text: string): { path: string; select?: Selection } {
  const colon = text.indexOf(':');
  if (colon < 0) return { path: text };
  const path = text.slice(0, colon);
  const select = text.slice(colon + 1);
  if (path === '') throw new UnbakeError('usage', `"${text}" has no path before its colon`);
  if (!select.startsWith('@')) return select === '' ? { path } : { path, select: { name: select } };
  const index = Number(select.slice(1));
  if (!/^@\d+$/.test(select)) throw new UnbakeError('usage', `"${select}" is not an image index`, { hint: 'write @ and a number from 0' });
  return { path, select: { index } };
}

/** The full name that engines give to a short one: `app` is `docker.io/library/app:latest`. */
export function normalizeName(name: string): string {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const isHub = !hasHost || first === 'docker.io' || first === 'index.docker.io';
  const repository = hasHost ? name.slice(slash + 1) : name;
  const path = isHub ? `docker.io/${repository.includes('/') ? '' : 'library/'}${repository}` : name;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? path : `${path}:latest`;
}
