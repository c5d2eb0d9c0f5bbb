// Secrets stand in instructions and file names too. This hides the ones that were found wherever else they stand in a report.
import { type HiddenText, HiddenTexts } from '../model/hidden-texts.ts';
import { printable } from '../model/printable.ts';
import type { Secret } from '../model/secret.ts';

/** Shorter values are hidden only where they were found themselves: as words they would stand everywhere. */
const shortestEverywhere = 8;

/** Replaces values by their masks, longest first. `own` were found in the very texts to be masked, `others` anywhere. */
export function masker(own: readonly Secret[], others: readonly Secret[]): (text: string) => string {
  const hidden = new HiddenTexts([...own, ...others.filter(isLong)].flatMap(linesOf));
  const done = new Map<string, string>();
  return (text) => {
    let masked = done.get(text);
    if (masked === undefined) done.set(text, (masked = hidden.mask(text)));
    return masked;
  };
}

/** Tells whether a text holds what `masker` would hide, or the printed form of a value. Made ready at the first text. */
export function valueSearch(own: readonly Secret[], others: readonly Secret[]): (text: string) => boolean {
  let hidden: HiddenTexts | undefined;
  return (text) => {
    hidden ??= new HiddenTexts([...own, ...others.filter(isLong)].flatMap((secret) => [...linesOf(secret), ...printedOf(secret)]));
    return hidden.isIn(text);
  };
}

function isLong(secret: Secret): boolean {
  const length = secret.traits === undefined ? secret.reveal().length : (secret.traits.texts?.whole.length ?? 0);
  return length >= shortestEverywhere;
}

function linesOf(secret: Secret): HiddenText[] {
  const lines = secret.traits === undefined ? secret.reveal().split('\n') : (secret.traits.texts?.lines ?? []);
  return lines.map((text) => ({ text, mask: secret.mask }));
}

function printedOf(secret: Secret): HiddenText[] {
  const text = secret.traits === undefined ? printable(secret.reveal()) : secret.traits.texts?.printed;
  return text === undefined ? [] : [{ text, mask: secret.mask }];
}
