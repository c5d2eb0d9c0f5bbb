// COPY and ADD: what they copy, where it arrives, and the way back from a path in the image to the path it was copied from.
import { below, folderOf, isAt, nameIn, resolved, restBelow, unknownFolder } from './image-path.ts';
import { fitsPattern } from './name-pattern.ts';
import type { Word } from './words.ts';

export interface Source {
  readonly word: Word;
  /** Without a leading slash; '' is the whole context, or the whole stage. */
  readonly path: string;
  /** `inline` is a here-document, `fetched` a URL or a repository, `unknown` begins with a variable that has no value here. */
  readonly kind: 'path' | 'pattern' | 'inline' | 'fetched' | 'unknown';
  /** Written as one: `.`, `config/`. */
  readonly isFolder: boolean;
}

export interface Copy {
  /** As `--from` says it; undefined for the build context. */
  readonly from: string | undefined;
  readonly sources: readonly Source[];
  /** As in image-path.ts. */
  readonly destination: string;
  /** A destination that must be a folder. */
  readonly isIntoFolder: boolean;
  /** `--parents`: the folders of the source are made below the destination. */
  readonly keepsFolders: boolean;
}

/**
 * What a source has to do with a file of the image. `itself`: it is that file; `inside`: it is a folder or pattern that holds it, which
 * is sure when it cannot be anything else.
 */
export type Provenance =
  | { readonly kind: 'itself'; readonly path: string }
  | { readonly kind: 'inside'; readonly path: string; readonly isSure: boolean }
  | { readonly kind: 'written out' }
  | { readonly kind: 'unclear' };

/** From the flags and words of the instruction, each with its value. undefined when it has no source or no destination. */
export function copyOf(
  flags: readonly string[],
  words: readonly { readonly word: Word; readonly value: string }[],
  folder: string,
): Copy | undefined {
  const target = words.at(-1);
  if (target === undefined || words.length < 2) return undefined;
  const sources = words.slice(0, -1).map(({ word, value }) => sourceOf(word, value));
  const { value } = target;
  return {
    from: flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length),
    sources,
    destination: resolved(folder, value),
    isIntoFolder: sources.length > 1 || /(?:^|\/)\.{0,2}$/.test(value),
    keepsFolders: flags.some((flag) => /^--parents(?:=true)?$/.test(flag)),
  };
}

function sourceOf(word: Word, value: string): Source {
  const path = resolved('/', value).slice(1);
  const isFolder = /(?:^|\/)\.{0,2}$/.test(value);
  if (/^\d*<<-?[^<]/.test(value)) return { word, path: value.replace(/^\d*<<-?/, ''), kind: 'inline', isFolder: false };
  if (/^(?:[a-z]+:\/\/|git@)/i.test(value)) return { word, path, kind: 'fetched', isFolder: false };
  if (value.includes(unknownFolder)) return { word, path, kind: 'unknown', isFolder };
  return { word, path, kind: /[*?[]/.test(value) ? 'pattern' : 'path', isFolder };
}

/** Where the file at `path`, an absolute one, comes from, if this source can have brought it. */
export function provenanceOf(copy: Copy, source: Source, path: string): Provenance | undefined {
  const { destination, isIntoFolder } = copy;
  const root = copy.keepsFolders ? below(destination, source.path) : destination;
  const name = nameIn(path);
  if (source.kind === 'unknown') return isAt(destination, path) || restBelow(destination, path) !== undefined ? { kind: 'unclear' } : undefined;
  if (source.kind === 'pattern') {
    if (isAt(below(root, name), path) && fitsPattern(nameIn(source.path), name))
      return { kind: 'inside', path: joined(folderOf(source.path), name), isSure: true };
    return nameIn(source.path) === '*' && restBelow(destination, path) !== undefined ? { kind: 'unclear' } : undefined;
  }
  const own = nameIn(source.path);
  const isItself = isAt(copy.keepsFolders ? root : below(destination, own), path) || (!isIntoFolder && isAt(destination, path));
  if (isItself && own !== '') return source.kind === 'path' ? { kind: 'itself', path: source.path } : { kind: 'written out' };
  // Folders are rarely called `a.b`, files rarely `a`; `COPY conf.d /etc/conf.d/` says it by the name of its destination.
  const isSure = source.isFolder || nameIn(destination) === own;
  if (source.kind !== 'path' || (!isSure && own.includes('.'))) return undefined;
  const inside = restBelow(root, path);
  if (inside === undefined || inside === 'unclear') return inside === undefined ? undefined : { kind: 'unclear' };
  return { kind: 'inside', path: joined(source.path, inside.rest), isSure };
}

/** Where the file at `path` of the source's side arrives, if this source takes it along. `hasFile` tells which paths are known to be files. */
export function arrivalOf(
  copy: Copy,
  source: Source,
  path: string,
  hasFile: (path: string) => boolean,
): { readonly path: string; readonly isItself: boolean } | undefined {
  const { destination, isIntoFolder, keepsFolders } = copy;
  if (source.kind === 'pattern') {
    const isTaken = folderOf(path) === folderOf(source.path) && fitsPattern(nameIn(source.path), nameIn(path));
    return isTaken ? { path: below(destination, keepsFolders ? path : nameIn(path)), isItself: false } : undefined;
  }
  if (source.kind !== 'path') return undefined;
  if (source.path === path) {
    if (keepsFolders) return { path: below(destination, path), isItself: true };
    const inFolder = below(destination, nameIn(path));
    const isFile =
      !isIntoFolder && !hasFile(inFolder) && (hasFile(destination) || /\./.test(nameIn(destination)) || nameIn(destination) === nameIn(path));
    return { path: isFile ? destination : inFolder, isItself: true };
  }
  const inside = source.path === '' ? path : path.startsWith(`${source.path}/`) ? path.slice(source.path.length + 1) : undefined;
  return inside === undefined ? undefined : { path: below(destination, keepsFolders ? path : inside), isItself: false };
}

function joined(folder: string, rest: string): string {
  return folder === '' ? rest : `${folder}/${rest}`;
}
