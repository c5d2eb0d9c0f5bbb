// Certificates of a text, recognised by the key that they belong to. They are written here field by field, signed by their own key.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { certificateOf, certificatesIn } from '../../src/rule/certificates.ts';
import { publicHalfOf } from '../../src/rule/check/spki.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { der, random } from '../support/key-stores.ts';

/** RFC 5280, section 4.1, with Ed25519 as the algorithm of the signature. */
function certificate(key: KeyObject, subject: string, issuer: string, signer: KeyObject, until = '300317120000Z'): Buffer {
  const algorithm = der(0x30, der(0x06, Buffer.from('2b6570', 'hex')));
  const name = (text: string) => der(0x30, der(0x31, der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(text)))));
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from(until)));
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const body = der(0x30, version, der(0x02, Buffer.from([1, 2, 3])), algorithm, name(issuer), validity, name(subject), spki);
  return der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign(null, body, signer)));
}

const pem = (bytes: Buffer, label = 'CERTIFICATE') =>
  `-----BEGIN ${label}-----\n${bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END ${label}-----\n`;

const authority = generateKeyPairSync('ed25519').privateKey;
const server = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const client = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

describe('certificates', () => {
  it('are recognised as those of a private key', () => {
    const text = `${pem(certificate(server, 'www.example.test', 'Example CA', authority))}words between\n${pem(certificate(client, 'Bob', 'Example CA', authority))}`;
    const [first, second] = certificatesIn(text);
    assert.deepEqual(first, {
      spki: publicHalfOf(server.export({ type: 'pkcs1', format: 'der' }))!.spki,
      subject: 'CN=www.example.test',
      issuer: 'CN=Example CA',
      notAfter: '2030-03-17',
    });
    assert.equal(second!.spki, publicHalfOf(client.export({ type: 'sec1', format: 'der' }))!.spki);
    assert.notEqual(first!.spki, second!.spki);
  });

  it('stand in strings of source code too', () => {
    const one = pem(certificate(server, 'a', 'b', authority));
    assert.deepEqual(certificatesIn(JSON.stringify({ cert: one })), certificatesIn(one));
    assert.equal(certificatesIn(one.replaceAll('\n', '\r\n')).length, 1);
  });

  it('are left out when they are none, cut off, or damaged', () => {
    const bytes = certificate(server, 'a', 'b', authority);
    assert.deepEqual(certificatesIn(pem(random('none', 300))), []);
    assert.deepEqual(certificatesIn(pem(bytes.subarray(0, -100))), []);
    assert.deepEqual(certificatesIn(pem(bytes).slice(0, -40)), []);
    assert.deepEqual(certificatesIn('-----BEGIN CERTIFICATE-----'.repeat(1000)), []);
    assert.equal(certificateOf(Buffer.alloc(0)), undefined);
    // Whatever byte is another one: a certificate or none, and never an exception.
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes);
      other[at] = other[at]! ^ 0xff;
      assert.doesNotThrow(() => certificateOf(other));
    }
  });

  it('end at a thousand', () => {
    assert.equal(certificatesIn(pem(certificate(authority, 'a', 'b', authority)).repeat(1200)).length, 1000);
  });
});

describe('a private key that a ruleset found', () => {
  it('carries the fingerprint by which its certificate is found', async () => {
    const { detectors, detect } = await loadRuleset({ enable: ['private-key', 'secretlint/privatekey'] });
    const { detections } = await detect(server.export({ type: 'pkcs8', format: 'pem' }).toString(), 'etc/ssl/private/tls.key', detectors.keys());
    const [found] = certificatesIn(pem(certificate(server, 'www.example.test', 'Example CA', authority)));
    assert.deepEqual(
      detections.map(({ publicKey }) => publicKey),
      [found!.spki],
    );
  });
});
