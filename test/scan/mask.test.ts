import assert from 'node:assert/strict';
import { Secret } from '../../src/model/secret.ts';
import { masker } from '../../src/scan/mask.ts';
import { githubToken, privateKey } from '../support/planted.ts';

const secrets = (...values: string[]) => values.map((value) => new Secret(value));

describe('masker', () => {
  const token = githubToken('masked');

  it('hides a value wherever it stands, as its mask', () => {
    const mask = masker([], secrets(token));
    assert.equal(mask(`RUN x=${token} y=${token}`), `RUN x=${new Secret(token).mask} y=${new Secret(token).mask}`);
    assert.equal(mask('nothing here'), 'nothing here');
  });

  it('hides the longer of two values first', () => {
    const mask = masker([], secrets('password', 'password-and-more'));
    assert.equal(mask('= password-and-more'), '= ********');
  });

  it('hides short values only in the texts where they were found', () => {
    assert.equal(masker([], secrets('root'))('/root/x'), '/root/x');
    assert.equal(masker(secrets('hunter2'), [])('--password hunter2'), '--password ********');
    assert.equal(masker(secrets('ab'), [])('ab'), 'ab', 'two letters are no value');
  });

  it('hides each line of a value of several', () => {
    const key = privateKey('ed25519', 'masked');
    const [, body] = key.split('\n');
    assert.ok(!masker([], secrets(key))(`echo ${body} > key`).includes(body));
  });

  it('takes values for what they are, no patterns', () => {
    assert.equal(masker([], secrets('a.c$&(x)*'))('= a.c$&(x)* abc'), '= ******** abc');
  });
});
