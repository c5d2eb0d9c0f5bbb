// No check may throw, whatever stands where a secret was expected: texts of an image are written by strangers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checks } from '../../../src/rule/check/checks.ts';
import { verdictOn } from './candidate.ts';

const calls = [...checks.keys(), 'crc32-hex:body', 'payload:1password', 'payload:grafana', 'payload:mapbox', 'payload:sentry', 'payload:constructor'];
const heads = [
  '',
  'pypi-AgE',
  'fm2_',
  'FlyV1 fm2_',
  'ops_ey',
  'glc_ey',
  'sk.eyJ',
  'sntrys_eyJ',
  'github_pat_',
  'dp.st.',
  'cmVmdGtu',
  'AKIA',
  'SU',
  'AGE-SECRET-KEY-1',
];
const armours = [
  '-----BEGIN PRIVATE KEY-----\n',
  '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n',
  'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\n',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.base64String({ maxLength: 400 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from('openssh-key-v1\0'), bytes]).toString('base64')),
  fc.json({ maxDepth: 3 }).map((content) => Buffer.from(content).toString('base64')),
  fc.stringMatching(/^[A-Z2-7]{16,60}$/),
);

describe('checks on hostile candidates', () => {
  it('never throw, and prove one short line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...calls), fc.constantFrom(...heads, ...armours), text, (call, head, tail) => {
        const { proved } = verdictOn(call, head + tail);
        assert.ok(proved === undefined || (proved.length < 600 && !/[\n\r\u001b]/.test(proved)), `${call}: ${JSON.stringify(proved)}`);
      }),
      { numRuns: 4000 },
    );
  });

  it('stay quick on what is far too long', () => {
    for (const call of calls) {
      for (const huge of ['A'.repeat(200_000), `pypi-AgE${'A'.repeat(200_000)}`, `${armours[2]!}${'AAAA\n'.repeat(40_000)}`])
        assert.doesNotThrow(() => verdictOn(call, huge));
    }
  }).timeout(20_000);
});
