// A file that was found is copied no more, from wherever it came; each RUN that names it gets it as a secret of that RUN alone.
import { type Departures, followed } from './departures.ts';
import { type FoundFile, howBrought } from './file-causes.ts';
import { remarksOnFiles, remarksOnOrigins } from './file-remarks.ts';
import type { Stages } from './file-origins.ts';
import { nameIn } from './image-path.ts';
import { isMounted, type Mount, type Plan } from './plan.ts';
import { leavingTheContext } from './secret-files.ts';
import { buildFlagOf, isPlain } from './secret-id.ts';
import type { Step } from './steps.ts';

export type FilePlan = Plan & {
  /** Lines of .dockerignore. */
  readonly ignored: readonly string[];
};

/** `taken` are ids of other secrets. */
export function planFiles(stages: Stages, files: readonly FoundFile[], taken: ReadonlySet<string>, mask: (text: string) => string): FilePlan {
  const brought = files.map((file) => ({ file, how: howBrought(stages, file, mask) }));
  const known = new Set(files.map(({ path }) => path));
  const leaving = leavingTheContext(stages, brought, taken, (path) => known.has(path));
  const { secrets, departures, sources, ignored } = leaving;
  const followedThrough = followed(stages, departures, (path) => known.has(path));
  const gone = [...sources, ...followedThrough.sources];
  const mounts = mountsFor(followedThrough);
  const missing = mounts.filter(({ step, mount }) => !isMounted(step.instruction, mount));
  const mountedIds = new Set(missing.map(({ mount }) => mount.id));
  return {
    drops: gone.map(({ step, word }) => ({ instruction: step.instruction, piece: word })),
    mounts: missing.map(({ step, mount }) => ({ instruction: step.instruction, mount })),
    buildFlags: secrets
      .filter(({ id }) => mountedIds.has(id))
      .map(({ id, contextPath, found }) => buildFlagOf(id, contextPath ?? nameIn(found[0].path))),
    ignored: [...ignored],
    remarks: [
      ...remarksOnOrigins(stages, brought, new Set(gone.map(({ word }) => word))),
      ...remarksOnFiles(stages, secrets, followedThrough, new Set(mounts.map(({ mount }) => mount.id))),
      ...(leaving.isComplete && followedThrough.isComplete
        ? []
        : [{ line: 0, sentence: 'The files are copied to so many places that not all were followed.' }]),
    ],
  };
}

/** A RUN that does no more than remove the file, or write it, has no use for it. */
function mountsFor({ runs }: Departures): { readonly step: Step; readonly mount: Mount }[] {
  return runs
    .filter(({ path, mentions }) => isPlain(path) && mentions.some(({ deed }) => deed === 'reads' || deed === 'changes'))
    .map(({ step, path, id }) => ({ step, mount: { kind: 'file', id, target: path, isForAll: step.hasOtherUser } }));
}
