// What cleaning writes over a secret, and how the rules know it again: a text that was cleaned once is clean.

/** Part of every alphabet that secrets are written in, so that what surrounds it stays well formed. */
export const redactionCharacter = 'x';

const leastShare = 0.6;

/** True of a value that was written over: nothing but the mark, or what a rule takes along around it. */
export function isRedacted(value: string): boolean {
  const body = value.replace(/-----(?:BEGIN|END)[^-]{0,60}-----|\\[rn]|\s/g, '');
  let marks = 0;
  for (const character of body) if (character === redactionCharacter) marks++;
  if (marks === body.length) return marks > 0;
  return marks >= body.length * leastShare && body.includes(redactionCharacter.repeat(3));
}
