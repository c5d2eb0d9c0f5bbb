import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { Secret } from '../../src/model/secret.ts';
import { githubToken, privateKey } from '../support/planted.ts';

/** Every way in which a program turns a value to text without meaning to. */
function spoken(secret: Secret): Record<string, string> {
  return {
    String: String(secret),
    template: `${secret}`,
    concatenation: '' + secret, // oxlint-disable-line prefer-template
    JSON: JSON.stringify({ secret, list: [secret] }),
    inspect: inspect({ secret }, { depth: 9, showHidden: true }),
    format: format('%s %o %j %O', secret, secret, secret, secret),
    keys: Object.entries(secret).join(),
    clone: inspect(structuredClone({ ...secret }), { showHidden: true }),
    error: inspect(new Error('x', { cause: secret })),
    descriptors: inspect(Object.getOwnPropertyDescriptors(secret)),
  };
}

describe('Secret', () => {
  it('gives its value to reveal() and to nothing else', () => {
    for (const value of [githubToken('a'), 'short-value', 'x'.repeat(1000), privateKey('ed25519', 'a')]) {
      const secret = new Secret(value);
      assert.equal(secret.reveal(), value);
      for (const [how, text] of Object.entries(spoken(secret))) assert.ok(!text.includes(value), how);
    }
  });

  it('shows at most a fifth of it, from the ends, and nothing of a short one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (value) => {
        const { mask } = new Secret(value);
        const [head, tail, ...rest] = mask.split('********');
        assert.deepEqual(rest, []);
        assert.ok(head.length + tail.length <= value.length / 5, mask);
        assert.ok(head.length <= 4 && tail.length <= 3);
        if (value.length < 20) assert.equal(mask, '********');
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'), minLength: 20, maxLength: 60 }), (value) => {
        const [head, tail] = new Secret(value).mask.split('********');
        assert.ok(value.startsWith(head) && value.endsWith(tail));
        assert.ok(head !== '' && tail !== '');
      }),
    );
  });

  it('does not give away the length', () => {
    assert.equal(new Secret('a').mask, new Secret('a'.repeat(19)).mask);
  });

  it('has masks of one printable line', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => assert.match(new Secret(value).mask, /^[\x21-\x7e]*$/)));
  });

  it('without its value is grouped, fingerprinted and shown like the secret that it was made of, and reveals nothing', () => {
    for (const value of [githubToken('kept'), 'short', privateKey('ed25519', 'kept')]) {
      const secret = new Secret(value);
      const kept = new Secret({ mask: secret.mask, identity: secret.identity, keyedHash: secret.keyedHash('key') });
      assert.deepEqual([kept.mask, kept.identity, kept.keyedHash('key')], [secret.mask, secret.identity, secret.keyedHash('key')]);
      assert.throws(() => kept.reveal(), RangeError);
      for (const [how, text] of Object.entries(spoken(kept))) assert.ok(!text.includes(kept.identity) && !text.includes(value), how);
    }
    assert.notEqual(new Secret('a').identity, new Secret('b').identity);
  });
});
