// Recovery phrases, against the vectors that Trezor published for BIP-39.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { bip39Words } from '../../../src/rule/check/bip39-words.ts';
import { random } from '../../support/key-stores.ts';
import { verdictOn } from './candidate.ts';

/** 11 bits for each word; behind the random ones, one bit of their SHA-256 for every 32. */
function phrase(entropy: Buffer): string {
  const sum = createHash('sha256').update(entropy).digest();
  const bits = BigInt(`0x${entropy.toString('hex')}${sum.toString('hex').slice(0, 2)}`) >> BigInt(8 - entropy.length / 4);
  const count = (entropy.length * 8 * 33) / 32 / 11;
  return Array.from({ length: count }, (_none, at) => bip39Words[Number((bits >> BigInt(11 * (count - 1 - at))) & 2047n)]).join(' ');
}

describe('recovery phrases', () => {
  it('are written in the words of BIP-39', () => {
    const digest = createHash('sha256')
      .update(`${bip39Words.join('\n')}\n`)
      .digest('hex');
    assert.equal(digest, '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda');
  });

  for (const length of [16, 20, 24, 28, 32]) {
    it(`of ${length} random bytes are proved`, () => {
      const words = phrase(random('wallet', length));
      const proved = `checksum valid, recovery phrase of ${words.split(' ').length} words`;
      assert.deepEqual(verdictOn('bip39', words), { keep: true, confidence: 'high', proved });
      assert.deepEqual(verdictOn('bip39', words.toUpperCase()), { keep: true, confidence: 'high', proved });
    });
  }

  it('agree with a published vector', () => {
    // Entropy 9e885d952ad362caeb4efe34a8e91bd2.
    const words = ['ozone drill grab fiber curtain grace', 'pudding thank cruise elder eight picnic'].join(' ');
    assert.equal(phrase(Buffer.from('9e885d952ad362caeb4efe34a8e91bd2', 'hex')), words);
    assert.equal(verdictOn('bip39', words).confidence, 'high');
  });

  it('rank lower with a wrong checksum, and are dropped when their words are none of the list', () => {
    const words = phrase(random('wallet', 32)).split(' ');
    const turned = [...words.slice(1), words[0]].join(' ');
    assert.deepEqual(verdictOn('bip39', turned), { keep: true, confidence: 'medium', proved: 'checksum not valid, recovery phrase of 24 words' });
    assert.equal(verdictOn('bip39', 'this sentence has just as many words but none of them means money').keep, false);
    assert.equal(verdictOn('bip39', words.slice(0, 13).join(' ')).keep, false);
  });

  it('of test chains are worth nothing', () => {
    for (const words of [`${'test '.repeat(11)}junk`, `${'abandon '.repeat(11)}about`]) assert.equal(verdictOn('bip39', words).severity, 'info');
  });
});
