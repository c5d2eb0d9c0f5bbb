// For all processes of one run of the tests: half of the time of a small scan is the compiling of the program itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder, while mocha runs with `.mocharc.json`. */
export const compileCacheVariable = 'UNBAKE_TEST_COMPILED';

/** Mocha calls it once, before it starts its workers. */
export function mochaGlobalSetup(): void {
  process.env[compileCacheVariable] = mkdtempSync(join(tmpdir(), 'unbake-test-compiled-'));
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env[compileCacheVariable]!, { recursive: true, force: true });
}
