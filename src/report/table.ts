// Columns with a heading, as container engines print them, and the words that they use for times and sizes.

/** Each column as wide as its widest value, three spaces between them; nothing behind the last. */
export function* table(headings: readonly string[], rows: readonly (readonly string[])[]): Generator<string> {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column].length)));
  for (const row of [headings, ...rows]) {
    yield `${row
      .map((value, column) => value.padEnd(widths[column]))
      .join('   ')
      .trimEnd()}\n`;
  }
}

const units = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 7],
  ['week', 52 / 12],
  ['month', 12],
  ['year', Infinity],
] as const;

/** How long ago a time was, in its largest unit: `3 minutes`. */
export function age(time: string, now: Date): string {
  let count = Math.max(0, (now.getTime() - new Date(time).getTime()) / 1000);
  for (const [unit, ofNext] of units) {
    if (count < ofNext || ofNext === Infinity) return `${Math.floor(count)} ${unit}${Math.floor(count) === 1 ? '' : 's'}`;
    count /= ofNext;
  }
  return '';
}

/** Thousands, as docker prints sizes of images: `12.3MB`. */
export function byteCount(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB', 'TB']) {
    if (value < 1000 || unit === 'TB') return `${unit === 'B' ? value : Number(value.toPrecision(3))}${unit}`;
    value /= 1000;
  }
  return '';
}
