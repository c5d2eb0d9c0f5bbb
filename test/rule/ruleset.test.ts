// The loaded set of rules, run over texts as the scan runs it.
import assert from 'node:assert/strict';
import { secretLintProfiler } from '@secretlint/profiler';
import { loadRuleset, type RulesetOptions } from '../../src/rule/ruleset.ts';
import { findKinds } from '../../src/view/format/format.ts';
import type { DetectionResult, Ruleset } from '../../src/model/rule.ts';

/** Made up here, in two halves, so that this file is no finding. */
const token = ['dop_v1_3f9c1b7a5d2e8f60417c9b3d5e8a2f60', '4b7c9d1e3a5f8b2c4d6e8f1a3b5c7d9e'].join('');
const password = ['hunter2', 'Zk81x'].join('-');

async function only(options: RulesetOptions): Promise<readonly string[]> {
  return (await loadRuleset(options)).rules.map(({ id }) => id);
}

describe('a ruleset', () => {
  let ruleset: Ruleset;
  before(async () => (ruleset = await loadRuleset()));

  function detect(text: string, name = 'app/file.bin', set = ruleset): Promise<DetectionResult> {
    return set.detect(text, name, set.detectors.keys());
  }

  async function idsIn(text: string, name?: string): Promise<readonly string[]> {
    return (await detect(text, name)).detections.map(({ ruleId }) => ruleId);
  }

  it('has one detector a rule, in the same order, and behind them the rules for what formats tell', () => {
    assert.deepEqual(
      [...ruleset.detectors.map(({ ruleId }) => ruleId), ...[...ruleset.formats.values()].map(({ info }) => info.id)],
      ruleset.rules.map(({ id }) => id),
    );
    assert.deepEqual([...ruleset.formats.keys()].sort(), [...findKinds].sort());
    assert.equal(new Set(ruleset.rules.map(({ id }) => id)).size, ruleset.rules.length);
  });

  it('finds a secret between NULs and other bytes, and gives its place', async () => {
    const text = `\u007fELF\0\0x\0${token}\0\0\ufffdabc`;
    const { detections } = await detect(text);
    assert.deepEqual(
      detections.map(({ ruleId, start, end }) => [ruleId, text.slice(start, end)]),
      [['digitalocean-token', token]],
    );
  });

  it('counts from the start of the text behind a byte-order mark', async () => {
    const text = `\ufefftoken=${token}`;
    const [detection] = (await detect(text)).detections;
    assert.equal(text.slice(detection!.start, detection!.end), token);
  });

  it('never shows the value of a detection', async () => {
    const { detections } = await detect(`url: https://bob:${password}@git.acme.io/ ${token}`);
    assert.equal(detections.length, 2);
    assert.ok(!JSON.stringify(detections).includes(password));
    assert.ok(!JSON.stringify(detections).includes(token));
    assert.equal(detections.find(({ ruleId }) => ruleId === 'url-password')!.secret.reveal(), password);
  });

  for (const [place, text] of [
    ['config/Env', `DB_PASSWORD=${password}`],
    ['history/created_by', `RUN |2 DB_PASSWORD=${password} REGION=eu /bin/sh -c make # buildkit`],
    ['history/created_by', `/bin/sh -c #(nop)  ENV DB_PASSWORD=${password}`],
    ['app/.env', `export DB_PASSWORD='${password}'`],
    ['app/Dockerfile', `ENV DB_PASSWORD ${password}`],
    ['etc/application.properties', `db.password=${password}`],
    ['app/config.yml', `db:\n  password: ${password}\n`],
    ['app/settings.py', `DB_PASSWORD = "${password}"`],
    ['proc/1/environ', `PATH=/bin\0DB_PASSWORD=${password}\0HOME=/root\0`],
    ['app/.git/config', `url = https://bob:${password}@git.acme.io/a.git`],
    ['history/created_by', `RUN /bin/sh -c curl -u bob:${password} https://files.acme.io`],
  ] as const) {
    it(`finds a plain password in ${place}: ${text.replace(password, '...').slice(0, 50)}`, async () => {
      const { detections } = await detect(text, place);
      assert.deepEqual(
        detections.map(({ secret }) => secret.reveal()),
        [password],
      );
    });
  }

  for (const [place, text] of [
    ['config/Env', 'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D'],
    ['config/Env', 'PATH=/usr/local/bin:/usr/bin'],
    ['config/Env', 'PWD=/app'],
    ['config/Env', 'POSTGRES_PASSWORD_FILE=/run/secrets/pg'],
    ['app/package.json', '{"dependencies": {"minipass": "^7.1.2", "tokenizr": "1.0.0"}}'],
    ['etc/sudoers', '%wheel ALL=(ALL) NOPASSWD: ALL'],
    ['app/locales/nb.json', '{"password": "Passord", "token": "Kode"}'],
    ['app/chart.yml', 'password: {{ .Values.password }}\ntoken: ${TOKEN}\nsecret: !Ref Secret\nkey: ENC[AES256_GCM,data:abc]'],
    ['app/main.py', 'password = os.environ["DB_PASSWORD"]\ntoken = get_token(user)'],
    ['usr/lib/libcrypto.so', '\0-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0Proc-Type: 4,ENCRYPTED\0'],
    ['usr/lib/libunistring.so', '\0AKIAISLANDISSHARITAL\0ASIANABUNDANCEACCORD\0'],
    ['app/Foo.class', '\0Foo$1$1.class\0'],
    ['etc/shadow', 'root:*:19000:0:99999:7:::\nbin:!!:19000:0:99999:7:::\n'],
    ['usr/lib/python3/botocore.json', ['"AccessKeyId": "AKIAIOSFODNN7', 'EXAMPLE"'].join('')],
  ] as const) {
    it(`is silent in ${place}: ${JSON.stringify(text.slice(0, 40))}`, async () => assert.deepEqual(await idsIn(text, place), []));
  }

  it('merges what several rules find into the most telling one', async () => {
    const { detections } = await detect(`DIGITALOCEAN_TOKEN=${token}`, 'app/.env');
    assert.equal(detections.length, 1);
    assert.equal(detections[0]!.ruleId, 'digitalocean-token');
    assert.ok(detections[0]!.alsoRules.includes('setting-secret'));
  });

  it('heeds no inline comment, unless it is told to', async () => {
    const text = `${token} // secretlint-disable-line`;
    assert.deepEqual(await idsIn(text), ['digitalocean-token']);
    assert.deepEqual((await detect(text, 'x', await loadRuleset({ respectInlineIgnores: true }))).detections, []);
  });

  it('keeps the profiler off: no marks, no entries', async () => {
    performance.clearMarks();
    for (let count = 0; count < 2000; count++) await detect(token);
    assert.equal(secretLintProfiler.isEnabled, false);
    assert.equal(performance.getEntriesByType('mark').length, 0);
    assert.equal((await secretLintProfiler.getEntries()).length, 0);
  });

  it('leaves the rest out, and says so, when a rule floods a window', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => `dop_v1_${index.toString(16).padStart(8, '0')}${token.slice(15)}`).join('\n');
    const { detections, failures } = await detect(many, 'x', await loadRuleset({ enable: ['digitalocean-token'] }));
    assert.equal(detections.length, 1000);
    assert.match(failures[0]!.reason, /more than 1000/);
  });

  it('chooses rules by id and glob, and refuses ids that are not there', async () => {
    assert.deepEqual(await only({ enable: ['jwt'] }), ['jwt']);
    assert.ok(!(await only({ disable: ['secretlint/*'] })).some((id) => id.startsWith('secretlint/')));
    await assert.rejects(only({ enable: ['jwtt'] }), { code: 'usage' });
  });

  it('has a hash that changes with the rules only', async () => {
    assert.equal((await loadRuleset()).hash, ruleset.hash);
    assert.notEqual((await loadRuleset({ disable: ['jwt'] })).hash, ruleset.hash);
    assert.notEqual((await loadRuleset({ respectInlineIgnores: true })).hash, ruleset.hash);
  });
});
