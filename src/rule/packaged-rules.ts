// Where the rules are that come with unbake, and what stands beside them.
import { fileURLToPath } from 'node:url';

/** Two levels above this file, whether it runs from `src/rule/` or from `dist/rule/`. */
export const packagedRules = fileURLToPath(new URL('../../rules/', import.meta.url));

/** The same rules as the build has parsed them. It is not there where unbake runs from its sources. */
export const compiledRules = fileURLToPath(new URL('../rules.json', import.meta.url));

/** Digests of private keys that everybody has, with their sources. */
export const publicKeysFile = fileURLToPath(new URL('../../rules/public-keys.json', import.meta.url));
