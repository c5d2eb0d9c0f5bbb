// Addresses in SARIF: relative URIs that GitHub and other readers accept, whatever a file in an image is called. They name a
// place for a viewer; the exact one stands in the logical location.
import { type Place, wholePath } from '../model/finding.ts';

/** `<repository>/<path in the image>`, without dot segments, each segment percent-encoded down to unreserved characters. */
export function uriOf(place: Place, repositoryName: string): string {
  const segments = [repositoryName, ...pathOf(place).split('/')];
  return segments
    .filter((segment) => segment !== '' && segment !== '.')
    .map(encodeSegment)
    .join('/');
}

function pathOf(place: Place): string {
  switch (place.kind) {
    case 'file':
    case 'header':
      return wholePath(place);
    case 'stray':
      return 'stray-bytes';
    case 'metadata':
      return documentOf(place.pointer);
  }
}

/** The JSON document that a pointer such as `config.Env[3]` leads into. The history stands in the config. */
function documentOf(pointer: string): string {
  const head = /^[A-Za-z0-9_-]+/.exec(pointer)?.[0] ?? 'metadata';
  return head === 'history' ? 'config.json' : `${head}.json`;
}

function encodeSegment(segment: string): string {
  // A reader undoes %2E before it resolves dots, so encoding them would not keep `..` from climbing.
  if (segment === '..') return '__';
  const encoded = encodeURIComponent(segment.toWellFormed());
  return encoded.replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const transport = /^(?:docker-archive|docker-daemon|docker|oci-archive|oci-dir|oci|dir|file|podman|registry|containers-storage):(?:\/\/)?/;

/** `registry.example/team/app` of `registry.example/team/app:1.0@sha256:...`; of a path only the file's name. */
export function repositoryOf(reference: string): string {
  const named = reference.replace(transport, '');
  const isPath = /^\.{0,2}\//.test(named);
  const base = isPath ? named.slice(named.lastIndexOf('/') + 1) : named;
  const repository = base.replace(/@.*$/s, '').replace(/:[^/]*$/, '');
  return repository === '' ? 'image' : repository;
}

/** The last segment of a repository. */
export function shortNameOf(repository: string): string {
  return repository.split('/').findLast((segment) => segment !== '') ?? 'image';
}
