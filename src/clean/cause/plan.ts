// What is to be done to a Dockerfile, before any of it is done: which pieces go, which instruction is given which secret, and what is
// left to a person.
import type { Instruction } from './dockerfile.ts';
import type { Piece } from './words.ts';

/** A secret as one RUN gets it (`RUN --mount=type=secret`, Dockerfile reference): in its environment, or as a file. */
export type Mount =
  | { readonly kind: 'env'; readonly id: string; readonly name: string }
  /** `isForAll`: readable for others than root too. */
  | { readonly kind: 'file'; readonly id: string; readonly target: string; readonly isForAll: boolean };

export interface Remark {
  /** Of the Dockerfile as it is given, counted from 1; 0 when it is about no line. */
  readonly line: number;
  readonly sentence: string;
}

export interface Plan {
  /** A definition of ENV or ARG, or a source of COPY or ADD. */
  readonly drops: readonly { readonly instruction: Instruction; readonly piece: Piece }[];
  readonly mounts: readonly { readonly instruction: Instruction; readonly mount: Mount }[];
  /** Arguments of `docker build`. */
  readonly buildFlags: readonly string[];
  readonly remarks: readonly Remark[];
}

/** `--mount=type=secret,id=TOKEN,env=TOKEN`. Root alone may read a file that is mounted without a mode. */
export function flagOf(mount: Mount): string {
  const secret = `--mount=type=secret,id=${mount.id}`;
  return mount.kind === 'env' ? `${secret},env=${mount.name}` : `${secret},target=${mount.target}${mount.isForAll ? ',mode=0444' : ''}`;
}

/** True when the RUN has it already. */
export function isMounted({ flags }: Instruction, mount: Mount): boolean {
  return flags.some(({ text }) => {
    if (!text.startsWith('--mount=')) return false;
    const options = text.slice('--mount='.length).replaceAll(/["']/g, '').split(',');
    if (!options.includes('type=secret')) return false;
    if (mount.kind === 'env') return options.includes(`env=${mount.name}`);
    return ['target', 'dst', 'destination'].some((key) => options.includes(`${key}=${mount.target}`));
  });
}
