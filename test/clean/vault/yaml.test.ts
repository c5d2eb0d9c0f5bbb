import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { octalMode, yamlText } from '../../../src/clean/vault/yaml.ts';
import { hostileNames } from './sample-vault.ts';

describe('YAML of a vault', () => {
  const steering = /[\p{Zl}\p{Zp}]|(?!\n)\p{C}/u;

  it('gives texts back to readers of either version', () => {
    const odd = [
      'yes',
      'No',
      'null',
      '~',
      '012',
      '0o14',
      '1:30',
      '1e3',
      '.inf',
      '2001-01-01',
      '=x',
      '- a',
      '? a',
      '#a',
      'a #b',
      'a: b',
      '!a',
      '&a',
      '*a',
      '%a',
      '@a',
      ' a ',
      '',
      '|',
      '>',
      '{}',
      '[]',
    ];
    for (const version of ['1.1', '1.2'] as const) {
      for (const texts of [odd, hostileNames]) assert.deepEqual(parse(yamlText(['About'], { texts }), { version }), { texts });
      fc.assert(
        fc.property(
          fc.array(
            fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.constantFrom('\u0085', '\u2028', '\u{e0001}', '\u202ex')),
          ),
          (list) => {
            const texts = list.map((text) => text.toWellFormed());
            const yaml = yamlText([], { texts });
            assert.doesNotMatch(yaml, steering);
            assert.deepEqual(parse(yaml, { version }), { texts });
          },
        ),
      );
    }
  });

  it('writes modes in octal digits', () => {
    assert.equal(yamlText(['One', '', 'two'], { mode: octalMode(0o104640) }), '# One\n#\n# two\nmode: 0640\n');
    assert.deepEqual(parse(yamlText([], [octalMode(0), octalMode(0o7)]), { version: '1.1' }), [0, 7]);
  });
});
