// Whether two paths lead to the same file or folder, links followed.
import { realpathSync } from 'node:fs';

/** False when one of them does not exist. */
export function isSamePlace(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
