// Files of a vault: the name that each gets there, and in which images it is the one that a container saw.
import { normalizePath } from '../../model/entry.ts';
import type { VaultFile } from './contents.ts';

export interface StoredFile {
  /** A number and what is safe of its own name, such as `0001-.env`: what secrets made of it are called. */
  readonly key: string;
  /** Name inside the vault, before encryption: `files/` and the key. */
  readonly file: string;
  readonly from: VaultFile;
  /** Absolute path in the container; undefined when it is no UTF-8: JSON and YAML cannot say it, so no engine takes it. */
  readonly target: string | undefined;
  /** Indices of the images in whose containers it is put back. */
  readonly mountedIn: readonly number[];
}

/** In the order given. Of several visible files at one path of one image the one in the uppermost layer is mounted, or the last of that layer. */
export function storedFiles(files: readonly VaultFile[]): readonly StoredFile[] {
  const uppermost = new Map<string, VaultFile>();
  for (const file of files) {
    if (!file.isVisible || !canBeMounted(file.path)) continue;
    for (const image of file.images) {
      const place = `${image}/${file.path}`;
      const other = uppermost.get(place);
      if (other === undefined || other.layer <= file.layer) uppermost.set(place, file);
    }
  }
  return files.map((from, index) => {
    const key = `${String(index + 1).padStart(4, '0')}-${safeName(from.path.slice(from.path.lastIndexOf('/') + 1))}`;
    const mountedIn = from.images.filter((image) => uppermost.get(`${image}/${from.path}`) === from);
    return { key, file: `files/${key}`, from, target: textOf(from.path), mountedIn };
  });
}

/** No container can have seen others: Linux ends names at 255 bytes and a NUL, and paths at 4,095 bytes. */
function canBeMounted(path: string): boolean {
  return path !== '' && path.length < 4095 && !/\0|[^/]{256}/.test(path) && normalizePath(path) === path;
}

/** Letters, digits, `.`, `_` and `-`, at most `length` of them: a name for every file system, which needs no quotes anywhere. */
export function safeName(name: string, length = 60): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, length);
}

function textOf(path: string): string | undefined {
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? `/${text}` : undefined;
}
