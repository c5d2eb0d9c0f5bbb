// What `-o` of a command that writes an image says.
import { statSync } from 'node:fs';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { parseReference, type Selection } from '../model/reference.ts';

export type OutputTarget =
  | {
      readonly kind: 'docker-archive' | 'oci-archive';
      readonly path: string;
      readonly tag?: string;
      /** Of the archive as a whole. */
      readonly compression: 'none' | 'gzip' | 'zstd';
    }
  | { readonly kind: 'oci'; readonly path: string; readonly tag?: string }
  | { readonly kind: 'stdout'; readonly form: 'docker-archive' | 'oci-archive' };

export type OutputForm = 'docker-archive' | 'oci-archive' | 'oci';

const archiveEnding = /\.(?:tar|tar\.gz|tgz|tar\.zst)$/i;

/**
 * `docker-archive:PATH[:TAG]`, `oci-archive:PATH[:TAG]`, `oci:DIR[:TAG]`, `-`, or a path, whose form is that of the source: but a folder
 * that is there, a path that ends in a slash and, for a layout, a path without the ending of an archive are OCI layouts. A layout goes
 * to standard output as an OCI archive. Looks at the disk for nothing but whether a plain path is a folder. Throws UnbakeError `usage`,
 * `unsupported` for registries and daemons.
 */
export function parseOutput(text: string, sourceForm: OutputForm): OutputTarget {
  if (text === '') throw new UnbakeError('usage', 'the output is empty', { hint: 'name an archive, a folder, or - for standard output' });
  const reference = parseReference(text);
  switch (reference.kind) {
    case 'stdin':
      return { kind: 'stdout', form: sourceForm === 'docker-archive' ? 'docker-archive' : 'oci-archive' };
    case 'docker-archive':
    case 'oci-archive':
      return { kind: reference.kind, path: reference.path, ...tagOf(reference.select, text), compression: compressionOf(reference.path) };
    case 'oci':
      return { kind: 'oci', path: reference.path, ...tagOf(reference.select, text) };
    case 'path': {
      const { path } = reference;
      if (isFolder(path) || (sourceForm === 'oci' && !archiveEnding.test(path))) return { kind: 'oci', path };
      return { kind: sourceForm === 'oci' ? 'oci-archive' : sourceForm, path, compression: compressionOf(path) };
    }
    case 'registry':
      throw new UnbakeError('unsupported', `${printable(text)}: images are not written to a registry yet`, {
        hint: 'write an archive, then: skopeo copy oci-archive:FILE docker://NAME',
      });
    case 'docker-daemon':
      throw new UnbakeError('unsupported', `${printable(text)}: images are not written to a docker daemon yet`, {
        hint: 'write a docker-archive, then: docker load < FILE',
      });
    case 'containers-storage':
      throw new UnbakeError('unsupported', `${printable(text)}: images are not written to a container storage yet`, {
        hint: 'write an archive, then: podman load -i FILE, or skopeo copy oci-archive:FILE containers-storage:NAME',
      });
  }
}

function tagOf(select: Selection | undefined, text: string): { tag?: string } {
  if (select === undefined) return {};
  if ('name' in select) return { tag: select.name };
  throw new UnbakeError('usage', `${printable(text)}: an image that is written has a name, not a number`, { hint: 'write :TAG, or nothing' });
}

function compressionOf(path: string): 'none' | 'gzip' | 'zstd' {
  if (/\.(?:gz|tgz)$/i.test(path)) return 'gzip';
  return /\.zst$/i.test(path) ? 'zstd' : 'none';
}

function isFolder(path: string): boolean {
  if (path.endsWith('/')) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    // Whatever is wrong with it is told when it is written.
    return false;
  }
}
