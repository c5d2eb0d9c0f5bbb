import assert from 'node:assert/strict';
import fc from 'fast-check';
import { safeName, storedFiles } from '../../../src/clean/vault/files.ts';
import { hostileNames, vaultFile } from './sample-vault.ts';

describe('files of a vault', () => {
  it('are numbered, and keep of their names what needs no quotes', () => {
    const names = storedFiles(['srv/.env', 'etc/ssl/key.pem', 'a b/c d$(x)', `${'n'.repeat(255)}`].map((path) => vaultFile(path))).map(
      ({ file }) => file,
    );
    assert.deepEqual(names, ['files/0001-.env', 'files/0002-key.pem', 'files/0003-c_d_x_', `files/0004-${'n'.repeat(60)}`]);
  });

  it('have safe and different names whatever they are called', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes))), (paths) => {
        const names = storedFiles(paths.map((path) => vaultFile(path))).map(({ file }) => file);
        for (const name of names) assert.match(name, /^files\/[0-9]{4}-[A-Za-z0-9._-]{0,60}$/);
        assert.equal(new Set(names.map((name) => name.toLowerCase())).size, paths.length);
      }),
    );
    assert.equal(safeName('../../x'), '.._.._x');
  });

  it('are put back where the container saw them', () => {
    const mountedIn = (...files: Parameters<typeof vaultFile>[1][]) =>
      storedFiles(files.map((change) => vaultFile('srv/.env', change))).map((file) => file.mountedIn);
    assert.deepEqual(mountedIn({}), [[0]]);
    assert.deepEqual(mountedIn({ isVisible: false }), [[]], 'deleted by a later layer');
    assert.deepEqual(mountedIn({ layer: 1 }, { layer: 3 }, { layer: 2 }), [[], [0], []], 'the uppermost layer wins, in any order');
    assert.deepEqual(mountedIn({ layer: 1 }, { layer: 3, isVisible: false }), [[0], []], 'what is not visible hides nothing');
    assert.deepEqual(mountedIn({ layer: 1 }, { layer: 1 }), [[], [0]], 'of one layer the last');
    assert.deepEqual(mountedIn({ layer: 1, images: [0, 1] }, { layer: 2, images: [1] }), [[0], [1]], 'for each image its own');
    assert.deepEqual(mountedIn({ images: [] }), [[]]);
  });

  it('are put back only where a container can have seen a file', () => {
    const paths = ['', 'a\0b', '../etc/passwd', 'a/../b', '/a', 'a//b', './a', 'a/', 'n'.repeat(256), `${'d/'.repeat(2046)}ok/x`];
    for (const { mountedIn, from } of storedFiles(paths.map((path) => vaultFile(path)))) assert.deepEqual(mountedIn, [], JSON.stringify(from.path));
    for (const { mountedIn, from } of storedFiles(hostileNames.map((path) => vaultFile(path))))
      assert.deepEqual(mountedIn, [0], JSON.stringify(from.path));
  });

  it('have a target in text only where it is the same bytes', () => {
    const targets = (...paths: (string | Buffer)[]) => storedFiles(paths.map((path) => vaultFile(path))).map(({ target }) => target);
    assert.deepEqual(targets('srv/ü', '\ufeffa'), ['/srv/ü', '/\ufeffa']);
    // A lone byte, an overlong slash, half of a surrogate pair: none of them is UTF-8.
    assert.deepEqual(targets(Buffer.from('ff', 'hex'), Buffer.from('c0af', 'hex'), Buffer.from('eda080', 'hex')), [undefined, undefined, undefined]);
  });
});
