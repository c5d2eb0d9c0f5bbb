// No text may keep a rule busy for ever. `recheck` proves it of every loop in every pattern; what takes long without being endless is the
// business of the adversary of `unbake rules check`, and of the time that a rule is given for a window.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { regexOfPath, toRegExp } from '../../src/rule/pattern.ts';
import { presetRules } from '../../src/rule/preset-table.ts';
import { readRuleFiles, readRuleSources } from '../../src/rule/rule-sources.ts';
import { exponentialOnes, literalsIn, type Repeating } from '../support/backtracking.ts';
import { simplified } from '../support/over-approximation.ts';

const files = await readRuleFiles(packagedRules);

/** Of every `allow` and `paths` in a rule file, at any depth. */
function sideExpressions(value: unknown, place: string, field = ''): readonly Repeating[] {
  if (Array.isArray(value)) return value.flatMap((item) => sideExpressions(item, place, field));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => (key.endsWith('xamples') ? [] : sideExpressions(inner, place, key)));
  if (typeof value !== 'string') return [];
  const source = field === 'paths' ? regexOfPath(value) : ['patterns', 'matches', 'lines'].includes(field) ? value : undefined;
  if (source === undefined) return [];
  const expression = toRegExp(source, 'u');
  return [{ place: `${place}, ${field}`, source: expression.source, flags: expression.flags }];
}

function sourcesBelow(folder: URL): readonly Repeating[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => literalsIn(readFileSync(new URL(name, folder), 'utf8'), name));
}

function loopsOf(source: string): readonly string[] {
  return simplified(source, { ranges: 3, counts: 8 }).loops;
}

describe('backtracking', function () {
  this.timeout(120_000);

  it('is told apart from what only looks like it', async () => {
    const told = async (source: string) => (await exponentialOnes([{ place: 'x', source, flags: 'u' }])).length > 0;
    for (const harmless of ['(?:a{2,9}-)+', '(?:[a-z]{2}:){15}[a-z]{2}', '(?<=(?:x,)*)a', '(?:\\s{1,9}[a-z]{4,64}){1,80}', '(a|b)*\\1'])
      assert.equal(await told(harmless), false, harmless);
    for (const endless of [
      '(?:a{1,9}){2,90}b',
      '(?:\\\\n|[\\\\\\w]){64,8000}-',
      '(?=(?:a|a)*b)a',
      '(?:\\r?\\n[^\\n]{0,400}){0,40}?x',
      '(?:(?:a?b?)+c?)+d',
    ])
      assert.equal(await told(endless), true, endless);
  });

  it('sees the loops of a pattern through groups, lookarounds and classes', () => {
    assert.deepEqual(loopsOf('[(*](?:a[)]{2,40}b){3,50}\\(*'), ['(?:a[)]+b)+']);
    assert.deepEqual(loopsOf('(?<name>x{0,9}y)*?(?!(?:z|\\k<name>)+)'), ['(?:x*y)*', '(?:z|[^]*)+']);
    assert.deepEqual(loopsOf('(?:ab){8}(?:ab){0,3}(?:ab)?'), []);
  });

  it('has no end in no pattern of a rule, nor in what a rule allows', async () => {
    const patterns = files.flatMap(({ rules }) =>
      rules.map(({ info, pattern }) => ({ place: info.id, source: pattern.source, flags: pattern.flags })),
    );
    const sides = (await readRuleSources(packagedRules)).flatMap(({ file, source }) => sideExpressions(parse(source), file));
    assert.ok(patterns.length > 100);
    assert.deepEqual(await exponentialOnes([...patterns, ...sides]), []);
  });

  it('costs a pattern no more at one place of a long text than of a short one', () => {
    const unbounded = files.flatMap(({ rules }) => rules).filter(({ pattern }) => simplified(pattern.source, { ranges: 3, counts: 8 }).isUnbounded);
    assert.deepEqual(
      unbounded.map(({ info }) => info.id),
      [],
      'write {0,40} for *',
    );
  });

  it('has no end in no expression of a check, nor of what reads and writes', async () => {
    const rooms = ['rule', 'view', 'tar', 'model', 'shim', 'clean', 'cli'];
    const ours = rooms.flatMap((room) => sourcesBelow(new URL(`../../src/${room}/`, import.meta.url)));
    assert.ok(ours.length > 500);
    assert.deepEqual(await exponentialOnes(ours), []);
  });

  it('has no end in no rule of the preset', async () => {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('@secretlint/secretlint-rule-preset-recommend/package.json'));
    const theirs = readFileSync(join(dirname(resolve('@secretlint/secretlint-rule-preset-recommend')), 'index.js'), 'utf8');
    const probes = presetRules.flatMap(({ probe, inner }) => [probe, ...(inner === undefined ? [] : [inner])]);
    const expressions = [...literalsIn(theirs, 'preset'), ...probes.map(({ source, flags }) => ({ place: 'probe', source, flags }))];
    assert.ok(expressions.length > probes.length);
    assert.deepEqual(await exponentialOnes(expressions), []);
  });
});
