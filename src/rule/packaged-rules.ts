// Where the rules are that come with unbake.
import { fileURLToPath } from 'node:url';

/** Two levels above this file, whether it runs from `src/rule/` or from `dist/rule/`. */
export const packagedRules = fileURLToPath(new URL('../../rules/', import.meta.url));
