// Each check over small candidates. Tokens are put together here, so that this file is no finding.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Verdict } from '../../../src/rule/check/check.ts';
import { checks } from '../../../src/rule/check/checks.ts';
import { parseCheck } from '../../../src/rule/rule-file.ts';

function run(call: string, secret: string, around: { before?: string; name?: string; path?: string; after?: string } = {}): Verdict {
  const { name, argument } = parseCheck(call);
  const before = around.before ?? '';
  const candidate = {
    secret,
    groups: around.name === undefined ? {} : { name: around.name },
    text: `${around.name ?? ''}${before}${secret}${around.after ?? ''}`,
    index: 0,
    start: (around.name ?? '').length + before.length,
    end: (around.name ?? '').length + before.length + secret.length,
    name: around.path ?? 'x',
  };
  return checks.get(name)!(candidate, argument);
}

const kept = (call: string, secret: string, around?: Parameters<typeof run>[2]) => run(call, secret, around).keep;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('checks', () => {
  it('never throw, whatever the candidate', () => {
    for (const name of checks.keys()) {
      for (const secret of ['', '.', '...', ':', '\0', '\ufffd', '-----BEGIN PRIVATE KEY-----', 'ey.ey.ey', '%', '_', 'a'.repeat(5000)]) {
        assert.doesNotThrow(() => run(name, secret), `${name} of ${JSON.stringify(secret.slice(0, 20))}`);
      }
    }
  });

  it('entropy, digit, mixed, length, varied', () => {
    assert.ok(kept('entropy:3', 'a8f3k2m9') && !kept('entropy:3', 'aaaabbbb'));
    assert.ok(kept('digit', 'a1') && !kept('digit:3', 'a12'));
    assert.ok(kept('mixed', 'aB') && !kept('mixed', 'processor_call'));
    assert.ok(kept('digit', 'a'.repeat(24)) && kept('mixed', 'a'.repeat(24)), 'a row of one letter is left to varied');
    assert.ok(kept('length:4', 'abcd') && !kept('length:4', 'abc'));
    assert.ok(!kept('varied', 'sk_live_xxxxxxxxxxxxxxxx'));
    assert.ok(!kept('varied', 'ghp_YOUR_TOKEN_GOES_HERE'));
    assert.ok(kept('varied', `ghp_P48pmolVpN1GDYourA8PKR7${'JCOy7gs0bFB6Q'}`), 'four letters by chance');
    assert.equal(run('varied', `sk_live_${'a'.repeat(30)}`).confidence, 'low');
  });

  it('crc32 ranks and never rejects', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const body = 'k3v9x2m8q4t7w1z6r5y0b3n8c2j7h4';
    let sum = '';
    for (let rest = crc32(body); rest > 0; rest = Math.floor(rest / 62)) sum = digits[rest % 62]! + sum;
    assert.deepEqual(run('crc32-base62', `ghp_${body}${sum.padStart(6, '0')}`), { keep: true, confidence: 'high', proved: 'checksum valid' });
    assert.deepEqual(run('crc32-base62', `ghp_${body}aaaaaa`), { keep: true, confidence: 'medium', proved: 'checksum not valid' });
  });

  it('base64-text:ascii keeps what decodes to a token, and no text or bytes', () => {
    const token = `ghp_K9dQ7tQ4xZr2VnL8${'mB5jHc6pFy3SkAgXeU'}`;
    assert.ok(kept('base64-text:ascii', Buffer.from(token).toString('base64')));
    assert.ok(!kept('base64-text:ascii', Buffer.from('ghp_ and some words, 12 of them').toString('base64')));
    assert.ok(!kept('base64-text:ascii', Buffer.alloc(40, 7).toString('base64')));
  });

  it('what is left of a key or a token is low, and a text in its place is none', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const lines = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString().trim().split('\n');
    const tail = [lines[0], ...lines.slice(4)].join('\n');
    assert.deepEqual(run('pem', tail), { keep: true, severity: 'low', confidence: 'low', proved: 'part of a key' });
    assert.equal(kept('pem', `${lines[0]}\n${'this is where the key of your server goes\n'.repeat(3)}${lines.at(-1)}`), false);
    const damaged = Buffer.from('{"alg":\u0099z","typ":"JWT"}', 'latin1').toString('base64url');
    assert.equal(run('jwt', `${damaged}.${base64url({ sub: 'x' })}.c2ln`).severity, 'low');
    assert.equal(kept('jwt', `${damaged.slice(0, -1)}.${Buffer.from('no json').toString('base64url')}.c2ln`), false);
  });

  it('jwt tells algorithm and expiry', () => {
    const head = base64url({ alg: 'RS256', typ: 'JWT' });
    assert.equal(run('jwt', `${head}.${base64url({ exp: 1900000000 })}.c2ln`).proved, 'algorithm RS256, expires 2030-03-17');
    assert.match(run('jwt', `${head}.${base64url({ iss: 'x' })}.c2ln`).proved!, /never expires/);
    assert.equal(run('jwt', `${base64url({ alg: 'none' })}.${base64url({ iss: 'x' })}.`).severity, 'low');
    assert.equal(run('jwt', `${head}.${base64url({ sub: '1234567890', name: 'John Doe' })}.c2ln`).severity, 'info');
    assert.ok(!kept('jwt', 'eyNothing.eyAtAll.abc'));
  });

  it('pem proves what kind of key it is, also escaped and in base64', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    assert.match(run('pem', pkcs8).proved!, /^unencrypted RSA 1024 key, public key SPKI SHA256:/);
    assert.match(run('pem', pkcs8.replaceAll('\n', '\\n')).proved!, /^unencrypted RSA 1024 key/);
    assert.match(run('base64-pem', Buffer.from(pkcs8).toString('base64')).proved!, /^base64 of unencrypted RSA 1024 key/);
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
    assert.deepEqual(run('pem', locked), { keep: true, severity: 'medium', confidence: 'high', proved: 'encrypted PKCS#8 key' });
    const legacy = privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
    assert.equal(run('pem', legacy).proved, 'encrypted RSA key');
    const { privateKey: curve } = generateKeyPairSync('ed25519');
    assert.match(run('pem', curve.export({ type: 'pkcs8', format: 'pem' }).toString()).proved!, /^unencrypted Ed25519 key/);
    assert.ok(!kept('pem', '-----BEGIN PRIVATE KEY-----\nnot a key at all\n-----END PRIVATE KEY-----'));
  });

  it('crypt-hash wants the whole shape', () => {
    assert.equal(run('crypt-hash', `$6$abcdefgh$${'a1B'.repeat(29).slice(0, 86)}`).proved, 'SHA-512-crypt hash');
    assert.ok(!kept('crypt-hash', '$1$1.class'));
  });

  it('base64-user-password decodes', () => {
    assert.ok(kept('base64-user-password', Buffer.from('bob:hunter2').toString('base64')));
    assert.ok(!kept('base64-user-password', Buffer.from('bob:').toString('base64')));
    assert.ok(!kept('base64-user-password', Buffer.from('bob:${PW}').toString('base64')));
    assert.ok(!kept('base64-user-password', 'basic'));
  });

  for (const value of [
    '${X}',
    '${X:-y}',
    '{{ x }}',
    '<password>',
    '%env(X)%',
    '%X%',
    'ENC[AES256_GCM,data:x]',
    '!Ref Secret',
    'changeme',
    'xxxx',
    '********',
    '$(cat /x)',
    'null',
    'None',
    'true',
    '/run/secrets/x',
    '$HOME/key.pem',
    'your-api-key-here',
    'vault:secret/x',
    '@PASSWORD@',
    '__PASSWORD__',
  ]) {
    it(`placeholder drops ${value}`, () => assert.ok(!kept('placeholder', value)));
  }
  for (const value of [
    'os.environ["X"]',
    'get_token(user)',
    'config.password',
    'SecretStr',
    'Passord',
    'Enter your password',
    'API_KEY_NAME',
    'process.env.TOKEN',
    'ServerHttp2Session',
    'python3-requests',
    'libexample-prof-4.15.1.0-6a406',
    'tests/tls13/compress-cert.c',
    'nodeStageSecretRef,omitempty',
    'example.org/tool/pkg/runtime.Object',
  ]) {
    it(`placeholder:code drops ${value}`, () => assert.ok(!kept('placeholder:code', value)));
  }
  for (const value of ['hunter2-Zk81x', 'S3cr3t!', 'pa$$w0rd', 'k7Qz81mPxw0LtR5v', 'correct1horse', '/aB3dE5fG7hI9jK1lM3n=']) {
    it(`placeholder keeps ${value}`, () => assert.ok(kept('placeholder', value)));
  }

  const pairs: readonly (readonly [string, string, string, boolean])[] = [
    ['pair:env', 'DB_PASSWORD', 'hunter', true],
    ['pair:env', 'dbPass', 'hunter', true],
    ['pair:env', 'minipass', '^7.1.2', false],
    ['pair:env', 'NOPASSWD', 'ALLx', false],
    ['pair:env', 'GPG_KEY', 'A035C8C19219BA821ECEA86B64E628F8D684696D', false],
    ['pair:env', 'PASSWORD_FILE', 'hunter2', false],
    ['pair:env', 'AWS_ACCESS_KEY_ID', 'hunter2', false],
    ['pair:env', 'APP_KEY', 'k7Qz81mPxw0LtR5v', true],
    ['pair:env', 'CACHE_KEY', 'k7Qz81mPxw0LtR5v', false],
    ['pair:config', 'password', 'Passord', false],
    ['pair:config', 'clientSecret', 'k7Qz81mPxw0LtR5v', true],
    ['pair:code', 'public_key', 'k7Qz81mPxw0LtR5v', false],
    ['pair:code', 'db_password', 'dQpoQShsfhJtZbZpYj', true],
    ['pair:code', 'db_password', 'XMLHttpRequestHeader', false],
  ];
  for (const [call, name, value, expected] of pairs) {
    it(`${call} ${expected ? 'keeps' : 'drops'} ${name}`, () => assert.equal(kept(call, value, { name, before: '="', after: '"' }), expected));
  }
});
