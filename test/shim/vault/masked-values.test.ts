import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskedBody, maskedText } from '../../../src/shim/vault/masked-values.ts';
import { password, privateKey } from '../../support/planted.ts';

const value = password('masked');

describe('what of a vault is masked in logs', () => {
  it('of a variable: the whole value, and each of its lines', () => {
    assert.deepEqual(maskedText(value), [value, value]);
    const key = privateKey('ed25519', 'masked');
    for (const line of key.trim().split('\n')) assert.ok(maskedText(key).includes(line));
    assert.deepEqual([maskedText('short'), maskedText('')], [[], []]);
  });

  it('of a file: the value behind = or :, without its quotes', () => {
    const lines = [
      `PASSWORD=${value}`,
      `export PASSWORD="${value}"`,
      `password: ${value}`,
      `password: '${value}'`,
      `  "password": "${value}",`,
      `{"user":"x","password":"${value}"}`,
      `{'password': '${value}'}`,
      `password = ${value} ; a comment`,
      `//registry.example.org/:_authToken=${value}`,
      `a=1, b=${value}, c=2`,
      `PASSWORD=${value}\r`,
      value,
    ];
    for (const line of lines) assert.ok(maskedBody(Buffer.from(`first\n${line}\nlast`)).includes(value), line);
    for (const line of lines) assert.ok(maskedBody(Buffer.from(line)).includes(line.trim()), line);
  });

  it('of a URL: what stands behind the name, whole', () => {
    const url = `postgres://app:${value}@db.example/app`;
    const masked = maskedBody(Buffer.from(`DATABASE_URL=${url}\n`));
    assert.ok(masked.includes(url));
    assert.ok(!masked.some((each) => each.startsWith('//')), 'a host alone is no secret');
  });

  it('of what is no text, and of what is short: nothing', () => {
    assert.deepEqual(maskedBody(Buffer.from(`A=${value}\0`)), []);
    assert.deepEqual(maskedBody(Buffer.from([0xff, 0xfe, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48])), []);
    assert.deepEqual(maskedBody(Buffer.from('A=1\nB=2\n')), []);
    assert.deepEqual(maskedBody(Buffer.alloc(5 * 2 ** 20, 'a=12345678\n')), []);
  });

  it('is a part of the text, eight bytes or more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const part of maskedBody(Buffer.from(text))) assert.ok(text.includes(part) && Buffer.byteLength(part) >= 8);
      }),
    );
  });

  it('is found soon in lines that are made to take long', () => {
    for (const line of ['='.repeat(2 ** 20), 'a=" '.repeat(2 ** 18), `${'a '.repeat(8000)}:`, `a${' '.repeat(16_000)}=`, 'a=b:'.repeat(4000)])
      assert.ok(maskedBody(Buffer.from(line)).length < 100);
  });
});
