// Lists in sentences: short, however long they are.
const mostShown = 5;

/** `a, b and 3 more`. */
export function listed(items: readonly (string | number)[]): string {
  const shown = items.slice(0, mostShown).join(', ');
  return items.length > mostShown ? `${shown} and ${items.length - mostShown} more` : shown;
}

/** `line 3`, `lines 3, 5`. */
export function lines(numbers: readonly number[]): string {
  return `${numbers.length === 1 ? 'line' : 'lines'} ${listed(numbers)}`;
}
