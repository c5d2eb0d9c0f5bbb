// PKCS #12 stores as OpenSSL and keytool write them, with and without keys, under passwords that are well known and such that are not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOneSequence } from '../../../src/view/format/der.ts';
import { readFormat } from '../../../src/view/format/format.ts';
import { passwordBytes, pkcs12Key } from '../../../src/view/format/pkcs12-kdf.ts';
import { scratch } from '../../support/scratch.ts';
import { isInstalled, needs, tool } from '../../support/tool.ts';
import { read, told } from './reading.ts';

describe('a PKCS #12 store', () => {
  const files = scratch();
  let folder: string;

  before(function () {
    needs(this, 'openssl');
  });

  beforeEach(() => {
    folder = files.newFolder();
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    tool('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=x'], { cwd: folder });
  });

  const store = (password: string, ...args: readonly string[]) => {
    const contents = args.includes('-nokeys') ? [] : ['-inkey', 'key.pem'];
    tool('openssl', ['pkcs12', '-export', ...contents, '-in', 'cert.pem', '-passout', `pass:${password}`, '-out', 'store.p12', ...args], {
      cwd: folder,
    });
    return readFileSync(join(folder, 'store.p12'));
  };

  it('that a default password opens: says which, and what kind of key there is', () => {
    const file = store('changeit', '-name', 'tomcat');
    const content = read('pkcs12', file);
    assert.deepEqual(told(content), ['pkcs12-key critical: private key "tomcat" (EC); opened by the default password "changeit"']);
    // The span is that of the bag, inside a part that is not encrypted.
    const [{ start, end }] = content.finds;
    assert.ok(start > 0 && end < file.length && isOneSequence(file.subarray(start, end)));
  });

  it('in each of the older encryptions', () => {
    for (const cipher of ['PBE-SHA1-3DES', 'PBE-SHA1-2DES', 'PBE-SHA1-RC2-40', 'PBE-SHA1-RC2-128', 'aes-128-cbc', 'aes-192-cbc']) {
      const file = store('notasecret', '-legacy', '-keypbe', cipher, '-certpbe', cipher, '-macalg', 'sha1');
      assert.deepEqual(told(read('pkcs12', file)), ['pkcs12-key critical: private key (EC); opened by the default password "notasecret"'], cipher);
    }
  });

  it('with an empty password, and with a MAC of SHA-512', () => {
    assert.deepEqual(told(read('pkcs12', store('', '-macalg', 'sha512'))), ['pkcs12-key critical: private key (EC); opened without a password']);
  });

  it('without a MAC', () => {
    assert.deepEqual(told(read('pkcs12', store('secret', '-nomac'))), [
      'pkcs12-key critical: private key (EC); opened by the default password "secret"',
    ]);
  });

  it('whose key is not encrypted at all', () => {
    const file = store('k3v9x2m8q4', '-keypbe', 'NONE', '-certpbe', 'NONE');
    assert.deepEqual(told(read('pkcs12', file)), ['pkcs12-key critical: private key (EC); not encrypted']);
  });

  it('that no default password opens', () => {
    const expected = 'pkcs12-key medium: private key "web"; encrypted, 2048 iterations, not opened by a default password';
    assert.deepEqual(told(read('pkcs12', store('k3v9x2m8q4', '-name', 'web'))), [expected]);
  });

  it('with certificates only is a trust store, and no find, in new and old encryption', () => {
    for (const args of [[], ['-legacy'], ['-certpbe', 'NONE']]) assert.deepEqual(read('pkcs12', store('changeit', '-nokeys', ...args)).finds, []);
  });

  it('with certificates only, under another password, cannot be told from one with keys', () => {
    const content = read('pkcs12', store('k3v9x2m8q4', '-nokeys'));
    const expected = 'pkcs12-key medium: encrypted, 2048 iterations, not opened by a default password; its content cannot be told';
    assert.deepEqual(told(content), [expected]);
    assert.equal(content.finds[0].confidence, 'low');
  });

  it('with millions of iterations is not tried, and says so', () => {
    const content = read('pkcs12', store('changeit', '-iter', '2000000'));
    assert.deepEqual(told(content), [
      'pkcs12-key medium: private key; encrypted with so many iterations (2000000) that no password was tried, or not all',
    ]);
  });

  it('made by keytool, with a secret key as well', function () {
    if (!isInstalled('keytool')) this.skip();
    const common = ['-storetype', 'PKCS12', '-keystore', 'k.p12', '-storepass', 'changeit'];
    tool('keytool', ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-alias', 'web', '-dname', 'CN=x', ...common], { cwd: folder });
    tool('keytool', ['-genseckey', '-keyalg', 'AES', '-keysize', '128', '-alias', 'aes', ...common], { cwd: folder });
    tool('keytool', ['-importcert', '-noprompt', '-alias', 'ca', '-file', 'cert.pem', ...common], { cwd: folder });
    assert.deepEqual(told(read('pkcs12', readFileSync(join(folder, 'k.p12')))).toSorted(), [
      'pkcs12-key critical: private key "web" (EC); opened by the default password "changeit"',
      'pkcs12-key critical: secret "aes"; opened by the default password "changeit"',
    ]);
  });

  it('cut off anywhere, or with any byte changed, is told calmly', () => {
    const file = store('changeit', '-name', 'tomcat', '-iter', '1');
    for (let length = 40; length < file.length; length += 7) {
      const { finds, skipped } = readFormat('pkcs12', file.subarray(0, length));
      assert.ok(finds.length === 0 || skipped !== undefined);
    }
    for (let at = 0; at < file.length; at += 3) readFormat('pkcs12', Buffer.from(file).fill(file[at] ^ 0xff, at, at + 1));
  });
});

describe('the derivation of PKCS #12', () => {
  it('gives as many bytes as are asked for, and none for a hash that is not known', () => {
    const derivation = { algorithm: 'sha1', salt: Buffer.from('0a58cf64530d823f', 'hex'), iterations: 1 };
    // The vector that Bouncy Castle and OpenSSL test with: "smeg", one iteration, a key of 24 bytes.
    const key = pkcs12Key(derivation, passwordBytes('smeg'), 'key', 24);
    assert.equal(key?.toString('hex'), '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3');
    assert.equal(pkcs12Key({ ...derivation, algorithm: 'md2' }, passwordBytes('smeg'), 'key', 24), undefined);
  });
});
