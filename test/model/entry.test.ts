import assert from 'node:assert/strict';
import { posix } from 'node:path';
import fc from 'fast-check';
import { normalizePath, printablePath, whiteoutOf } from '../../src/model/entry.ts';

describe('normalizePath', () => {
  it('gives one name to what is one place, and never leaves the root', () => {
    for (const name of ['srv/x', '/srv/x', './srv/x', 'srv//x', 'srv/x/', '../srv/x', '../../srv/x', 'srv/./x', 'srv/y/../x', '/../srv/../srv/x//.'])
      assert.equal(normalizePath(name), 'srv/x', name);
    for (const name of ['', '/', '.', './', '..', '../..', 'a/..', '//']) assert.equal(normalizePath(name), '', name);
    for (const name of ['...', '.a', 'a..', '..a/b', ' ', '.wh.x', 'a/.b/..c', 'a\nb', 'a\\b']) assert.equal(normalizePath(name), name);
  });

  it('is what POSIX makes of the name below the root', () => {
    const names = fc
      .array(fc.constantFrom('a', 'b', '.', '..', '', '.c', '..d', '...', 'e.', '\n'), { maxLength: 8 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(names, (name) => {
        const path = normalizePath(name);
        assert.equal(`/${path}`, posix.resolve('/', name));
        assert.equal(normalizePath(path), path);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whiteoutOf', () => {
  it('tells what a name deletes or hides', () => {
    assert.deepEqual(whiteoutOf('.wh.x'), { kind: 'deletes', path: 'x' });
    assert.deepEqual(whiteoutOf('a/b/.wh.x'), { kind: 'deletes', path: 'a/b/x' });
    assert.deepEqual(whiteoutOf('a/.wh..x'), { kind: 'deletes', path: 'a/.x' });
    assert.deepEqual(whiteoutOf('a/.wh..wh..opq'), { kind: 'opaque', path: 'a' });
    assert.deepEqual(whiteoutOf('.wh..wh..opq'), { kind: 'opaque', path: '' });
    for (const name of ['.wh..wh.plnk', 'a/.wh..wh.aufs', '.wh..wh.orph', 'a/.wh.']) assert.deepEqual(whiteoutOf(name), { kind: 'metadata' }, name);
  });

  it('takes names that merely hold the letters for ordinary', () => {
    for (const name of ['', 'x', 'a.wh.x', 'usr/bin/somewhere', 'a/b.whl', '.wh', '.whx', 'a/.wh/x', '.wh.d/x', 'x.wh..wh..opq'])
      assert.equal(whiteoutOf(name), undefined, name);
  });
});

describe('printablePath', () => {
  it('is absolute, decoded and escaped', () => {
    const latin1 = (text: string) => Buffer.from(text).toString('latin1');
    assert.equal(printablePath(''), '/');
    assert.equal(printablePath(latin1('srv/größe')), '/srv/größe');
    assert.equal(printablePath('a\nb/\xff\x1b'), '/a\\nb/\\xff\\x1b');
  });
});
