import assert from 'node:assert/strict';
import { joined, LayerPaths, parentOf } from '../../../src/shim/layers/layer-paths.ts';

describe('the paths of a layer', () => {
  it('are known by their kind until they are gone', () => {
    const paths = new LayerPaths('layer 1');
    paths.put('a', 'implied');
    paths.put('a/b', 'symlink');
    paths.put('a/c', 'directory');
    paths.put('a', 'directory');
    paths.forget('a/b');
    assert.deepEqual(
      ['', 'a', 'a/b', 'a/c', 'x'].map((path) => [paths.kindAt(path), paths.isDirectory(path)]),
      [
        ['implied', true],
        ['directory', true],
        [undefined, false],
        ['directory', true],
        [undefined, false],
      ],
    );
    assert.deepEqual([...paths.implied()], ['']);
  });

  it('are not more than memory is spent on', () => {
    const paths = new LayerPaths('layer 1', 1000);
    assert.throws(() => Array.from({ length: 10 }, (_, i) => paths.put(`file${i}`, 'other')), { code: 'limit', message: /^layer 1 has more files/ });
  });

  it('have parents up to the root', () => {
    assert.deepEqual(['a/b/c', 'a', ''].map(parentOf), ['a/b', '', '']);
    assert.deepEqual([joined('', 'a'), joined('a', 'b')], ['a', 'a/b']);
  });
});
