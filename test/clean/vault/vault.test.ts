import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { vaultMembers } from '../../../src/clean/vault/vault.ts';
import { digestOf } from '../../../src/model/digest.ts';
import { password } from '../../support/planted.ts';
import { contentOf, hostileNames, textOf, variable, vaultContents, vaultFile } from './sample-vault.ts';

const manifestOf = async (change: Parameters<typeof vaultContents>[0]) =>
  JSON.parse(textOf(await vaultMembers(vaultContents(change), []), 'manifest.json'));

describe('a vault', () => {
  it('has a manifest, instructions, scripts, bodies and values', async () => {
    const value = password('vault');
    const contents = vaultContents({
      files: [vaultFile('srv/.env', { text: value })],
      variables: [variable('TOKEN', value), variable('LINES', `${value}\n`)],
    });
    const members = await vaultMembers(contents, []);
    assert.deepEqual(
      members.map(({ name, mode }) => [name, mode.toString(8)]),
      [
        ['README.md', '600'],
        ['manifest.json', '600'],
        ['docker-run.sh', '700'],
        ['owners.sh', '700'],
        ['kubernetes.sh', '700'],
        ['compose.yaml', '600'],
        ['kubernetes.yaml', '600'],
        ['env', '600'],
        ['variables/TOKEN', '600'],
        ['variables/LINES', '600'],
        ['files/0001-.env', '600'],
      ],
    );
    const bodies = new Map<string, string>();
    for (const { name, content } of members) bodies.set(name, (await contentOf(content)).toString());
    assert.equal(bodies.get('env'), `TOKEN=${value}\n`);
    assert.equal(bodies.get('variables/LINES'), `${value}\n`);
    assert.deepEqual(
      [...bodies].filter(([, text]) => text.includes(value)).map(([name]) => name),
      ['env', 'variables/TOKEN', 'variables/LINES', 'files/0001-.env'],
    );
    assert.ok(!inspect(members, { depth: 9 }).includes(value), 'printing the members shows no value');
  });

  it('tells in its manifest what is where', async () => {
    const [old, clean, config, layer] = ['old', 'new', 'new config', 'layer'].map((name) => digestOf(Buffer.from(name)));
    const manifest = await manifestOf({
      files: [
        vaultFile('srv/.env', { text: 'A=1', treatment: 'redact' }),
        vaultFile('gone', { text: '', isVisible: false, layer: 0, mode: 0o104711 }),
      ],
      variables: [variable('A', '1'), variable('B', 'x\ny')],
    });
    const common = { uid: 1234, gid: 2345, mtime: 1_700_000_000, layerDigest: layer, images: [0] };
    assert.deepEqual(manifest, {
      format: 'unbake-vault',
      schemaVersion: 1,
      version: '1.2.3',
      encrypted: false,
      images: [{ name: 'registry.example/team/Web_App:clean', platform: 'linux/amd64', oldDigest: old, newDigest: clean, newConfigDigest: config }],
      files: [
        { file: 'files/0001-.env', path: '/srv/.env', mode: '0640', size: 3, layer: 2, treatment: 'redact', isMounted: true, ...common },
        { file: 'files/0002-gone', path: '/gone', mode: '4711', size: 0, layer: 0, treatment: 'drop', isMounted: false, ...common },
      ],
      variables: [
        { name: 'A', file: 'variables/A', isInEnvFile: true, images: [0] },
        { name: 'B', file: 'variables/B', isInEnvFile: false, images: [0] },
      ],
    });
  });

  it('keeps the bytes of every path', async () => {
    const paths = [
      ...hostileNames.map((name) => Buffer.from(name)),
      Buffer.from('ff/fe0a', 'latin1'),
      Buffer.from('\xff\xfe\x1b', 'latin1'),
      Buffer.from('c3', 'hex'),
    ];
    const { files } = await manifestOf({ files: paths.map((path) => vaultFile(path)) });
    const bytesOf = ({ path, pathBytes }: { path: string; pathBytes?: string }) =>
      pathBytes === undefined ? Buffer.from(path) : Buffer.from(pathBytes, 'base64');
    assert.deepEqual(
      files.map(bytesOf),
      paths.map((path) => Buffer.concat([Buffer.from('/'), path])),
    );
    assert.equal(files.at(-2).path, '/\\xff\\xfe\\x1b', 'shown as reports show it');
  });

  it('tells which of several files at one path belongs to which image', async () => {
    const images = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform) => ({ ...vaultContents().images[0]!, platform }));
    const { files } = await manifestOf({
      images,
      files: [vaultFile('key', { layer: 1, images: [0, 1] }), vaultFile('key', { layer: 5, images: [1, 2] })],
    });
    assert.deepEqual(
      files.map(({ file, isMounted, images }: { file: string; isMounted: boolean; images: number[] }) => [file, isMounted, images]),
      [
        ['files/0001-key', true, [0]],
        ['files/0001-key', false, [1]],
        ['files/0002-key', true, [1, 2]],
      ],
    );
  });

  it('names in an encrypted one the files that are there, and who can read them', async () => {
    const recipient = await identityToRecipient(await generateX25519Identity());
    const members = await vaultMembers(vaultContents({ files: [vaultFile('a')], variables: [variable('B', 'c')] }), [recipient]);
    const manifest = JSON.parse(textOf(members, 'manifest.json'));
    assert.deepEqual(manifest.encrypted, [recipient]);
    const names = members.map(({ name }) => name);
    for (const { file } of [...manifest.files, ...manifest.variables]) assert.ok(names.includes(file) && file.endsWith('.age'), file);
    assert.ok(!names.some((name) => /^(?:env|files|variables)/.test(name) && !name.endsWith('.age')));
  });

  it('is made of safe files whatever images hold', async () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 2 ** 53, NaN));
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...hostileNames));
    const file = fc.record({
      path: text,
      mode: number,
      uid: number,
      gid: number,
      mtime: number,
      layer: number,
      isVisible: fc.boolean(),
      images: fc.array(fc.nat(3)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(file),
        fc.array(fc.tuple(text, text, fc.array(fc.nat(3)))),
        fc.array(text, { maxLength: 3 }),
        async (files, variables, names) => {
          const contents = vaultContents({
            images: names.map((name) => ({ ...vaultContents().images[0]!, name, platform: name })),
            files: files.map(({ path, ...change }) => vaultFile(path, change)),
            variables: variables.map(([name, value, images]) => variable(name, value, images)),
          });
          const members = await vaultMembers(contents, []);
          const memberNames = members.map(({ name }) => name);
          for (const name of memberNames) assert.match(name, /^(?:(?:files|variables)\/[A-Za-z0-9_][A-Za-z0-9._-]*|[a-zA-Z-]+(?:\.[a-z]+)?)$/);
          assert.equal(new Set(memberNames.map((name) => name.toLowerCase())).size, memberNames.length);
          const steering = /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
          for (const { content, name } of members) if (typeof content === 'string') assert.doesNotMatch(content, steering, name);
        },
      ),
    );
  });
});
