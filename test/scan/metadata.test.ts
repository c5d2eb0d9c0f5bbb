// What stands around the layers: each value under a pointer that leads to it.
import assert from 'node:assert/strict';
import { digestOf } from '../../src/model/digest.ts';
import { parseJson } from '../../src/model/json.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { metadataTexts } from '../../src/scan/metadata-texts.ts';
import { scanMetadata } from '../../src/scan/scan-metadata.ts';
import { smallRuleset, token, tokenRule } from './small-rules.ts';

const root = (value: unknown) => parseJson(Buffer.from(JSON.stringify(value)), 'test', defaultLimits);
const document = (name: string, value: unknown) => {
  const bytes = Buffer.from(JSON.stringify(value));
  return { name, root: root(value), bytes, digest: digestOf(bytes) };
};
const texts = (name: string, value: unknown) =>
  Object.fromEntries(
    metadataTexts(name, root(value))
      .filter((text) => text.name !== 'metadata/key')
      .map(({ pointer, text }) => [pointer, text]),
  );

async function found(name: string, value: unknown, ruleset = smallRuleset(tokenRule)): Promise<string[]> {
  const { sightings, skipped } = await scanMetadata([document(name, value)], ruleset, defaultLimits);
  assert.deepEqual(skipped, []);
  return sightings.map(({ place: { pointer, position } }) => `${pointer} ${position.line}:${position.column} ${position.offset}+${position.length}`);
}

describe('metadataTexts', () => {
  it('names every value of a config', () => {
    assert.deepEqual(
      texts('config', {
        config: { Env: ['A=1', 'B=2'], Labels: { 'x.y': 'l', plain: 'm' }, User: 'root' },
        history: [{ created_by: 'RUN x', empty_layer: true }],
        author: 'me',
      }),
      {
        'config.Env[0]': 'A=1',
        'config.Env[1]': 'B=2',
        'config.Labels["x.y"]': 'x.y=l',
        'config.Labels.plain': 'plain=m',
        'config.User': 'root',
        'history[0].created_by': 'RUN x',
        author: 'me',
      },
    );
  });

  it('begins the pointers of other documents with their names', () => {
    assert.deepEqual(texts('manifest', { annotations: { token: 't' } }), { 'manifest.annotations.token': 'token=t' });
    assert.deepEqual(texts('index', [['a']]), { 'index[0][0]': 'a' });
  });

  it('reads command lines as a whole, pairs of name and value, keys', () => {
    const all = metadataTexts('config', root({ config: { Cmd: ['curl', '-u', 'a:b'] }, args: [{ name: 'TOKEN', value: 'v' }], 'a key': {} }));
    assert.ok(
      all.some(
        ({ text, words }) =>
          text === 'curl -u a:b' &&
          words?.map(({ start, pointer }) => `${start} ${pointer}`).join() === '0 config.Cmd[0],5 config.Cmd[1],8 config.Cmd[2]',
      ),
    );
    assert.ok(all.some(({ text, pointer, prefixLength }) => text === 'TOKEN=v' && pointer === 'args[0].value' && prefixLength === 6));
    assert.ok(all.some(({ text, name }) => text === 'a key' && name === 'metadata/key'));
  });

  it('unpacks JSON and base64 in strings, one in the other', () => {
    const inner = JSON.stringify({ frontend: { attrs: { TOKEN: 'value of it' } } });
    assert.deepEqual(
      texts('config', { 'moby.buildkit.buildinfo.v1': Buffer.from(inner).toString('base64') })[
        '["moby.buildkit.buildinfo.v1"]!base64.frontend.attrs.TOKEN'
      ],
      'TOKEN=value of it',
    );
    assert.deepEqual(texts('config', { config: { Labels: { meta: inner } } }), {
      'config.Labels.meta!json.frontend.attrs.TOKEN': 'TOKEN=value of it',
    });
    assert.equal(texts('m', { note: Buffer.from('only some text, no JSON').toString('base64') })['m.note!base64'], 'only some text, no JSON');
  });

  it('unpacks no deeper than four times', () => {
    let value: unknown = { a: 'x' };
    for (let depth = 0; depth < 10; depth++) value = { a: JSON.stringify(value) };
    const pointers = Object.keys(texts('m', value));
    assert.ok(
      pointers.every((pointer) => pointer.split('!').length <= 5),
      pointers.join(),
    );
  });

  it('is calm over strings that only look like JSON or base64', () => {
    for (const value of ['{', '[1,', '{"a":}', 'AAAA'.repeat(10), '=====', '{'.repeat(1000), '\ud800'])
      assert.doesNotThrow(() => metadataTexts('m', root({ value })));
  });

  it('reads documents of a hundred thousand levels', () => {
    const deep = parseJson(Buffer.from('['.repeat(100_000) + '"x"' + ']'.repeat(100_000)), 'deep', { jsonDepth: 1e6, jsonValues: 1e6 });
    assert.equal(metadataTexts('m', deep).length, 1);
  });
});

describe('scanMetadata', () => {
  it('places what it finds in the value that holds it, the key not counted', async () => {
    assert.deepEqual(await found('config', { config: { Env: ['PATH=/bin', `TOKEN=${token(1)}`] } }), ['config.Env[1] 1:7 6+12']);
    assert.deepEqual(await found('config', { config: { Labels: { 'a.b': `größe ${token(1)}` } } }), ['config.Labels["a.b"] 1:7 8+12']);
    assert.deepEqual(await found('config', { history: [{}, { created_by: `RUN a\nb ${token(1)}` }] }), ['history[1].created_by 2:3 8+12']);
  });

  it('places what a command line holds at its word, once', async () => {
    assert.deepEqual(await found('config', { config: { Cmd: ['curl', '-H', `x: ${token(1)}`, 'more'] } }), ['config.Cmd[2] 1:4 3+12']);
  });

  it('places what a pair holds in its value', async () => {
    assert.deepEqual(await found('attestation', { env: [{ name: 'TOKEN', value: token(1) }] }), ['attestation.env[0].value 1:1 0+12']);
  });

  it('tells the same value in two places twice', async () => {
    assert.equal((await found('config', { config: { Env: [`A=${token(1)}`, `B=${token(1)}`] } })).length, 2);
  });

  it('finds keys that are secrets', async () => {
    assert.equal((await found('m', { [token(1)]: { a: 1 } })).length, 1);
    assert.equal((await found('m', { [token(1)]: 'value' })).length, 1);
  });

  it('escapes names that strangers gave', async () => {
    const [place] = await found('m', { 'a\u001b[31m\n::b': token(1) });
    assert.doesNotMatch(place, /[\u0000-\u001f]|::/);
  });

  it('tells of rules that fail', async () => {
    const { sightings, skipped, documents } = await scanMetadata(
      [document('m', { a: token(1) })],
      smallRuleset({ ...tokenRule, ruleId: 'failing', throws: true }, tokenRule),
      defaultLimits,
    );
    assert.deepEqual([sightings.length, skipped, documents], [1, [{ reason: 'rule-failed', place: 'm.a', detail: 'rule failing: it threw' }], 1]);
  });
});
