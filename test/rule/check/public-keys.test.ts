// Keys that everybody has are told as such, and never dropped.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checks } from '../../../src/rule/check/checks.ts';
import { ownerOfPublicKey } from '../../../src/rule/check/public-keys.ts';
import { publicKeysFile } from '../../../src/rule/packaged-rules.ts';
import { loadRuleset } from '../../../src/rule/ruleset.ts';
import { privateKey } from '../../support/planted.ts';

/** RFC 8410, section 10.3: the header of PKCS#8, and the key of 32 bytes. */
const body = Buffer.from(
  ['302e020100300506032b657004220420', 'd4ee72dbf913584ad5b6d8f1f769f8ad', '3afe7c28cbf1d4fbe097a88f44755842'].join(''),
  'hex',
);
const armour = (bytes: Buffer) => `-----BEGIN ${'PRIVATE'} KEY-----\n${bytes.toString('base64')}\n-----END ${'PRIVATE'} KEY-----\n`;

function verdict(text: string, secret = text.trim()) {
  const index = text.indexOf(secret);
  const candidate = { secret, groups: {}, text, index, start: index, end: index + secret.length, name: 'x' };
  return checks.get('pem')!(candidate, '');
}

describe('public keys', () => {
  it('are worth little, and say whose they are', () => {
    const public8410 = { keep: true, severity: 'low', confidence: 'high', proved: 'public test key of RFC 8410' };
    assert.deepEqual(verdict(armour(body)), public8410);
    assert.deepEqual(verdict(armour(body).replaceAll('\n', '\\n')), public8410);
    assert.equal(
      checks.get('base64-pem')!(
        { secret: Buffer.from(armour(body)).toString('base64'), groups: {}, text: '', index: 0, start: 0, end: 0, name: 'x' },
        '',
      ).severity,
      'low',
    );
  });

  it('are worth less still among the strings of a program', () => {
    const key = armour(body);
    assert.equal(verdict(`usage: %s\0${key}\0%d`, key.trim()).severity, 'info');
    assert.equal(verdict(`a text\n${key}\nmore text`, key.trim()).severity, 'low');
  });

  it('are no others: one bit makes a key of its own', () => {
    const other = Buffer.from(body);
    other[other.length - 1] ^= 1;
    assert.match(verdict(armour(other)).proved!, /^unencrypted Ed25519 key/);
    assert.equal(verdict(armour(other)).severity, undefined);
    const own = privateKey('rsa', 'of nobody else');
    assert.equal(verdict(`x\0${own}\0`, own.trim()).severity, undefined);
  });

  it('make findings of a ruleset', async () => {
    const { rules, detectors, detect } = await loadRuleset({ enable: ['private-key'] });
    const { detections } = await detect(armour(body), 'srv/tls/server.key', detectors.keys());
    assert.equal(rules.length, 1);
    assert.deepEqual(
      detections.map(({ ruleId, severity, proved }) => ({ ruleId, severity, proved })),
      [{ ruleId: 'private-key', severity: 'low', proved: ['public test key of RFC 8410'] }],
    );
  });

  it('are listed once each, with a source', () => {
    const { keys } = JSON.parse(readFileSync(publicKeysFile, 'utf8')) as {
      keys: { of: string; source: string; digests: Record<string, string> }[];
    };
    const digests = keys.flatMap((group) => Object.keys(group.digests));
    assert.equal(new Set(digests).size, digests.length);
    for (const { of, source, digests: found } of keys) {
      assert.match(of, /^[\w@/. +-]{2,60}$/);
      assert.match(source, /^https:\/\/[\w.-]+\/\S+$/);
      for (const [digest, where] of Object.entries(found)) assert.ok(/^[0-9a-f]{16}$/.test(digest) && where !== '', `${of}: ${digest}`);
    }
    assert.equal(ownerOfPublicKey(body), 'RFC 8410');
    assert.ok(digests.includes(createHash('sha256').update(body).digest('hex').slice(0, 16)));
  });
});
