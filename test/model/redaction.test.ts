// What was written over is known again, and nothing else is taken for it.
import assert from 'node:assert/strict';
import { isRedacted, redactionCharacter } from '../../src/model/redaction.ts';
import { githubToken, jwt, password, privateKey } from '../support/planted.ts';

describe('the mark of cleaning', () => {
  it('is known in a value that is all marks, and in a key between its lines', () => {
    for (const length of [3, 8, 40, 2000]) assert.ok(isRedacted(redactionCharacter.repeat(length)), String(length));
    const title = `${'PRIVATE'} KEY`;
    assert.ok(isRedacted(`-----BEGIN ${title}-----\n${`${'x'.repeat(64)}\n`.repeat(5)}-----END ${title}-----`));
    assert.ok(isRedacted(`-----BEGIN ${title}-----\\n${'x'.repeat(64)}\\n-----END ${title}-----`));
  });

  it('is known when it ends in the number that keeps names apart', () => {
    for (const number of ['2', '17', '123']) assert.ok(isRedacted(`${'x'.repeat(20)}${number}`));
  });

  it('is not seen in a secret, nor in what only holds a few of the marks', () => {
    for (const value of [githubToken('x'), jwt('x'), password('x'), privateKey('rsa'), '', 'xxx-Tr0ub4dor&3', 'axbxcxdxexfx'])
      assert.ok(!isRedacted(value), value.slice(0, 4));
  });
});
