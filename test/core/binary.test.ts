import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { compileCore, coreModules } from '../../scripts/compile-core.ts';

describe('the compiled core', () => {
  it('is one file for each module', () => {
    const files = readdirSync(new URL('../../src/core/binary/', import.meta.url)).sort();
    assert.deepEqual(
      files,
      coreModules.map((name) => `${name}.ts`),
    );
  });

  for (const name of coreModules) {
    it(`is what its source says: ${name}`, async () => {
      const { path, text } = await compileCore(name);
      assert.ok(readFileSync(path, 'utf8') === text, `${path} is not what assembly/${name}.ts compiles to: run npm run build:core`);
    }).timeout(120_000);
  }
});
