// What a token says of its owner in the clear, fit to be shown: an image may hold anything in these places.

const longest = 80;

/** Names, addresses and numbers of ordinary characters; undefined for anything else, and for what is long enough to be a secret's place. */
export function factOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.length <= longest && /^[\w][\w .:/+-]*$/.test(text) ? text : undefined;
}

/** The day of a time in seconds since 1970, as `2030-03-17`. */
export function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'at an impossible time' : date.toISOString().slice(0, 10);
}

/** The member under these names, one inside the other; undefined when there is none. */
export function memberOf(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
