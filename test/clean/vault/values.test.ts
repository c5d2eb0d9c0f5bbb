import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { envFile, storedVariables } from '../../../src/clean/vault/values.ts';
import type { VaultVariable } from '../../../src/clean/vault/vault.ts';
import { bytesOf } from '../../../src/model/blob.ts';
import { password, privateKey } from '../../support/planted.ts';
import { variable } from './sample-vault.ts';

/**
 * Reads an env file as `docker run --env-file` does: lines of less than 64 KiB in UTF-8, a carriage return at their end and space before
 * them cut off, comments skipped; the name ends at the first equals sign and holds no space; the rest is the value as it stands.
 */
function readEnvFile(bytes: Buffer): [string, string][] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const variables: [string, string][] = [];
  for (const read of text.split('\n')) {
    assert.ok(Buffer.byteLength(read) < 65536, 'token too long');
    const line = read.replace(/\r$/, '').replace(/^[\s\u0085]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    assert.ok(equals > 0, 'no variable name');
    assert.doesNotMatch(line.slice(0, equals), /[ \t]/, 'contains whitespaces');
    variables.push([line.slice(0, equals), line.slice(equals + 1)]);
  }
  return variables;
}

async function readBack(variables: readonly VaultVariable[]): Promise<[string, string][]> {
  const blob = envFile(variables, storedVariables(variables));
  return blob === undefined ? [] : readEnvFile(await bytesOf(blob));
}

describe('variables of a vault', () => {
  it('come back from the env file as they were, in their order', async () => {
    const values = [
      'plain',
      ' spaces before and behind ',
      '"quoted"',
      "'single'",
      '$HOME ${x} $(id) `id`',
      'a=b=c',
      '# no comment',
      '\\n',
      'ü😀',
      '',
      'tab\tx',
      '\u2028',
    ];
    const names = values.map((_, index) => `NAME_${index}`);
    assert.deepEqual(
      await readBack(values.map((value, index) => variable(names[index]!, value))),
      values.map((value, index) => [names[index], value]),
    );
  });

  it('stay out of the env file where its form would change them', async () => {
    const secret = password('env');
    const variables = [
      variable('PEM', privateKey('ed25519', 'env')),
      variable('RETURN', `${secret}\r`),
      variable('NUL', `${secret}\0`),
      variable('LONG', 'x'.repeat(65_531)),
      variable('FITS', 'x'.repeat(65_530)),
      variable('INNER_RETURN', `a\rb`),
      variable('#NAME', secret),
      variable('with space', secret),
      variable('', secret),
      variable('ü', secret),
      variable('spring.password', secret),
      variable('-odd"$%\'name', secret),
    ];
    assert.deepEqual(
      (await readBack(variables)).map(([name]) => name),
      ['FITS', 'INNER_RETURN', 'spring.password', '-odd"$%\'name'],
    );
    assert.deepEqual(
      storedVariables(variables)
        .filter(({ isPossible }) => !isPossible)
        .map(({ name }) => name),
      ['NUL'],
    );
    assert.equal(storedVariables([variable('A', 'x'.repeat(131_069))])[0]!.isPossible, true, 'A=, the value and a NUL are 128 KiB');
    assert.equal(storedVariables([variable('A', 'x'.repeat(131_070))])[0]!.isPossible, false);
  });

  it('come back whatever their names and values are', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[\r\n =#"'\\$]*$/));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text)), async (pairs) => {
        const variables = pairs.map(([name, value]) => variable(name, value));
        const stored = storedVariables(variables);
        assert.deepEqual(
          await readBack(variables),
          pairs.filter((_, index) => stored[index]!.isInEnvFile),
        );
        for (const [index, { content }] of stored.entries()) {
          const bytes = await bytesOf(content);
          assert.equal(bytes.toString(), pairs[index]![1].toWellFormed());
          assert.equal(content.size, bytes.length);
        }
      }),
    );
  });

  it('are those of the first image there, and the last of one name', async () => {
    assert.deepEqual(await readBack([variable('A', 'one'), variable('B', 'other', [1]), variable('A', 'two', [0, 1]), variable('C', 'x')]), [
      ['A', 'two'],
      ['C', 'x'],
    ]);
    assert.equal(envFile([variable('B', 'other', [1])], storedVariables([variable('B', 'other', [1])])), undefined);
  });

  it('have files called like them, safe and different in any case of letters', () => {
    const names = ['TOKEN', 'token', 'TOKEN', 'token-2', 'TOKEN', '..', '.x', '-n', 'a/b', 'ü', '', 'n'.repeat(300), 'n'.repeat(300)];
    assert.deepEqual(
      storedVariables(names.map((name) => variable(name, ''))).map(({ file }) => file.slice('variables/'.length)),
      // The third and fifth come when token-2 is taken already, or is about to be.
      ['TOKEN', 'token-2', 'TOKEN-3', 'token-2-2', 'TOKEN-4', '_.', '_x', '_n', 'a_b', '_', '_-2', 'n'.repeat(100), `${'n'.repeat(100)}-2`],
    );
    const many = storedVariables(Array.from({ length: 50_000 }, () => variable('A', ''))).map(({ file }) => file);
    assert.equal(new Set(many).size, 50_000);
  });

  it('can be read from any place', async () => {
    const variables = [variable('A', 'ü1'), variable('B', '2')];
    const blob = envFile(variables, storedVariables(variables))!;
    const whole = await bytesOf(blob);
    for (let start = 0; start <= whole.length + 1; start++) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of blob.open(start)) chunks.push(chunk);
      assert.deepEqual(Buffer.concat(chunks), whole.subarray(start));
    }
  });

  it('show nothing of their values when they are printed', () => {
    const secret = password('printed');
    const variables = [variable('A', secret)];
    const stored = storedVariables(variables);
    for (const shown of [inspect(stored, { depth: 9 }), JSON.stringify(stored), inspect(envFile(variables, stored), { depth: 9 })])
      assert.ok(!shown.includes(secret), shown);
  });
});
