// A plan carried out on the text of a Dockerfile. What no edit covers stays as it is, byte for byte.
import { isDirectiveLike, topOf } from './directives.ts';
import type { Instruction } from './dockerfile.ts';
import { flagOf, type Mount, type Plan } from './plan.ts';
import type { Step } from './steps.ts';
import { lineEndAt, type Piece } from './words.ts';

export interface Edit extends Piece {
  readonly replacement: string;
}

/** Edits that do not overlap, in order, and the instructions that stay. An instruction goes with its last definition or source. */
export function editsFor(
  text: string,
  steps: readonly Step[],
  { drops, mounts }: Pick<Plan, 'drops' | 'mounts'>,
): { readonly edits: Edit[]; readonly kept: Instruction[] } {
  const dropped = grouped(drops, ({ piece }) => piece.start);
  const mounted = grouped(mounts, ({ mount }) => mount);
  const kept: Instruction[] = [];
  const edits = steps.flatMap(({ instruction, definitions, copy }) => {
    const pieces = copy?.sources.map(({ word }) => word) ?? definitions;
    const gone = new Set(dropped.get(instruction));
    if (gone.size > 0 && pieces.every(({ start }) => gone.has(start))) return [removalOf(text, instruction, kept.length === 0)];
    kept.push(instruction);
    return gone.size > 0 ? withoutPieces(instruction, pieces, gone) : mountsOf(instruction, mounted.get(instruction) ?? []);
  });
  return { edits, kept };
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, replacement } of edits) {
    parts.push(text.slice(done, start), replacement);
    done = end;
  }
  return parts.join('') + text.slice(done);
}

/** The lines of the instruction, with their ends. */
function removalOf(text: string, { start, end }: Instruction, isTop: boolean): Edit {
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1) + 1, topOf(text));
  const lineEnd = lineEndAt(text, end);
  // Nothing but directives stands above: a comment below must not become one.
  const next = text.slice(lineEnd, lineEndAt(text, lineEnd));
  const eol = /\r?\n$/.exec(text.slice(end, lineEnd))?.[0] ?? '';
  return { start: lineStart, end: lineEnd, replacement: isTop && isDirectiveLike(next) ? eol : '' };
}

/** A piece goes with the white space, line continuations and comments before it; of a JSON array with the comma behind it. */
function withoutPieces(instruction: Instruction, pieces: readonly Piece[], gone: ReadonlySet<number>): Edit[] {
  return pieces.flatMap(({ start, end }, index) => {
    if (!gone.has(start)) return [];
    if (instruction.isJson) return [{ start, end: instruction.words[index + 1].start, replacement: '' }];
    return [{ start: pieces[index - 1]?.end ?? instruction.flags.at(-1)?.end ?? instruction.keywordEnd, end, replacement: '' }];
  });
}

function mountsOf({ keywordEnd }: Instruction, mounts: readonly Mount[]): Edit[] {
  if (mounts.length === 0) return [];
  return [{ start: keywordEnd, end: keywordEnd, replacement: mounts.map((mount) => ` ${flagOf(mount)}`).join('') }];
}

function grouped<Item extends { readonly instruction: Instruction }, Value>(
  items: readonly Item[],
  valueOf: (item: Item) => Value,
): ReadonlyMap<Instruction, readonly Value[]> {
  const groups = new Map<Instruction, Value[]>();
  for (const item of items) {
    const group = groups.get(item.instruction);
    if (group === undefined) groups.set(item.instruction, [valueOf(item)]);
    else group.push(valueOf(item));
  }
  return groups;
}
