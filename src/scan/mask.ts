// Secrets stand in instructions and file names too. This hides the ones that were found wherever else they stand in a report.
import type { Secret } from '../model/secret.ts';

/** Shorter values are hidden only where they were found themselves: as words they would stand everywhere. */
const shortestEverywhere = 8;

/** Replaces values by their masks, longest first. `own` were found in the very texts to be masked, `others` anywhere. */
export function masker(own: readonly Secret[], others: readonly Secret[]): (text: string) => string {
  const masks = new Map<string, string>();
  for (const secret of [...own, ...others.filter((other) => other.reveal().length >= shortestEverywhere)]) {
    for (const line of secret.reveal().split('\n')) if (line.length >= 3) masks.set(line, secret.mask);
  }
  const values = [...masks.keys()].sort((a, b) => b.length - a.length);
  return (text) => values.reduce((masked, value) => (masked.includes(value) ? masked.replaceAll(value, masks.get(value)!) : masked), text);
}
