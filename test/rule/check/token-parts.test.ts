// What tokens carry in the clear: who they are of, what they are narrowed to, when they end. Tokens are put together here from made-up parts.
import assert from 'node:assert/strict';
import { factOf } from '../../../src/rule/check/fact.ts';
import { random } from '../../support/key-stores.ts';
import { verdictOn } from './candidate.ts';

const json = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64');
const body = random('body', 33).toString('base64url');

describe('payload', () => {
  const tokens: readonly (readonly [provider: string, token: string, proved: string])[] = [
    [
      'sentry',
      `sntrys_${json({ iat: 1719834012.25, url: 'https://sentry.io', region_url: 'https://de.sentry.io', org: 'acme' })}_${body.slice(0, 43)}`,
      'payload decodes, organisation acme, region https://de.sentry.io, server https://sentry.io, issued 2024-07-01',
    ],
    ['grafana', `glc_${json({ o: '482910', n: 'write', k: body, m: { r: 'eu' } })}`, 'payload decodes, organisation 482910, region eu'],
    ['grafana', json({ k: body, n: 'ci', id: 7 }), 'payload decodes, organisation 7'],
    ['mapbox', `sk.${json({ u: 'acme', a: body })}.${body.slice(0, 22)}`, 'payload decodes, user acme'],
    ['1password', `ops_${json({ signInAddress: 'acme.1password.com', secretKey: body })}`, 'payload decodes, account acme.1password.com'],
  ];
  for (const [provider, token, proved] of tokens) {
    it(`of ${provider}: ${proved}`, () => assert.deepEqual(verdictOn(`payload:${provider}`, token), { keep: true, confidence: 'high', proved }));
  }

  it('that does not decode ranks, and does not reject', () => {
    const broken = `sntrys_eyJ${'x'.repeat(60)}_${body.slice(0, 43)}`;
    assert.deepEqual(verdictOn('payload:sentry', broken), { keep: true, confidence: 'medium', proved: 'payload does not decode' });
    assert.deepEqual(verdictOn('payload:sentry', `sntryu_${'a1'.repeat(32)}`), { keep: true }, 'another form');
    assert.deepEqual(verdictOn('payload:nobody', broken), { keep: true });
  });

  it('tells names and addresses, never what could be more than that', () => {
    const { proved } = verdictOn('payload:1password', `ops_${json({ signInAddress: `https://bob:${body}@host` })}`);
    assert.equal(proved, 'payload decodes');
    for (const value of ['a\nb', '\u001b[31m', 'x'.repeat(81), '', {}, null, ['a'], 'a@b']) assert.equal(factOf(value), undefined);
  });
});

/** libmacaroons, version 2: fields of a type, a length and the bytes. */
function pypi(caveats: readonly unknown[], options: { readonly signature?: number; readonly location?: string } = {}): string {
  const field = (type: number, bytes: Buffer) => Buffer.concat([Buffer.from([type, bytes.length]), bytes]);
  const head = [field(1, Buffer.from(options.location ?? 'pypi.org')), field(2, Buffer.from('an identifier of 32 characters..')), Buffer.from([0])];
  const parts = caveats.flatMap((caveat) => [field(2, Buffer.from(JSON.stringify(caveat))), Buffer.from([0])]);
  const end = [Buffer.from([0]), field(6, random('signature', options.signature ?? 32))];
  return `pypi-${Buffer.concat([Buffer.from([2]), ...head, ...parts, ...end]).toString('base64url')}`;
}

describe('macaroon', () => {
  const scopes: readonly (readonly [caveats: readonly unknown[], told: string])[] = [
    [[], 'macaroon, of pypi.org'],
    [[[1, ['my-project']]], 'macaroon, of pypi.org, scope: project my-project'],
    [[[1, ['a', 'b']], [0, 1900000000, 1700000000]], 'macaroon, of pypi.org, scope: projects a b, expires 2030-03-17'],
    [[[3, '6f1b2c3d']], 'macaroon, of pypi.org, scope: user'],
    [[{ version: 1, permissions: 'user' }], 'macaroon, of pypi.org, scope: user'],
    [[{ version: 1, permissions: { projects: ['old-one'] } }], 'macaroon, of pypi.org, scope: project old-one'],
    [[[99, 'unheard of'], 'text', null], 'macaroon, of pypi.org'],
  ]; // prettier-ignore
  for (const [caveats, proved] of scopes) {
    it(`of PyPI with ${JSON.stringify(caveats)}`, () =>
      assert.deepEqual(verdictOn('macaroon', pypi(caveats)), { keep: true, confidence: 'high', proved }));
  }

  it('that is cut off, or has another signature than 32 bytes, ranks lower', () => {
    const cut = { keep: true, confidence: 'medium', proved: 'macaroon does not decode' };
    assert.deepEqual(verdictOn('macaroon', pypi([], { signature: 20 })), cut);
    for (const length of [8, 30, 60, 90]) assert.deepEqual(verdictOn('macaroon', pypi([[1, ['my-project']]]).slice(0, length)), cut);
    assert.equal(verdictOn('macaroon', pypi([], { location: 'test.pypi.org' })).proved, 'macaroon, of test.pypi.org');
  });

  it('of Fly.io tells where it is for', () => {
    const head = [Buffer.from([0x94, 0x93, 0xc4, 8]), random('id', 8), Buffer.from([0xc4, 16]), random('nonce', 16), Buffer.from([0xc2])];
    const token = (location: Buffer) =>
      `FlyV1 fm2_${Buffer.concat([...head, location, Buffer.from([0x90, 0xc4, 32]), random('tail', 32)]).toString('base64')}`;
    const short = Buffer.concat([Buffer.from([0xa0 | 21]), Buffer.from('https://api.fly.io/v1')]);
    const long = Buffer.concat([Buffer.from([0xd9, 25]), Buffer.from('https://api.fly.io/aaa/v1')]);
    assert.deepEqual(verdictOn('macaroon', token(short)), { keep: true, confidence: 'high', proved: 'macaroon, of https://api.fly.io/v1' });
    assert.equal(verdictOn('macaroon', token(long)).proved, 'macaroon, of https://api.fly.io/aaa/v1');
    assert.equal(verdictOn('macaroon', token(Buffer.from([0xc0]))).proved, 'macaroon does not decode');
    assert.deepEqual(verdictOn('macaroon', `fo1_${body}`), { keep: true });
  });
});

describe('parts that are public', () => {
  it('an AWS key id holds its account', () => {
    // Published with the formula, in "A short note on AWS KEY ID" of 2023.
    const id = ['ASIAQNZG', 'KIQY56JQ7WML'].join('');
    assert.deepEqual(verdictOn('aws-key-id', id), { keep: true, proved: 'AWS account 029608264753' });
    assert.deepEqual(verdictOn('aws-key-id', id.replace('ASIAQ', 'AKIAI')), { keep: true }, 'an id from before 2019 does not');
    assert.equal(verdictOn('aws-key-id', `AKIA${'Z'.repeat(16)}`).confidence, 'low', 'a row of one letter');
    assert.equal(verdictOn('aws-key-id', `AKIA${'X'.repeat(16)}`).keep, false, 'a mask');
    assert.equal(verdictOn('aws-key-id', id.replace('Q7WML', '01WML')).proved, 'outside the base32 alphabet of issued ids');
    const beside = `${id}:${random('secret', 30).toString('base64')}`;
    assert.equal(verdictOn('aws-secret-key', beside, id.length + 1).proved, 'AWS account 029608264753');
    assert.deepEqual(verdictOn('aws-secret-key', beside.slice(id.length + 1)), { keep: true });
  });

  it('a Discord token holds the id of its bot, and that the day on which it was made', () => {
    // The id of the manual of Discord's API, section "Snowflakes": 1462015105796 milliseconds since 1970.
    const token = `${Buffer.from('175928847299117063').toString('base64')}.abcdef.${body.slice(0, 27)}`;
    assert.deepEqual(verdictOn('discord-id', token), { keep: true, proved: 'bot id 175928847299117063, made 2016-04-30' });
    assert.deepEqual(verdictOn('discord-id', `MTIz.abcdef.${body.slice(0, 27)}`), { keep: true, confidence: 'low' });
  });

  it('tokens of Telegram, Slack and Doppler name what they belong to', () => {
    assert.equal(verdictOn('telegram-id', `123456789:AA${body.slice(0, 33)}`).proved, 'bot id 123456789');
    assert.equal(verdictOn('slack-ids', `https://hooks.slack.com/services/T0AB12CDE/B0XY34ZUV/${body.slice(0, 24)}`).proved, 'workspace T0AB12CDE');
    assert.equal(verdictOn('slack-ids', `xapp-1-A0B1C2D3E4F-1234567890123-${'a1'.repeat(32)}`).proved, 'app A0B1C2D3E4F');
    assert.deepEqual(verdictOn('slack-ids', `xoxb-${body}`), { keep: true });
    assert.equal(verdictOn('doppler-kind', `dp.st.prd_eu.${body.slice(0, 40)}`).proved, 'service token, configuration prd_eu');
    assert.equal(verdictOn('doppler-kind', `dp.pt.${body.slice(0, 43).replace(/[_-]/g, 'x')}`).proved, 'personal token');
    assert.deepEqual(verdictOn('doppler-kind', `dp.xx.${body}`), { keep: true });
  });

  it("JFrog's reference tokens say when they end", () => {
    const token = (expires: string) => Buffer.from(`reftkn:01:${expires}:${body.slice(0, 27)}`).toString('base64');
    assert.deepEqual(verdictOn('jfrog-reference', token('1900000000')), {
      keep: true,
      confidence: 'high',
      proved: 'reference token, expires 2030-03-17',
    });
    assert.equal(verdictOn('jfrog-reference', token('0000000000')).proved, 'reference token, never expires');
    assert.equal(verdictOn('jfrog-reference', `cmVmdGtu${body}`).confidence, 'medium');
  });

  it('a token of Kubernetes names its service account, in its old and its new form', () => {
    const token = (payload: object) => [json({ alg: 'RS256' }), json(payload), 'c2lnbmVk'].join('.').replaceAll('=', '');
    const legacy = {
      'kubernetes.io/serviceaccount/namespace': 'ci',
      'kubernetes.io/serviceaccount/secret.name': 'deploy-token-x',
      'kubernetes.io/serviceaccount/service-account.name': 'deploy',
    };
    assert.equal(verdictOn('jwt', token(legacy)).proved, 'algorithm RS256, Kubernetes service account ci/deploy, never expires');
    const bound = { exp: 1900000000, 'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'deploy', uid: '1' } } };
    assert.equal(verdictOn('jwt', token(bound)).proved, 'algorithm RS256, Kubernetes service account ci/deploy, expires 2030-03-17');
    assert.equal(verdictOn('jwt', token({ 'kubernetes.io': 1 })).proved, 'algorithm RS256, Kubernetes service account, never expires');
  });
});
