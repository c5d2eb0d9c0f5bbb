// Lists in sentences: short, however long they are.
const mostShown = 5;
const longestItem = 200;

/** `a, b and 3 more`; long items are cut. */
export function listed(items: readonly (string | number)[]): string {
  const shown = items
    .slice(0, mostShown)
    .map((item) => (typeof item === 'string' && item.length > longestItem ? `${item.slice(0, longestItem)}...` : item))
    .join(', ');
  return items.length > mostShown ? `${shown} and ${items.length - mostShown} more` : shown;
}

/** `line 3`, `lines 3, 5`. */
export function lines(numbers: readonly number[]): string {
  return `${numbers.length === 1 ? 'line' : 'lines'} ${listed(numbers)}`;
}
