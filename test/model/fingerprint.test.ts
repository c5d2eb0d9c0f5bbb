import assert from 'node:assert/strict';
import { fingerprintOf, valueFingerprint } from '../../src/model/fingerprint.ts';
import type { Place, Position } from '../../src/model/finding.ts';
import { Secret } from '../../src/model/secret.ts';
import { githubToken } from '../support/planted.ts';

const at = (line: number, offset = line * 10): Position => ({ line, column: 1, endLine: line, endColumn: 41, offset, length: 40 });
const inFile = (path: string, line = 1): Place => ({ kind: 'file', path, position: at(line) });
const secret = new Secret(githubToken('fingerprint'));
const key = 'a key of the user';

describe('fingerprintOf', () => {
  it('is 16 hexadecimal digits and stays the same when lines and indices move', () => {
    for (const given of [undefined, key]) {
      const of = (place: Place) => fingerprintOf('github-token', place, secret, given);
      assert.match(of(inFile('/a')), /^[0-9a-f]{16}$/);
      assert.equal(of(inFile('/a', 1)), of(inFile('/a', 700)));
      assert.equal(
        of({ kind: 'metadata', pointer: 'history[2].created_by', position: at(1) }),
        of({ kind: 'metadata', pointer: 'history[9].created_by', position: at(1) }),
      );
      assert.equal(
        of({ kind: 'metadata', pointer: `index ${'0123456789abcdef'}.annotations`, position: at(1) }),
        of({ kind: 'metadata', pointer: `index ${'fedcba9876543210'}.annotations`, position: at(1) }),
      );
    }
  });

  it('tells rules, places and kinds of places apart', () => {
    const all = [
      fingerprintOf('github-token', inFile('/a'), secret, undefined),
      fingerprintOf('other-rule', inFile('/a'), secret, undefined),
      fingerprintOf('github-token', inFile('/b'), secret, undefined),
      fingerprintOf('github-token', { kind: 'header', path: '/a', position: at(1) }, secret, undefined),
      fingerprintOf('github-token', { kind: 'stray', what: '/a', position: at(1) }, secret, undefined),
      fingerprintOf('github-token', inFile('/a'), secret, key),
      fingerprintOf('github-token', inFile('/a'), secret, 'another key'),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  const ofValues = (given: string | undefined) => {
    const prints = new Set<string>();
    for (let index = 0; index < 6000; index++) prints.add(fingerprintOf('rule', inFile('/a'), new Secret(`value ${index}`), given));
    return prints.size;
  };

  it('holds twelve bits of the value when there is no key: a guess is never confirmed', () => {
    const distinct = ofValues(undefined);
    assert.ok(distinct <= 4096 && distinct > 2500, `${distinct} of 6000 values are told apart`);
  });

  it('tells all values apart when there is a key', () => {
    assert.equal(ofValues(key), 6000);
  });
});

describe('valueFingerprint', () => {
  it('depends on the value and on the key alone', () => {
    assert.match(valueFingerprint(secret, key), /^[0-9a-f]{32}$/);
    assert.equal(valueFingerprint(secret, key), valueFingerprint(new Secret(secret.reveal()), key));
    assert.notEqual(valueFingerprint(secret, key), valueFingerprint(secret, 'another key'));
    assert.notEqual(valueFingerprint(secret, key), valueFingerprint(new Secret('x'), key));
  });
});
