// Key stores other than PKCS #12: of Java, Bouncy Castle, password managers, GnuPG, Kerberos, NSS, .NET and desktops.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatOf } from '../../../src/view/format/format.ts';
import * as stores from '../../support/key-stores.ts';
import { scratch } from '../../support/scratch.ts';
import { isInstalled, tool } from '../../support/tool.ts';
import { linesOf, read, told } from './reading.ts';

describe('a key store of Java', () => {
  const files = scratch();

  it('tells its keys by name, and no certificates', () => {
    const file = stores.jks({ keys: ['web', 'mail'], certificates: ['ca'], password: 'changeit' });
    const content = read('jks', file);
    assert.deepEqual(told(content), [
      'jks-key critical: private key "web" (EC); opened by the default password "changeit"',
      'jks-key critical: private key "mail" (EC); opened by the default password "changeit"',
    ]);
    assert.equal(content.finds[0].start, 12);
    assert.equal(content.finds[0].end, content.finds[1].start);
    assert.deepEqual(read('jks', stores.jks({ certificates: ['ca', 'ca2'], password: 'changeit' })).finds, []);
  });

  it('says when the store opens and its key does not, and when neither does', () => {
    const own = stores.jks({ keys: ['web'], password: 'changeit', keyPassword: 'k3v9x2m8q4' });
    assert.deepEqual(told(read('jks', own)), [
      'jks-key medium: private key "web"; the store is opened by the default password "changeit"; the key has another password',
    ]);
    const closed = stores.jks({ keys: ['web'], password: 'k3v9x2m8q4' });
    assert.deepEqual(told(read('jks', closed)), ['jks-key medium: private key "web"; encrypted, not opened by a default password']);
  });

  it('is read as keytool writes it, JKS and JCEKS', function () {
    if (!isInstalled('keytool')) this.skip();
    const folder = files.newFolder();
    for (const type of ['JKS', 'JCEKS']) {
      const common = ['-storetype', type, '-keystore', type, '-storepass', 'changeit', '-keypass', 'changeit', '-alias', 'web'];
      tool('keytool', ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=x', ...common], { cwd: folder });
    }
    const common = ['-storetype', 'JCEKS', '-keystore', 'secret', '-storepass', 'changeit', '-keypass', 'changeit', '-alias', 'aes'];
    tool('keytool', ['-genseckey', '-keyalg', 'AES', '-keysize', '128', ...common], { cwd: folder });
    assert.deepEqual(
      ['JKS', 'JCEKS', 'secret'].flatMap((name) => told(read('jks', readFileSync(join(folder, name))))),
      [
        'jks-key critical: private key "web" (EC); opened by the default password "changeit"',
        'jks-key critical: private key "web"; the store is opened by the default password "changeit"',
        'jks-key critical: secret key "aes"; the store is opened by the default password "changeit"',
      ],
    );
  });

  it('of Bouncy Castle tells its keys, and says when it is encrypted as a whole', () => {
    assert.deepEqual(told(read('bks', stores.bks('key', 'changeit'))), [
      'bks-key critical: key "mine"; the store is opened by the default password "changeit"',
    ]);
    assert.deepEqual(told(read('bks', stores.bks('key', 'k3v9x2m8q4'))), [
      'bks-key medium: key "mine"; encrypted, the store is not opened by a default password',
    ]);
    assert.deepEqual(read('bks', stores.bks('certificate', 'changeit')).finds, []);
    assert.deepEqual(told(read('bks', stores.uber())), ['bks-key medium: UBER store, encrypted as a whole; its content cannot be told']);
  });
});

describe('a database of passwords', () => {
  it('tells what its header says', () => {
    assert.deepEqual(
      [stores.kdbx(3), stores.kdbx(4), stores.kdb()].flatMap((file) => told(read('keepass', file))),
      [
        'keepass-database -: KeePass 2 database, KDBX 3; AES-KDF, 60000 rounds; encrypted',
        'keepass-database -: KeePass 2 database, KDBX 4; Argon2d; encrypted',
        'keepass-database -: KeePass 1 database, 2 groups, 7 entries; 6000 rounds; encrypted',
      ],
    );
    assert.deepEqual(told(read('password-safe', stores.psafe3())), ['password-safe-database -: encrypted, 262144 iterations']);
  });

  it('of a desktop is told by its first bytes', () => {
    assert.deepEqual(told(read('desktop-keyring', stores.gnomeKeyring())), [
      'desktop-keyring -: GNOME keyring; encrypted with a password of its owner',
    ]);
    assert.deepEqual(told(read('desktop-keyring', stores.kwallet())), ['desktop-keyring -: KWallet; encrypted with a password of its owner']);
  });
});

describe('a key of GnuPG', () => {
  const files = scratch();

  it('in its own file, canonical or behind lines of names', () => {
    assert.deepEqual(told(read('gnupg-key', stores.gnupgKey('private-key'))), ['gnupg-secret-key critical: secret key (EC); not encrypted']);
    assert.deepEqual(told(read('gnupg-key', stores.gnupgKey('protected-private-key'))), ['gnupg-secret-key medium: secret key (EC); encrypted']);
    const text = (form: string) => Buffer.from(`Created: 20240101T000000\nKey: (${form} (rsa (n #00${'AB'.repeat(32)}#)\n  (e #010001#)))\n`);
    assert.deepEqual(told(read('gnupg-key', text('private-key'))), ['gnupg-secret-key critical: secret key (RSA); not encrypted']);
    assert.deepEqual(told(read('gnupg-key', text('protected-private-key'))), ['gnupg-secret-key medium: secret key (RSA); encrypted']);
    for (const file of [stores.gnupgKey('shadowed-private-key'), text('shadowed-private-key'), text('public-key')]) {
      assert.equal(formatOf(file, 'a.key'), undefined);
    }
  });

  it('in a ring, with its subkeys; public rings and keys on smart cards are none', () => {
    const plain = stores.secretRing('plain');
    const content = read('gnupg-keyring', Buffer.concat([plain, stores.secretRing('encrypted')]));
    const who = 'secret key of "Ann Example <ann@example.org>" (EdDSA); 1 secret subkey';
    assert.deepEqual(told(content), [`gnupg-secret-key critical: ${who}; not encrypted`, `gnupg-secret-key medium: ${who}; encrypted`]);
    assert.deepEqual(
      content.finds.map(({ start, end }) => [start, end]),
      [
        [0, plain.length],
        [plain.length, plain.length + stores.secretRing('encrypted').length],
      ],
    );
    assert.deepEqual(read('gnupg-keyring', stores.secretRing('absent')).finds, []);
    assert.equal(formatOf(stores.secretRing('public'), 'pubring.gpg'), undefined);
  });

  it('without its first key still has subkeys that sign', () => {
    assert.match(
      told(read('gnupg-keyring', stores.secretRing('absent', 'plain')))[0],
      /^gnupg-secret-key critical: .*1 secret subkey; not encrypted$/,
    );
  });

  it('is read as gpg writes it', function () {
    if (!isInstalled('gpg')) this.skip();
    const home = files.newFolder();
    chmodSync(home, 0o700);
    const env = { GNUPGHOME: home };
    try {
      tool('gpg', ['--batch', '--quiet', '--passphrase', '', '--quick-gen-key', 'A B <a@b.example>', 'ed25519'], { env });
      tool('gpg', ['--batch', '--output', join(home, 'secret.gpg'), '--export-secret-keys'], { env });
      tool('gpg', ['--batch', '--output', join(home, 'public.gpg'), '--export'], { env });
    } finally {
      tool('gpgconf', ['--kill', 'all'], { env });
    }
    const keys = join(home, 'private-keys-v1.d');
    for (const name of readdirSync(keys)) {
      assert.deepEqual(told(read('gnupg-key', readFileSync(join(keys, name)))), ['gnupg-secret-key critical: secret key (EC); not encrypted']);
    }
    const expected = 'gnupg-secret-key critical: secret key of "A B <a@b.example>" (EdDSA); not encrypted';
    assert.deepEqual(told(read('gnupg-keyring', readFileSync(join(home, 'secret.gpg')))), [expected]);
    for (const name of ['public.gpg', 'pubring.kbx']) assert.equal(formatOf(readFileSync(join(home, name)).subarray(0, 512), name), undefined);
  });
});

describe('files of Kerberos', () => {
  it('a keytab tells its principals, and passes over what was removed', () => {
    const file = stores.keytab('host/web@EXAMPLE.COM', '', 'nfs/web@EXAMPLE.COM');
    const content = read('keytab', file);
    assert.deepEqual(told(content), [
      'kerberos-keytab -: principal "host/web@EXAMPLE.COM"; aes256-cts-hmac-sha1-96',
      'kerberos-keytab -: principal "nfs/web@EXAMPLE.COM"; aes256-cts-hmac-sha1-96',
    ]);
    assert.equal(content.finds[1].end, file.length);
  });

  it('a credential cache tells whose tickets it has', () => {
    const file = stores.credentialCache('ann@EXAMPLE.COM', 'krbtgt/EXAMPLE.COM@EXAMPLE.COM', 'krb5_ccache_conf_data/pa_type@X-CACHECONF:');
    assert.deepEqual(told(read('credential-cache', file)), [
      'kerberos-ccache -: principal "ann@EXAMPLE.COM"; ticket for "krbtgt/EXAMPLE.COM@EXAMPLE.COM", valid until 2023-11-14T22:13Z',
    ]);
    assert.deepEqual(read('credential-cache', stores.credentialCache('ann@EXAMPLE.COM')).finds, []);
  });
});

describe('.mylogin.cnf', () => {
  it('is shown as the option file that it is, by its name or by its shape', () => {
    const text = '[client]\nuser = "root"\npassword = "k3v9x2m8q4"\nhost = "db"\n';
    for (const name of ['root/.mylogin.cnf', 'root/renamed']) {
      const content = read('mylogin-cnf', stores.mylogin(text), name);
      assert.deepEqual(linesOf(content), text.trimEnd().split('\n'));
      assert.equal(content.texts[0].step, 'decrypted');
    }
  });

  it('is not made of zeros, nor of what is no option file', () => {
    assert.equal(formatOf(Buffer.alloc(512), '.mylogin.cnf'), undefined);
    assert.deepEqual(read('mylogin-cnf', stores.mylogin('nothing\nof\nthat\n'), '.mylogin.cnf').texts, []);
  });
});

describe('keys in one block', () => {
  it('of DER, plain and encrypted', function () {
    assert.deepEqual(told(read('der-key', stores.curveKey())), ['der-private-key critical: private key (EC); not encrypted']);
    const pbes2 = stores.der(0x30, stores.der(0x06, Buffer.from('2a864886f70d01050d', 'hex')), stores.der(0x30));
    const encrypted = stores.der(0x30, pbes2, stores.der(0x04, stores.random('hidden', 64)));
    assert.deepEqual(told(read('der-key', encrypted)), ['der-private-key medium: private key, encrypted']);
    assert.deepEqual(read('der-key', stores.der(0x30, stores.der(0x02, Buffer.from([0])), stores.der(0x02, stores.random('n', 64)))).finds, []);
  });

  it('of CryptoAPI, and in a PVK file', () => {
    assert.deepEqual(told(read('capi-key', stores.capiKey())), ['capi-private-key -: private key (RSA, 512 bits); not encrypted']);
    assert.deepEqual(told(read('pvk', stores.pvk(false))), ['capi-private-key critical: private key (PVK); not encrypted']);
    assert.deepEqual(told(read('pvk', stores.pvk(true))), ['capi-private-key medium: private key (PVK); encrypted']);
  });

  it('of NSS in Berkeley DB', () => {
    assert.deepEqual(told(read('nss-key3', stores.nssKey3(true))), [
      'nss-private-key -: key3.db, 1 private key; encrypted, perhaps with an empty password',
    ]);
    assert.deepEqual(read('nss-key3', stores.nssKey3(false)).finds, []);
  });

  it('of Firefox: logins that are saved', () => {
    const logins = { nextId: 2, logins: [{ hostname: 'https://x.example', encryptedUsername: 'MDo=', encryptedPassword: 'MDI=' }] };
    assert.deepEqual(told(read('firefox-logins', Buffer.from(JSON.stringify(logins)))), [
      'firefox-logins -: 1 saved login; encrypted with the key in key4.db, which a primary password may protect',
    ]);
    assert.deepEqual(read('firefox-logins', Buffer.from('{"nextId":1,"logins":[]}')).finds, []);
  });
});

describe('what begins like a known format', () => {
  it('and is none: other binaries, texts and archives', () => {
    const others: Readonly<Record<string, Buffer>> = {
      'a certificate': Buffer.from('308201f33082015ca003020102020101300d06092a864886f70d01010b0500', 'hex'),
      'a fat binary': Buffer.from('cafebabe00000002010000070000000300004000', 'hex'),
      digits: Buffer.from('0123456789 and so on, which is a text of digits'),
      'a text with a colon': Buffer.from('Note: this is a text about (private-key) files\n'),
      'an icon': Buffer.from('00000100010010100000010020006804000016000000', 'hex'),
      nothing: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(others)) assert.equal(formatOf(bytes, 'x'), undefined, name);
  });
});
