// Secrets stand in instructions and file names too. This hides the ones that were found wherever else they stand in a report.
import type { Secret } from '../model/secret.ts';

/** Shorter values are hidden only where they were found themselves: as words they would stand everywhere. */
const shortestEverywhere = 8;
/** Values are looked up by their first characters, so that thousands of them cost one look a character. */
const prefixLength = 3;

interface Hidden {
  readonly value: string;
  readonly mask: string;
}

/** Replaces values by their masks, longest first. `own` were found in the very texts to be masked, `others` anywhere. */
export function masker(own: readonly Secret[], others: readonly Secret[]): (text: string) => string {
  const byPrefix = new Map<string, Hidden[]>();
  const known = new Set<string>();
  for (const secret of [...own, ...others.filter((other) => other.reveal().length >= shortestEverywhere)]) {
    for (const value of secret.reveal().split('\n')) {
      if (value.length < prefixLength || known.has(value)) continue;
      known.add(value);
      const prefix = value.slice(0, prefixLength);
      const same = byPrefix.get(prefix);
      if (same === undefined) byPrefix.set(prefix, [{ value, mask: secret.mask }]);
      else same.push({ value, mask: secret.mask });
    }
  }
  for (const hidden of byPrefix.values()) hidden.sort((a, b) => b.value.length - a.value.length);

  const done = new Map<string, string>();
  return (text) => {
    let masked = done.get(text);
    if (masked === undefined) done.set(text, (masked = maskedText(text, byPrefix)));
    return masked;
  };
}

function maskedText(text: string, byPrefix: ReadonlyMap<string, readonly Hidden[]>): string {
  let masked = '';
  let from = 0;
  for (let at = 0; at + prefixLength <= text.length; at++) {
    const hidden = byPrefix.get(text.slice(at, at + prefixLength))?.find(({ value }) => text.startsWith(value, at));
    if (hidden === undefined) continue;
    masked += text.slice(from, at) + hidden.mask;
    from = at + hidden.value.length;
    at = from - 1;
  }
  return masked + text.slice(from);
}
