import assert from 'node:assert/strict';
import type { Image } from '../../src/model/image.ts';
import { inheritedLayers } from '../../src/scan/inherited.ts';

const image = (fields: Partial<Image> = {}): Image => ({ name: 'x', tags: [], layers: [], documents: [], attached: [], skipped: [], ...fields });

describe('inheritedLayers', () => {
  it('counts the layers of the base that was given, when they are the lowest ones', () => {
    assert.equal(inheritedLayers(image(), ['a', 'b', 'c'], ['a', 'b'], []), 2);
    assert.equal(inheritedLayers(image(), ['a', 'b'], ['a', 'b'], []), 2);
  });

  it('does not guess when they are not', () => {
    assert.equal(inheritedLayers(image(), ['a', 'b', 'c'], ['a', 'c'], []), undefined);
    assert.equal(inheritedLayers(image(), ['b', 'a'], ['a'], []), undefined);
    assert.equal(inheritedLayers(image(), ['a'], ['a', 'b'], []), undefined);
    assert.equal(inheritedLayers(image(), ['a'], [], []), undefined);
    assert.equal(inheritedLayers(image(), ['a'], undefined, []), undefined);
  });

  it('finds the base that the annotations name among the images of the store', () => {
    const digest = `sha256:${'1'.repeat(64)}` as const;
    const base = { image: image({ manifestDigest: digest, tags: ['base:1'] }), diffIds: ['a'] };
    const neighbours = (own: Image) => [base, { image: own, diffIds: ['a', 'b'] }];
    for (const named of [{ digest }, { name: 'base:1' }]) {
      const own = image({ base: named });
      assert.equal(inheritedLayers(own, ['a', 'b'], undefined, neighbours(own)), 1);
    }
    const other = image({ base: { digest: `sha256:${'2'.repeat(64)}`, name: 'base:1' } });
    assert.equal(inheritedLayers(other, ['a', 'b'], undefined, neighbours(other)), undefined, 'the digest counts before the name');
    const plain = image();
    assert.equal(inheritedLayers(plain, ['a', 'b'], undefined, neighbours(plain)), undefined);
  });
});
