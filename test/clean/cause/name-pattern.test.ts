import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fitsPattern } from '../../../src/clean/cause/name-pattern.ts';

describe('fitsPattern', () => {
  it('is Go’s filepath.Match for one name', () => {
    const fitting: [string, string][] = [
      ['*', '.env'],
      ['.npmrc*', '.npmrc'],
      ['*.json', 'a.b.json'],
      ['package*.json', 'package-lock.json'],
      ['a?c', 'abc'],
      ['[a-c]x', 'bx'],
      ['[^a]', 'b'],
      ['a\\*', 'a*'],
      ['a*b*c', 'aXbYbZc'],
      ['', ''],
    ];
    const others: [string, string][] = [
      ['*.json', 'json'],
      ['a?c', 'ac'],
      ['[a-c]x', 'dx'],
      ['[^a]', 'a'],
      ['a\\*', 'ab'],
      ['a*b', 'abc'],
      ['', 'a'],
    ];
    for (const [pattern, name] of fitting) assert.ok(fitsPattern(pattern, name), `${pattern} ${name}`);
    for (const [pattern, name] of others) assert.ok(!fitsPattern(pattern, name), `${pattern} ${name}`);
  });

  it('agrees with a regular expression on stars and question marks', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
        (pattern, name) => {
          assert.equal(fitsPattern(pattern, name), new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name));
        },
      ),
    );
  });
});
