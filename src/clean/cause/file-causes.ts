// Each file that was found, with the instructions that can have brought it weighed against each other.
import type { Provenance } from './copies.ts';
import { instructionTold, tells } from './created-by.ts';
import { type Origin, originsOf, type Stages } from './file-origins.ts';
import type { Step } from './steps.ts';

/** One file of the image. */
export interface FoundFile {
  readonly path: string;
  /** One for each layer that holds it, where the history tells. */
  readonly createdBy: readonly string[];
  readonly isVisible: boolean;
}

type ContextOrigin = Origin & { readonly kind: 'context' };

/** What is taken for true of a file. */
export type Brought =
  /** Each of these can have copied it. */
  | { readonly kind: 'copied'; readonly origins: readonly ContextOrigin[] }
  /** A RUN made it. */
  | { readonly kind: 'made'; readonly steps: readonly Step[] }
  | { readonly kind: 'image'; readonly step: Step; readonly image: string }
  | { readonly kind: 'stranger' };

/** The history's word counts first, then how much there is to say for each. No COPY is believed where the history says that RUN made the file. */
export function howBrought(stages: Stages, { path, createdBy }: FoundFile, mask: (text: string) => string): Brought {
  const told = createdBy.map(instructionTold);
  const isTold = ({ instruction }: Step) => told.some((one) => tells(one, instruction, mask));
  const origins = originsOf(stages, path);
  const copies = origins.filter((origin) => origin.kind === 'context');
  const named = copies.filter(({ step }) => isTold(step));
  const isMade = told.length > 0 && told.every(({ keyword }) => keyword === 'RUN');
  const believed = (named.length > 0 ? named : copies).filter(({ provenance }) => !isMade || rankOf(provenance) === 0);
  if (believed.length > 0) {
    const best = Math.min(...believed.map(({ provenance }) => rankOf(provenance)));
    return { kind: 'copied', origins: believed.filter(({ provenance }) => rankOf(provenance) === best) };
  }

  const runs = stages.steps.flat().filter(({ instruction }) => instruction.keyword === 'RUN');
  const makers = runs.filter(isTold);
  if (isMade && makers.length > 0) return { kind: 'made', steps: makers };
  const naming = origins.filter((origin) => origin.kind === 'run');
  if (naming.length > 0) return { kind: 'made', steps: naming.map(({ step }) => step) };
  const image = origins.find((origin) => origin.kind === 'image');
  return image === undefined ? { kind: 'stranger' } : { kind: 'image', step: image.step, image: image.image };
}

/** 0 is the most convincing. */
function rankOf(provenance: Provenance): number {
  switch (provenance.kind) {
    case 'itself':
    case 'written out':
      return 0;
    case 'inside':
      return provenance.isSure ? 1 : 2;
    case 'unclear':
      return 3;
  }
}
