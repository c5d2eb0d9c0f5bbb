import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { digestOf, hashFor, hexOf, isDigest, parseDigest, shortDigest } from '../../src/model/digest.ts';
import { UnbakeError } from '../../src/model/error.ts';

const bytes = Buffer.from('some bytes');
const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
const sha512 = `sha512:${createHash('sha512').update(bytes).digest('hex')}` as const;

describe('Digest', () => {
  it('is an algorithm and as many hexadecimal digits as it gives', () => {
    assert.ok(isDigest(sha256) && isDigest(sha512));
    for (const wrong of [
      '',
      'sha256:',
      sha256.slice(0, -1),
      `${sha256}0`,
      sha256.toUpperCase(),
      `SHA256:${hexOf(sha256)}`,
      sha256.replace('256', '512'),
      `md5:${'0'.repeat(32)}`,
      ` ${sha256}`,
      `${sha256}\n`,
      `sha256:../../${'0'.repeat(58)}`,
      undefined,
      7,
      [sha256],
    ]) {
      assert.ok(!isDigest(wrong), String(wrong));
      assert.throws(
        () => parseDigest(wrong, 'manifest.layers[2].digest'),
        (thrown) =>
          thrown instanceof UnbakeError && thrown.code === 'damaged' && thrown.message.startsWith('manifest.layers[2].digest is not a digest'),
      );
    }
  });

  it('is computed, taken apart and shortened', () => {
    assert.equal(digestOf(bytes), sha256);
    assert.equal(parseDigest(sha512, ''), sha512);
    assert.equal(hashFor(sha512).update(bytes).digest('hex'), hexOf(sha512));
    assert.equal(shortDigest(sha256), sha256.slice(7, 19));
  });

  it('that is wrong cannot fill the error', () => {
    assert.throws(
      () => parseDigest('x'.repeat(1e6), 'a'),
      (thrown) => (thrown as Error).message.length < 300,
    );
  });
});
