// Files that only their name tells to be secrets: what their content must look like, and what is none whatever its name.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { formatOf, readFormat } from '../../../src/view/format/format.ts';
import { random } from '../../support/key-stores.ts';
import * as planted from '../../support/planted.ts';
import { linesOf, read, told } from './reading.ts';

const password = planted.password('secret file');
const hex = (digits: number) => random('hex', digits / 2).toString('hex');

/** The kind of the one find and its text; undefined when there is none. */
function found(path: string, content: string | Buffer): readonly [kind: string, text: string | undefined] | undefined {
  const file = Buffer.from(content);
  const kind = formatOf(file.subarray(0, 512), path);
  const finds = kind === undefined ? [] : readFormat(kind, file, path).finds;
  assert.ok(finds.length <= 1);
  for (const { start, end, text } of finds) if (text !== undefined) assert.equal(file.toString('utf8', start, end), text);
  return finds.length === 0 ? undefined : [finds[0].kind, finds[0].text];
}

function assertSilent(path: string, content: string | Buffer): void {
  assert.equal(found(path, content), undefined, `${path}: ${content.toString('latin1')}`);
}

describe('a file that its name tells to be a secret', () => {
  it('is told with the line that it holds', () => {
    const kinds: readonly (readonly [path: string, content: string, kind: string])[] = [
      ['srv/.vault_pass', `${password}\n`, 'ansible-vault-password'],
      ['root/ansible_vault_password', `${password}\r\n`, 'ansible-vault-password'],
      ['./etc/vault-password-prod.txt', password, 'ansible-vault-password'],
      ['var/jenkins_home/secrets/master.key', hex(256), 'jenkins-master-key'],
      ['var/jenkins_home/secrets/initialAdminPassword', `${hex(32)}\n`, 'jenkins-initial-password'],
      ['app/config/master.key', hex(32), 'rails-master-key'],
      ['app/config/credentials/production.key', hex(32), 'rails-master-key'],
      ['var/lib/rabbitmq/.erlang.cookie', 'ABCDEFGHIJKLMNOPQRST', 'erlang-cookie'],
      ['etc/wireguard/privatekey', `${random('wg', 32).toString('base64')}\n`, 'wireguard-key-file'],
      ['run/secrets/db', password, 'mounted-secret'],
      ['app/db_password.txt', `${password}\n\n`, 'password-file'],
      ['srv/bot/api_key.txt', planted.password('a longer one, with sixteen or more').padEnd(20, '7x'), 'token-file'],
    ];
    for (const [path, content, kind] of kinds) assert.deepEqual(found(path, content), [kind, content.trim()], path);
  });

  it('is told with the second line where the first is the name of a user', () => {
    assert.deepEqual(found('etc/openvpn/auth.txt', `bob\n${password}\n`), ['password-file', password]);
  });

  it('may be bytes, where keys are bytes', () => {
    for (const [path, kind] of [
      ['etc/munge/munge.key', 'cluster-key-file'],
      ['crypto_keyfile.bin', 'disk-key-file'],
      ['u01/domain/security/SerializedSystemIni.dat', 'weblogic-system-key'],
    ] as const) {
      assert.deepEqual(found(path, random('key', 1024)), [kind, undefined]);
      assertSilent(path, 'a line of text about the key that is to be put here\n');
    }
  });

  it('is none where a template, a script, a list or a document stands', () => {
    for (const content of [
      '',
      'abc',
      'changeme\n',
      'password',
      'xxxxxxxx',
      '${PASSWORD}',
      '{{ password }}',
      '<password>',
      '%PASSWORD%',
      '$PASSWORD',
      '#!/bin/sh\npass show x\n',
      '/etc/passwords/db',
      'postgres://db.example.net/app',
      '123456\nqwerty\nletmein\n',
      'Passwords have twelve characters or more.\n',
      '{"password": 1}',
      '-----BEGIN PRIVATE KEY-----',
      'a\0binary',
      `${password}${'x'.repeat(600)}`,
      Buffer.from([0xff, 0xfe, 0x80, 0x81, 0x82, 0x83]),
    ]) {
      for (const path of ['app/password.txt', 'srv/.vault_pass', 'run/secrets/db', 'root/.vault-token', 'config/master.key'])
        assertSilent(path, content);
    }
  });

  it('is none under names that are near', () => {
    for (const path of [
      'etc/passwd',
      'usr/bin/passwd',
      'etc/pam.d/passwd',
      'srv/run/secrets/db',
      'run/secrets/kubernetes.io/serviceaccount/namespace',
      'etc/wireguard/publickey',
      'usr/lib/password.js',
      'vault_pass.py',
      'src/token.c',
    ])
      assertSilent(path, `${password}\n`);
    // A token has letters and digits, and is no version.
    for (const content of ['tokenization_and_more', '2.14.1-alpha.20230101', '12345678901234567890']) assertSilent('app/token', content);
  });

  it('weighs little among documents and tests', () => {
    assert.deepEqual(told(readFormat('secret-file', Buffer.from(password), 'usr/share/doc/x/password.txt')), [
      'password-file low: named as a file of one password',
    ]);
    assert.deepEqual(told(readFormat('secret-file', Buffer.from(password), 'srv/x/password.txt')), [
      'password-file -: named as a file of one password',
    ]);
  });
});

describe('a file of accounts', () => {
  it('is told account by account, without comments, hashes and what is open to all', () => {
    const secrets = `# client server secret\nbob * "${password}" *\n#eve * x *\nguest * "*" -\nann pptpd k3v9x2m8q4 *\n`;
    const { finds } = read('account-file', Buffer.from(secrets), 'etc/ppp/chap-secrets');
    assert.deepEqual(
      finds.map(({ text, start, end }) => [text, secrets.slice(start, end)]),
      [password, 'k3v9x2m8q4'].map((each) => [each, each]),
    );
    const list = `"bob" "${password}"\n"ann" "md5${hex(32)}"\n"eve" "SCRAM-SHA-256$4096:a$b:c"\n`;
    assert.equal(read('account-file', Buffer.from(list), 'etc/pgbouncer/userlist.txt').finds.length, 1);
  });

  it('keeps the place of an account behind letters that take two bytes', () => {
    const file = Buffer.from(`müller:${password}ä\n`);
    const [{ text, start, end }] = read('account-file', file, 'etc/rsyncd.secrets').finds;
    assert.deepEqual([text, file.toString('utf8', start, end)], [`${password}ä`, `${password}ä`]);
  });
});

describe('the credentials of DBeaver', () => {
  it('are read under the key that every DBeaver has, and nothing under another', () => {
    const sealed = (key: string) => {
      const iv = random('iv', 16);
      const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'hex'), iv);
      return Buffer.concat([iv, cipher.update(`{"a":{"#connection":{"user":"bob","password":"${password}"}}}`), cipher.final()]);
    };
    const path = 'root/.local/share/DBeaverData/workspace6/General/.dbeaver/credentials-config.json';
    assert.match(linesOf(read('dbeaver', sealed('babb4a9f774ab853c96c2d653dfe544a'), path))[0], /"user":"bob"/);
    assert.deepEqual(read('dbeaver', sealed('00112233445566778899aabbccddeeff'), path).texts, []);
  });
});

describe('a key of git-crypt', () => {
  it('is told by its first bytes, and an encrypted file is none', () => {
    assert.equal(read('git-crypt-key', Buffer.concat([Buffer.from('\0GITCRYPTKEY'), random('key', 120)])).finds[0].kind, 'git-crypt-key');
    assert.equal(formatOf(Buffer.concat([Buffer.from('\0GITCRYPT\0'), random('file', 120)]), 'secrets.yml'), undefined);
  });
});
