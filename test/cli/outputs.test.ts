import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { collectFormat, collectOutput, type Output, resolveOutputs, writeOutput } from '../../src/cli/outputs.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { scratch } from '../support/scratch.ts';

/** Flags in the order in which they are given: `f:json`, `o:file`. */
function outputs(...flags: readonly string[]): string[] {
  const collected: Output[] = [];
  for (const flag of flags) (flag.startsWith('f:') ? collectFormat : collectOutput)(collected, flag.slice(2));
  return resolveOutputs(collected).map(({ format, file }) => `${format} > ${file ?? 'stdout'}`);
}

describe('outputs', () => {
  const table: readonly (readonly [flags: readonly string[], expected: readonly string[]])[] = [
    [[], ['text > stdout']],
    [['f:json'], ['json > stdout']],
    [['f:json', 'o:a'], ['json > a']],
    [['o:a', 'f:json'], ['json > a']],
    [
      ['f:json', 'o:a', 'f:sarif', 'o:b'],
      ['json > a', 'sarif > b'],
    ],
    [
      ['o:a', 'f:json', 'o:b', 'f:sarif'],
      ['json > a', 'sarif > b'],
    ],
    [
      ['f:text', 'f:sarif', 'o:b'],
      ['text > stdout', 'sarif > b'],
    ],
    [
      ['f:sarif', 'o:b', 'f:text'],
      ['sarif > b', 'text > stdout'],
    ],
    [
      ['o:a.sarif', 'o:b.json', 'o:c.txt', 'o:d'],
      ['sarif > a.sarif', 'json > b.json', 'text > c.txt', 'text > d'],
    ],
    [['f:text', 'o:a.json'], ['text > a.json']],
    [['f:json', 'o:-'], ['json > stdout']],
    [
      ['f:json', 'o:-', 'f:text', 'o:t'],
      ['json > stdout', 'text > t'],
    ],
  ];
  for (const [flags, expected] of table) {
    it(`pair ${flags.join(' ') || 'nothing'} as ${expected.join(', ')}`, () => {
      assert.deepEqual(outputs(...flags), expected);
    });
  }

  it('leave standard output to one report', () => {
    for (const flags of [
      ['f:json', 'f:text'],
      ['f:json', 'o:-', 'f:text'],
      ['o:-', 'o:-'],
      ['f:text', 'f:json', 'o:-'],
    ]) {
      assert.throws(
        () => outputs(...flags),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage',
        flags.join(),
      );
    }
  });

  it('know their formats', () => {
    assert.throws(
      () => outputs('f:xml'),
      (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage',
    );
  });
});

describe('writeOutput', () => {
  const files = scratch();

  it('writes pieces of any size, and to its owner alone when values are in them', async () => {
    for (const [isPrivate, mode] of [
      [true, 0o600],
      [false, 0o644],
    ] as const) {
      const path = join(files.folder, `report-${isPrivate}`);
      const pieces = ['a', 'b'.repeat(200_000), '', 'größe'];
      await writeOutput(pieces, path, isPrivate);
      assert.equal(readFileSync(path, 'utf8'), pieces.join(''));
      assert.equal(statSync(path).mode & 0o777 & ~process.umask(), mode & ~process.umask());
    }
  });

  it('takes the rights of others away from a file that was there', async () => {
    const path = files.file(Buffer.from('old and longer'), 'old');
    await writeOutput(['new'], path, true);
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('says where it could not write', async () => {
    await assert.rejects(
      writeOutput(['x'], join(files.folder, 'no/such/folder'), false),
      (thrown) => thrown instanceof UnbakeError && thrown.code === 'io' && thrown.message.includes('no/such/folder'),
    );
  });
});
