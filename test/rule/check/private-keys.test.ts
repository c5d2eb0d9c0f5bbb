// Private keys in their armours: what is proved of them, and the fingerprint of their public half, against node's own reading of the key,
// the formulas of the formats, and the programs that write them.
import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCrc24 } from '../../../src/rule/check/crc24.ts';
import { publicHalfOf } from '../../../src/rule/check/spki.ts';
import { der, random, u32 } from '../../support/key-stores.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { verdictOn } from './candidate.ts';

const spkiOf = (key: KeyObject) =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest();
const printed = (sum: Buffer) => `SHA256:${sum.toString('base64').replace(/=+$/, '')}`;
const sized = (...parts: readonly (string | Buffer)[]) =>
  Buffer.concat(parts.flatMap((part) => [u32(Buffer.byteLength(part as Buffer)), Buffer.from(part as Buffer)]));
const armoured = (label: string, body: Buffer) =>
  `-----BEGIN ${label}-----\n${body
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END ${label}-----\n`;

describe('PEM keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const forms: readonly (readonly [string, KeyObject, 'pkcs1' | 'pkcs8' | 'sec1'])[] = [
    ['RSA 1024', rsa, 'pkcs8'],
    ['RSA 1024', rsa, 'pkcs1'],
    ['EC P-256', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey, 'sec1'],
    ['EC P-384', generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey, 'pkcs8'],
    ['EC secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, 'pkcs8'],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey, 'pkcs8'],
    ['X25519', generateKeyPairSync('x25519').privateKey, 'pkcs8'],
  ];
  for (const [kind, key, type] of forms) {
    it(`${kind} in ${type}: kind, size and the fingerprint of the public half`, () => {
      const pem = key.export({ type: type as 'pkcs8', format: 'pem' }).toString();
      const expected = `unencrypted ${kind} key, public key SPKI ${printed(spkiOf(key))}`;
      const verdict = verdictOn('pem', pem);
      assert.equal(verdict.proved, expected);
      assert.equal(verdict.publicKey, spkiOf(key).toString('hex'));
      assert.equal(verdictOn('base64-pem', Buffer.from(pem).toString('base64')).proved, `base64 of ${expected}`);
    });
  }

  it('an encrypted one keeps its public half to itself', () => {
    const locked = verdictOn('pem', rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString());
    assert.deepEqual(locked, { keep: true, severity: 'medium', confidence: 'high', proved: 'encrypted PKCS#8 key' });
  });

  it('leave alone what would have to be computed from numbers of a stranger, and what is no key', () => {
    const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey;
    assert.equal(publicHalfOf(dsa.export({ type: 'pkcs8', format: 'der' })), undefined);
    // A PKCS #8 of Diffie-Hellman with a modulus of 60,000 bits.
    const number = Buffer.concat([Buffer.from([0x02, 0x82, 7501 >> 8, 7501 & 0xff, 0]), random('p', 7500)]);
    const parameters = der(0x30, der(0x06, Buffer.from('2a864886f70d010301', 'hex')), der(0x30, number, der(0x02, Buffer.from([2]))));
    assert.equal(publicHalfOf(der(0x30, der(0x02, Buffer.from([0])), parameters, der(0x04, number))), undefined);
    assert.equal(publicHalfOf(Buffer.alloc(0)), undefined);
    assert.equal(publicHalfOf(random('no key', 600)), undefined);
  });
});

/** The parts of an openssh-key-v1 that stand in the clear, and as many random bytes as a private part has. */
function openSsh(blob: Buffer, cipher = 'none'): string {
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sized(cipher, cipher === 'none' ? 'none' : 'bcrypt', ''),
    u32(1),
    sized(blob, random('private', 160)),
  ]);
  return armoured('OPENSSH PRIVATE KEY', body);
}

const number = (value: string) => Buffer.concat([Buffer.from([0]), Buffer.from(value, 'base64url')]);
const rsaJwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
const rsaBlob = sized('ssh-rsa', Buffer.from(rsaJwk.e!, 'base64url'), number(rsaJwk.n!));
const edBlob = sized('ssh-ed25519', Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!, 'base64url'));

describe('OpenSSH keys', () => {
  const { folder } = scratch();

  it('tell kind, size and fingerprint, also under a passphrase', () => {
    const sum = (blob: Buffer) => printed(createHash('sha256').update(blob).digest());
    assert.equal(verdictOn('pem', openSsh(rsaBlob)).proved, `unencrypted OpenSSH RSA 2048 key, public key ${sum(rsaBlob)}`);
    assert.equal(verdictOn('pem', openSsh(edBlob, 'aes256-ctr')).proved, `encrypted OpenSSH Ed25519 key, public key ${sum(edBlob)}`);
    const curve = sized('ecdsa-sha2-nistp384', 'nistp384', random('point', 97));
    assert.equal(verdictOn('pem', openSsh(curve)).proved, `unencrypted OpenSSH ECDSA P-384 key, public key ${sum(curve)}`);
  });

  it('tell less of one whose lengths lie', () => {
    const broken = Buffer.concat([Buffer.from('openssh-key-v1\0'), sized('none', 'none', ''), u32(1), u32(0xffffffff), random('rest', 100)]);
    assert.equal(verdictOn('pem', armoured('OPENSSH PRIVATE KEY', broken)).proved, 'unencrypted OpenSSH key');
    assert.equal(verdictOn('pem', openSsh(sized('constructor', 'x'))).proved?.startsWith('unencrypted OpenSSH constructor key'), true);
  });

  it('have the fingerprint that ssh-keygen prints', async function () {
    needs(this, 'ssh-keygen');
    for (const [kind, bits] of [['rsa', '2048'], ['ecdsa', '521'], ['ed25519', '256']] as const) {
      const file = join(folder, kind);
      tool('ssh-keygen', ['-q', '-t', kind, '-b', bits, '-N', '', '-f', file]);
      const [size, fingerprint] = tool('ssh-keygen', ['-l', '-f', file]).split(' ');
      const { proved } = verdictOn('pem', readFileSync(file, 'utf8'));
      assert.ok(proved!.endsWith(`public key ${fingerprint}`) && (kind === 'ed25519' || proved!.includes(size!)), proved);
    }
  }); // prettier-ignore
});

/** As PuTTY's manual describes the file, version 2 and 3, without a passphrase. */
function putty(version: 2 | 3, change = ''): string {
  const secret = random('private', 96);
  const signed = sized('ssh-ed25519', 'none', 'me@host', edBlob, secret);
  const oldKey = createHash('sha1').update('putty-private-key-file-mac-key').digest();
  const mac = (version === 3 ? createHmac('sha256', '') : createHmac('sha1', oldKey)).update(signed).digest('hex');
  const lines = (bytes: Buffer) => bytes.toString('base64').match(/.{1,64}/g)!;
  const head = [`PuTTY-User-Key-File-${version}: ssh-ed25519`, 'Encryption: none', `Comment: me@host${change}`];
  const body = [`Public-Lines: ${lines(edBlob).length}`, ...lines(edBlob), `Private-Lines: ${lines(secret).length}`, ...lines(secret)];
  return [...head, ...body, `Private-MAC: ${mac}`].join('\r\n');
}

describe('PuTTY keys', () => {
  const fingerprint = printed(createHash('sha256').update(edBlob).digest());

  it('are proved by their MAC, with either kind of line end', () => {
    const proved = `unencrypted PuTTY Ed25519 key, public key ${fingerprint}, MAC valid`;
    assert.deepEqual(verdictOn('putty', putty(2)), { keep: true, confidence: 'high', proved });
    assert.deepEqual(verdictOn('putty', putty(3).replaceAll('\r', '')), { keep: true, confidence: 'high', proved });
    assert.deepEqual(
      verdictOn('putty', putty(3).replaceAll('\r\n', '\\n')),
      { keep: true, confidence: 'high', proved },
      'as a string of source code',
    );
  });

  it('rank lower when it is wrong, and are no less found', () => {
    const { keep, confidence, proved } = verdictOn('putty', putty(3, 'x'));
    assert.ok(keep && confidence === 'medium' && proved!.endsWith('MAC not valid'), proved);
  });

  it('under a passphrase are medium', () => {
    const locked = putty(3).replace('Encryption: none', 'Encryption: aes256-cbc');
    assert.deepEqual(verdictOn('putty', locked), {
      keep: true,
      severity: 'medium',
      confidence: 'high',
      proved: `encrypted PuTTY Ed25519 key, public key ${fingerprint}`,
    });
  });
});

describe('OpenPGP armour', () => {
  const files = scratch();

  it('has the CRC-24 of the catalogue', () => {
    assert.ok(isCrc24(Buffer.from('123456789'), Buffer.from('21cf02', 'hex').toString('base64')));
    assert.ok(isCrc24(Buffer.alloc(0), Buffer.from('b704ce', 'hex').toString('base64')), 'of nothing, the number that it begins with');
    assert.ok(!isCrc24(Buffer.from('12345678x'), 'Ic8C'));
  });

  it('tells owner, algorithm and protection, and ranks by the checksum', async function () {
    needs(this, 'gpg');
    // mkdtemp gives the folder to its owner alone, as gpg asks for.
    const home = files.newFolder();
    const gpg = (...args: readonly string[]) => tool('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...args]);
    try {
      gpg('--passphrase', '', '--quick-gen-key', 'Alice <alice@example.test>', 'rsa1024');
      gpg('--passphrase', 'long winter', '--quick-gen-key', 'Bob <bob@example.test>', 'ed25519');
      const open = gpg('--armor', '--export-secret-keys', 'alice@example.test');
      const locked = gpg('--passphrase', 'long winter', '--armor', '--export-secret-keys', 'bob@example.test');
      const proved = 'secret key of "Alice <alice@example.test>" (RSA), not encrypted, checksum valid';
      assert.deepEqual(verdictOn('pgp', open), { keep: true, confidence: 'high', proved });
      assert.deepEqual(verdictOn('pgp', open.replaceAll('\n', '\\n')), { keep: true, confidence: 'high', proved });
      assert.deepEqual(verdictOn('pgp', open.replace(/^=(.)(.)/m, '=$2$1')), {
        keep: true,
        confidence: 'medium',
        proved: proved.replace('checksum valid', 'checksum not valid'),
      });
      assert.equal(verdictOn('pgp', open.replace(/^=.{4}\n/m, '')).proved, proved.replace(', checksum valid', ''), 'without a checksum');
      const { severity, proved: other } = verdictOn('pgp', locked);
      assert.equal(severity, 'medium');
      assert.equal(other, 'secret key of "Bob <bob@example.test>" (EdDSA), encrypted, checksum valid');
    } finally {
      tool('gpgconf', ['--homedir', home, '--kill', 'all']);
    }
  });
});
