// For all processes of one run of the tests: the program is built, and what node compiles of it is kept, for starting it would take longer
// than most scans.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder, while mocha runs with `.mocharc.json`. */
export const compileCacheVariable = 'UNBAKE_TEST_COMPILED';

/** Set while mocha runs with `.mocharc.json`: `dist` is built from these sources. */
export const builtVariable = 'UNBAKE_TEST_BUILT';

/** Mocha calls it once, before it starts its workers. */
export function mochaGlobalSetup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.ts', import.meta.url))], { stdio: 'inherit' });
  process.env[builtVariable] = '1';
  process.env[compileCacheVariable] = mkdtempSync(join(tmpdir(), 'unbake-test-compiled-'));
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env[compileCacheVariable]!, { recursive: true, force: true });
}
