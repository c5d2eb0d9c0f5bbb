// The files of the build context that are secrets, and every instruction that copies one of them: .dockerignore holds for all.
import { arrivalOf, type Copy } from './copies.ts';
import type { Departure } from './departures.ts';
import type { Brought, FoundFile } from './file-causes.ts';
import type { Stages } from './file-origins.ts';
import { isAt, nameIn, unknownFolder } from './image-path.ts';
import { freeId, idOf, ignoreLine } from './secret-id.ts';
import type { Step } from './steps.ts';
import type { Word } from './words.ts';

/** One secret file, wherever it is copied to. */
export interface SecretFile {
  readonly id: string;
  /** In the build context; undefined when it cannot be told, or when it is written out in the Dockerfile. */
  readonly contextPath: string | undefined;
  /** Where it was found in the image. */
  readonly found: FoundFile[];
}

export interface Leaving {
  readonly secrets: readonly SecretFile[];
  readonly departures: readonly Departure[];
  readonly sources: readonly { readonly step: Step; readonly word: Word }[];
  readonly ignored: ReadonlySet<string>;
  /** Nothing was left out for being too much. */
  readonly isComplete: boolean;
}

/** Each is looked for in every copy. */
const mostSecrets = 500;

/** `taken` are ids of other secrets; `hasFile` tells which paths of the image are known to be files. */
export function leavingTheContext(
  stages: Stages,
  brought: readonly { readonly file: FoundFile; readonly how: Brought }[],
  taken: ReadonlySet<string>,
  hasFile: (path: string) => boolean,
): Leaving {
  const ids = new Set(taken);
  const secrets = new Map<string, SecretFile>();
  const departures = new Map<string, Departure>();
  const depart = (step: Step, path: string, id: string) => {
    const place = `${step.instruction.stage} ${path}`;
    const same = departures.get(place);
    if (same === undefined || step.index < same.step.index) departures.set(place, { step, path, id });
  };
  const sources = new Map<Word, Step>();
  const ignored = new Set<string>();
  let isComplete = true;
  for (const { file, how } of brought) {
    for (const { step, source, provenance, path } of how.kind === 'copied' ? how.origins : []) {
      const contextPath = 'path' in provenance ? provenance.path : undefined;
      const key = contextPath ?? `/${file.path}`;
      if (secrets.size >= mostSecrets && !secrets.has(key)) {
        isComplete = false;
        continue;
      }
      const secret = secrets.get(key) ?? { id: freeId(idOf(contextPath ?? file.path), ids), contextPath, found: [] };
      secrets.set(key, secret);
      if (!secret.found.includes(file)) secret.found.push(file);
      depart(step, path, secret.id);
      if (provenance.kind === 'itself' || provenance.kind === 'written out') sources.set(source.word, step);
      if (contextPath !== undefined) ignored.add(ignoreLine(contextPath, false));
      else if (provenance.kind === 'unclear') ignored.add(ignoreLine(nameIn(file.path), true));
    }
  }
  for (const step of stages.steps.flat()) {
    if (step.copy === undefined || step.copy.from !== undefined || step.instruction.isTrigger) continue;
    for (const secret of secrets.values()) {
      for (const { word, isItself, path } of arrivalsOf(step.copy, secret, hasFile)) {
        if (isItself) sources.set(word, step);
        if (path !== undefined) depart(step, path, secret.id);
      }
    }
  }
  return {
    secrets: [...secrets.values()],
    departures: [...departures.values()],
    sources: Array.from(sources, ([word, step]) => ({ word, step })),
    ignored,
    isComplete,
  };
}

/** Where a copy puts the file; `path` is undefined where that cannot be told. */
function arrivalsOf(copy: Copy, { contextPath, found }: SecretFile, hasFile: (path: string) => boolean) {
  if (contextPath === undefined) return [];
  return copy.sources.flatMap((source) => {
    const arrival = arrivalOf(copy, source, contextPath, hasFile);
    if (arrival === undefined) return [];
    const path = arrival.path.startsWith(unknownFolder) ? found.find((file) => isAt(arrival.path, file.path))?.path : arrival.path;
    return [{ word: source.word, isItself: arrival.isItself, path }];
  });
}
