import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { shellQuoted } from '../../../src/clean/vault/shell.ts';
import { isInstalled } from '../../support/tool.ts';
import { hostileNames } from './sample-vault.ts';

/** The words as a shell takes them. */
function taken(shell: readonly string[], words: readonly string[]): string[] {
  const { stdout, status, stderr } = spawnSync(shell[0]!, [...shell.slice(1), '-c', `printf '%s\\0' end ${words.map(shellQuoted).join(' ')}`]);
  assert.equal(status, 0, stderr.toString());
  return stdout.toString().split('\0').slice(1, -1);
}

describe('words for a shell', () => {
  const shells = [['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([program]) => isInstalled(program!));

  for (const shell of shells) {
    it(`are taken by ${shell.join(' ')} for what they are`, () => {
      const words = [
        ...hostileNames,
        '',
        '\n',
        'ends\n\n',
        '\u0007\n\n',
        '\u0007-\n',
        '-\u0007',
        '%d\u0007\\101',
        "\u001b'",
        '\\\u0007',
        'a\nb\u0007c',
      ];
      assert.deepEqual(taken(shell, words), words);
      const unit = fc.constantFrom(...'ab\'"\\$`%-\n\r\t !#~*?[{}01', '\u0007', '\u001b', '\u0085', '\u202e', 'ü', '😀', '\ufeff', '\ue000');
      fc.assert(
        fc.property(fc.array(fc.oneof(fc.string({ unit, maxLength: 12 }), fc.string({ unit: 'grapheme' }))), (texts) => {
          const words = texts.map((text) => text.replaceAll('\0', ''));
          assert.deepEqual(taken(shell, words), words);
        }),
        { numRuns: 50 },
      );
    });
  }

  it('hold no character that steers a terminal', () => {
    for (const word of [...hostileNames, '\u007f\u009b\u2066\u200b']) assert.match(shellQuoted(word), /^(?:\n|[^\p{C}\p{Zl}\p{Zp}])*$/u);
  });
});
