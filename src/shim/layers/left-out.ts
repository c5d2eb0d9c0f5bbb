// Entries that were not unpacked as they stand in a layer, counted by why: one sentence each, however many they are.
import { printablePath } from '../../model/entry.ts';

export type LeftOutReason =
  | 'device'
  | 'whiteout-device'
  | 'other'
  | 'behind-end'
  | 'body-of-link'
  | 'attribute-unwanted'
  | 'attribute-rootless'
  | 'attribute-program'
  | 'attribute-failed';

const sentences: Readonly<Record<LeftOutReason, (count: number, first: string) => string>> = {
  device: (count, first) => `${counted(count, 'device node')} left out, which only root can make (first: ${first})`,
  'whiteout-device': (count, first) =>
    `${counted(count, 'device node')} left out, whose number 0, 0 belongs to overlay file systems (first: ${first})`,
  other: (count, first) => `${counted(count, 'entry', 'entries')} left out that ${count === 1 ? 'is' : 'are'} no file of any kind (first: ${first})`,
  'behind-end': (count, first) =>
    `${counted(count, 'entry', 'entries')} behind the end-of-archive marker left out, as container engines do (first: ${first})`,
  'body-of-link': (count, first) =>
    `the content of ${counted(count, 'hard link')} left out: the file that it links to is what counts (first: ${first})`,
  'attribute-unwanted': (count, first) =>
    `${counted(count, 'extended attribute')} left out that ${count === 1 ? 'belongs' : 'belong'} to overlays or the security of a machine (first: ${first})`,
  'attribute-rootless': (count, first) => `${counted(count, 'extended attribute')} left out, as only root can set all of them (first: ${first})`,
  'attribute-program': (count, first) =>
    `${counted(count, 'extended attribute')} left out, as setfattr is not installed: apt-get install attr (first: ${first})`,
  'attribute-failed': (count, first) => `${counted(count, 'extended attribute')} could not be set (first: ${first})`,
};

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export class LeftOut {
  readonly #counts = new Map<LeftOutReason, { count: number; readonly first: string }>();

  /** `path` as in `Entry.path`; `detail` may follow it in the sentence and is printable. */
  add(reason: LeftOutReason, path: string, { count = 1, detail = '' }: { readonly count?: number; readonly detail?: string } = {}): void {
    const known = this.#counts.get(reason);
    if (known === undefined) this.#counts.set(reason, { count, first: `${printablePath(path)}${detail}` });
    else known.count += count;
  }

  sentences(): string[] {
    return [...this.#counts].map(([reason, { count, first }]) => sentences[reason](count, first));
  }
}
