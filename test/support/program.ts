// The command line that tests run: as it is built, when mocha has built it for the whole run, for then it starts much sooner; else
// from its sources.
import { fileURLToPath } from 'node:url';
import { builtVariable } from './compile-cache.ts';

export const program = fileURLToPath(
  new URL(process.env[builtVariable] === undefined ? '../../src/cli/main.ts' : '../../dist/bundle/unbake.js', import.meta.url),
);
