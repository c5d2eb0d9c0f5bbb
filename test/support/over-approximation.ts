// What in a pattern can repeat, made simpler for a static checker and never more harmless: whatever ways the pattern has to match a text,
// the simpler one has them too. So what is proved of the simpler one holds for the pattern.

/** Counted repetitions up to so many times stay as they are; others may repeat for ever. */
export interface Exactness {
  /** Of `{2,5}`. */
  readonly ranges: number;
  /** Of `{5}`. */
  readonly counts: number;
}

export interface Simplified {
  /**
   * Every repeated group, with what is in it. Exponential backtracking needs two ways around one loop that read the same text, so a
   * pattern is free of it when each of these is, for itself.
   */
  readonly loops: readonly string[];
  /** Something in the pattern as it is written repeats without end, so that what it costs at one place grows with the text. */
  readonly isUnbounded: boolean;
}

const token =
  /\\(?:k<[^>]*>|[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^])|\[(?:\\[^]|[^\]\\])*\]|\(\?(?:<?[=!]|<\w+>|[a-z-]*:)|[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/gu;

const nothing = '(?:)';

/** Of a source without shorthands. Lookarounds are looked into, and then left out, as what only narrows a match; so are anchors. */
export function simplified(source: string, exactness: Exactness): Simplified {
  const loops = new Set<string>();
  let isUnbounded = false;
  const open: { readonly atoms: string[]; readonly isLookaround: boolean }[] = [{ atoms: [], isLookaround: false }];
  for (const [piece] of source.matchAll(token)) {
    const { atoms, isLookaround } = open.at(-1)!;
    const quantified = /^(?:[*+?]|\{\d)/.test(piece) ? repetition(piece, exactness) : undefined;
    if (piece.startsWith('(')) open.push({ atoms: [], isLookaround: /^\(\?<?[=!]/.test(piece) });
    else if (piece === ')') {
      open.pop();
      open.at(-1)!.atoms.push(isLookaround ? nothing : `(?:${atoms.join('')})`);
    } else if (quantified !== undefined) {
      if (/^(?:[*+]|\{\d+,\})/.test(piece)) isUnbounded = true;
      const repeated = atoms.pop()! + quantified;
      atoms.push(repeated);
      if (/[*+]$/.test(quantified) && repeated.startsWith('(')) loops.add(repeated);
    } else if (/^\\(?:k<|[1-9])/.test(piece)) atoms.push('[^]*');
    else atoms.push(/^[\^$]$|^\\[bB]$/.test(piece) ? nothing : piece);
  }
  return { loops: [...loops], isUnbounded };
}

function repetition(piece: string, { ranges, counts }: Exactness): string {
  if (/^[*+?]/.test(piece)) return piece[0]!;
  const [least, most = /,\}/.test(piece) ? Infinity : least] = piece.match(/\d+/g)!.map(Number) as [number, number?];
  if (most <= (least === most ? counts : ranges)) return piece.replace(/\?$/, '');
  return least === 0 ? '*' : '+';
}
