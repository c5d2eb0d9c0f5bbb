import assert from 'node:assert/strict';
import { colorLevel } from '../../src/cli/color.ts';

describe('colorLevel', () => {
  const table: readonly (readonly [when: 'auto' | 'always' | 'never', isTTY: boolean, environment: Record<string, string>, level: 0 | 1])[] = [
    ['auto', true, {}, 1],
    ['auto', false, {}, 0],
    ['auto', true, { TERM: 'dumb' }, 0],
    ['auto', true, { NO_COLOR: '1' }, 0],
    ['auto', true, { NO_COLOR: '' }, 1],
    ['auto', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, 0],
    ['auto', false, { FORCE_COLOR: '1' }, 1],
    ['auto', false, { FORCE_COLOR: 'true' }, 1],
    ['auto', true, { FORCE_COLOR: '0' }, 0],
    ['auto', true, { FORCE_COLOR: 'false' }, 0],
    ['auto', true, { FORCE_COLOR: '' }, 1],
    ['always', false, { NO_COLOR: '1' }, 1],
    ['never', true, { FORCE_COLOR: '1' }, 0],
  ];
  for (const [when, isTTY, environment, level] of table) {
    it(`is ${level} for ${when}, ${isTTY ? 'a terminal' : 'no terminal'}, ${JSON.stringify(environment)}`, () => {
      assert.equal(colorLevel(when, { isTTY }, environment), level);
    });
  }
});
