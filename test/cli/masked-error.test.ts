// Errors quote names, and bugs quote what they stumbled over: neither may give a secret away.
import assert from 'node:assert/strict';
import { maskedError } from '../../src/cli/masked-error.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { githubToken } from '../support/planted.ts';

describe('maskedError', () => {
  const token = githubToken('in an error');

  it('masks the sentence and the hint, and keeps the rest', async () => {
    const masked = await maskedError(new UnbakeError('not-found', `no image named ${token}`, { hint: `it has ${token}:1` }), await loadRuleset());
    assert.ok(masked instanceof UnbakeError);
    assert.equal(masked.code, 'not-found');
    assert.match(masked.message, /^no image named ghp_/);
    assert.ok(!`${masked.message}${masked.hint}`.includes(token));
  });

  it('masks the message of an error that is a bug', async () => {
    const masked = await maskedError(new TypeError(`cannot read ${token}`), await loadRuleset());
    assert.ok(masked instanceof TypeError);
    assert.ok(masked.message.startsWith('cannot read ') && !masked.message.includes(token));
  });
});
