import assert from 'node:assert/strict';
import { UnbakeError } from '../../src/model/error.ts';
import { defaultLimits, parseLimits } from '../../src/model/limits.ts';

const isUsage = (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === 'usage';

describe('parseLimits', () => {
  it('gives the defaults when nothing is set', () => {
    assert.deepEqual(parseLimits([]), defaultLimits);
  });

  it('sets limits by name, in 1024-based units; the last of a name counts', () => {
    const limits = parseLimits(['entryBytes=7', 'layerBytes=2k', 'manifestBytes=3M', 'extendedHeaderBytes=4G', 'findings=0', 'findings=12']);
    assert.deepEqual(limits, {
      ...defaultLimits,
      entryBytes: 7,
      layerBytes: 2048,
      manifestBytes: 3 * 2 ** 20,
      extendedHeaderBytes: 4 * 2 ** 30,
      findings: 12,
    });
  });

  it('leaves the defaults as they are', () => {
    const before = { ...defaultLimits };
    parseLimits(['findings=1']);
    assert.deepEqual(defaultLimits, before);
  });

  for (const pair of [
    '',
    'findings',
    'findings=',
    '=1',
    'findings=-1',
    'findings=1.5',
    'findings=1T',
    'findings=1m',
    'findings= 1',
    'nothing=1',
    'Findings=1',
    'toString=1',
    '__proto__=1',
    'constructor=1',
  ]) {
    it(`refuses ${JSON.stringify(pair)}`, () => {
      assert.throws(() => parseLimits([pair]), isUsage);
    });
  }
});
