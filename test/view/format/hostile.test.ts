// Files that lie: cut off at every length, with any byte changed, with circles, and with counts that would never end. Whatever comes of
// them, nothing is thrown.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type FormatKind, formatOf, readFormat } from '../../../src/view/format/format.ts';
import * as stores from '../../support/key-stores.ts';

const files: readonly (readonly [FormatKind, Buffer])[] = [
  ['jks', stores.jks({ keys: ['web'], certificates: ['ca'], password: 'changeit' })],
  ['bks', stores.bks('key', 'changeit')],
  ['bks', stores.uber()],
  ['keepass', stores.kdbx(3)],
  ['keepass', stores.kdbx(4)],
  ['keepass', stores.kdb()],
  ['password-safe', stores.psafe3()],
  ['gnupg-key', stores.gnupgKey('private-key')],
  ['gnupg-keyring', stores.secretRing('plain', 'encrypted')],
  ['keytab', stores.keytab('host/web@EXAMPLE.COM', '')],
  ['credential-cache', stores.credentialCache('ann@EXAMPLE.COM', 'krbtgt/EXAMPLE.COM@EXAMPLE.COM')],
  ['mylogin-cnf', stores.mylogin('[client]\npassword = x\n')],
  ['der-key', stores.curveKey()],
  ['capi-key', stores.capiKey()],
  ['pvk', stores.pvk(true)],
  ['nss-key3', stores.nssKey3(true)],
  ['desktop-keyring', stores.gnomeKeyring()],
];

const kinds: readonly FormatKind[] = [...new Set(files.map(([kind]) => kind)), 'pkcs12', 'sqlite', 'java-class', 'python-bytecode', 'firefox-logins'];

describe('a hostile file of a known format', () => {
  for (const [kind, file] of files) {
    it(`${kind}: cut off at every length`, () => {
      for (let length = 0; length < file.length; length++) {
        formatOf(file.subarray(0, Math.min(length, 512)), 'x');
        const { finds } = readFormat(kind, file.subarray(0, length));
        for (const { start, end } of finds) assert.ok(start >= 0 && start < end && end <= length);
      }
    });

    it(`${kind}: any byte changed`, () => {
      for (let at = 0; at < file.length; at++) {
        // Each reading of this one derives keys.
        for (const value of kind === 'bks' ? [0xff] : [0x00, 0x7f, 0xff]) readFormat(kind, Buffer.from(file).fill(value, at, at + 1));
      }
    });
  }

  it('any bytes at all, taken for any format', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 300 }), (kind, bytes) => {
        formatOf(bytes, 'x');
        readFormat(kind, Buffer.from(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('DER that stands in itself without end', () => {
    const head = Buffer.from('3080020103308006092a864886f70d010701a080', 'hex');
    for (const tail of ['3080', '2480', 'a080']) {
      const file = Buffer.concat([head, Buffer.from(tail.repeat(50_000), 'hex')]);
      assert.equal(formatOf(file.subarray(0, 512), 'x.p12'), 'pkcs12');
      assert.equal(readFormat('pkcs12', file).skipped?.reason, 'damaged');
    }
  });

  it('a store larger than any is not read, and says so', () => {
    assert.equal(readFormat('pkcs12', Buffer.alloc(5 * 2 ** 20, 0x30)).skipped?.reason, 'limit');
  });

  it('counts of billions in a few bytes', () => {
    const many = 'ffffffff';
    assert.equal(readFormat('jks', Buffer.from(`feedfeed00000002${many}`, 'hex')).skipped?.reason, 'damaged');
    assert.deepEqual(readFormat('credential-cache', Buffer.from(`0504000000000001${many}${many}`, 'hex')).finds, []);
    assert.deepEqual(readFormat('keytab', Buffer.from(`050280000000${many}`, 'hex')).finds, []);
  });

  it('more keys than are told', () => {
    const key = stores.secretRing('plain');
    const content = readFormat('gnupg-keyring', Buffer.concat(Array.from({ length: 1100 }, () => key)));
    assert.equal(content.finds.length, 1000);
    assert.equal(content.skipped?.limit, 'finds');
  });
});
