// A rule of the user that backtracks without end, and a file made for it: it costs itself, in that place, and nothing else.
import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/model/limits.ts';
import type { RuleFailure } from '../../src/model/rule.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { DocumentScanner } from '../../src/scan/document-scanner.ts';
import { scratch } from '../support/scratch.ts';

const rule = (id: string, pattern: string, keyword: string) => ({
  id,
  name: id,
  pattern,
  keywords: [keyword],
  severity: 'high',
  confidence: 'high',
  description: 'A token.',
  advice: 'Revoke it.',
});

describe('a rule that never ends', () => {
  const files = scratch();

  it('is ended, named with its place, and takes nothing from others', async () => {
    const mine = [rule('endless', 'stuck-(?<secret>(?:a|a){1,90})(?<!a{50})!', 'stuck-'), rule('other', 'mine-(?<secret>[a-z]{6})', 'mine-')];
    const rules = files.file(Buffer.from(JSON.stringify({ imported: true, rules: mine })), 'rules.yml');
    const ruleset = await loadRuleset({ rulesDirectories: [rules], enable: ['endless', 'other'] });
    const found: string[] = [];
    const failed: { name: string; failure: RuleFailure; offset: number }[] = [];
    const scanner = new DocumentScanner<string>(
      ruleset,
      { ...defaultLimits, ruleMilliseconds: 200 },
      {
        found: ({ origin, detection }) => void found.push(`${origin}: ${detection.ruleId} ${detection.secret.reveal()}`),
        failed: (name, failure, offset) => void failed.push({ name, failure, offset }),
        limited: () => assert.fail('no limit is near'),
      },
    );
    const far = '.'.repeat(8000);
    scanner.scan('before', 'before', Buffer.from('mine-before stuck-aaa!'));
    scanner.scan('hostile', 'hostile', Buffer.from(`mine-middle ${far}mine-nearby stuck-${'a'.repeat(60)}! mine-behind${far}stuck-aa! mine-finish`));
    scanner.scan('after', 'after', Buffer.from('stuck-aaaa! mine-afters'));
    await scanner.settle();
    assert.deepEqual(found, [
      'before: other before',
      'before: endless aaa',
      'hostile: other middle',
      'hostile: other nearby',
      'hostile: other behind',
      'hostile: endless aa',
      'hostile: other finish',
      'after: endless aaaa',
      'after: other afters',
    ]);
    assert.equal(failed.length, 1);
    const [{ name, failure, offset }] = failed as [(typeof failed)[0]];
    assert.equal(name, 'hostile');
    assert.deepEqual(failure, { ruleId: 'endless', reason: 'it took longer than 0.2 s over this text and was ended' });
    // The beginning of the window: at most the rule's reach before the keyword.
    assert.ok(offset > 7000 && offset < 8100, String(offset));
  });
});
