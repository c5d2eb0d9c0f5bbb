// Which values are searched for everywhere: those that cannot stand in a text by chance.
import assert from 'node:assert/strict';
import { isTelling, plainRanges } from '../../../src/clean/values/removed-value.ts';
import { awsKeyId, awsSecretKey, githubToken, jwt, npmToken, password, privateKey, slackToken, stripeKey } from '../../support/planted.ts';
import { removed } from '../removed.ts';

describe('a telling value', () => {
  it('is every key and token, and a password that was made by chance', () => {
    for (const make of [awsKeyId, awsSecretKey, githubToken, jwt, npmToken, password, slackToken, stripeKey])
      for (const seed of ['1', '2', '3', '4', '5']) assert.ok(isTelling(make(seed)), make.name);
    assert.ok(isTelling(privateKey('ed25519', 'x')));
    for (const value of ['kX9#mP2$vL', '9f86d081884c']) assert.ok(isTelling(value), value);
  });

  it('is no word, no word with a number, nothing short and nothing that repeats itself', () => {
    for (const value of [
      '',
      'admin',
      'admin1',
      'password',
      'changeme',
      'changeme123!',
      'Passwort1',
      'hunter2',
      'my_password',
      'aaaaaaaaaaaaaaaaaaaa',
      'ababababababababab',
      '00000000',
      '12341234',
    ])
      assert.ok(!isTelling(value), value);
  });

  it('is found as it is wherever it stands, however short', () => {
    const at = (value: string, text: string) => plainRanges(removed(value), Buffer.from(text)).map(({ start }) => start);
    assert.deepEqual(at('ab', 'ab-ab ba abab'), [0, 3, 9, 11]);
    assert.deepEqual(at('äb', 'x äb'), [2]);
    assert.deepEqual(at('no', 'yes'), []);
  });
});
