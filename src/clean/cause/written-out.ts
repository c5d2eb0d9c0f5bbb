// Instructions in which a secret itself is written: only a person can say what is to stand there instead.
import type { Cause } from './cause.ts';
import { instructionTold, tells } from './created-by.ts';
import type { Instruction } from './dockerfile.ts';
import { listed } from './listed.ts';
import type { Remark } from './plan.ts';

/** An instruction of the file as it is given, with what is left of it in the patched one. */
export interface Left {
  readonly instruction: Instruction;
  readonly text: string;
}

/** `mask` tells by what it hides. Each sentence names the line, and never what stands in it. */
export function remarksOnWrittenOut(left: readonly Left[], causes: readonly Cause[], mask: (text: string) => string): Remark[] {
  const told = causes.filter((cause) => cause.kind === 'instruction').map(({ createdBy }) => ({ createdBy, told: instructionTold(createdBy) }));
  const found = new Set<string>();
  const remarks: Remark[] = [];
  for (const { instruction, text } of left) {
    const same = told.filter((one) => tells(one.told, instruction, mask));
    for (const { createdBy } of same) found.add(createdBy);
    if (same.length > 0 || mask(text) !== text) remarks.push({ line: instruction.line, sentence: sentenceFor(instruction.keyword) });
  }
  const strangers = new Set(told.filter(({ createdBy }) => !found.has(createdBy)).map((one) => one.told.keyword));
  if (strangers.size > 0 && remarks.length === 0) {
    const sentence = `The history has secrets written out in instructions (${listed([...strangers])}) that this file does not have like that: look into the base image.`;
    remarks.push({ line: 0, sentence });
  }
  return remarks;
}

function sentenceFor(keyword: string): string {
  if (keyword === 'RUN')
    return 'a secret is written out in this RUN. Take it out, give it to the command with --mount=type=secret,id=NAME,env=NAME, and write $NAME for it.';
  return `a secret is written out in this ${keyword}, for everybody who has the image: take it out.`;
}
