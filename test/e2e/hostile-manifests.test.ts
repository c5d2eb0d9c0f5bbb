// Manifests, indexes, links and tar headers that lie or that were made to hurt. The archives are built here.
import assert from 'node:assert/strict';
import { findingsOf } from '../support/cli.ts';
import { archive, classicArchive, docker25Archive, layout, type Member, skopeoArchive } from '../support/forms.ts';
import { assertFoundAndBroken, imageOf, scanCalmly, token } from '../support/hostile.ts';
import { assemble, blob, descriptorOf, hex, mediaTypes } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { entry, file, pax, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const dockerArchive = (manifest: unknown, ...members: readonly Member[]): Buffer =>
  archive([...members, { name: 'manifest.json', bytes: Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest)) }]);

describe('hostile archives', function () {
  this.timeout(60_000);
  const files = scratch();

  describe('manifests that lie', () => {
    const layer = imageOf().layers[0]!.blob;
    const config = imageOf().config;
    const parts: Member[] = [
      { name: 'config.json', bytes: config.bytes },
      { name: 'layer.tar', bytes: layer.bytes },
    ];

    it('../../etc/passwd as layer and as config', async () => {
      for (const path of ['../../etc/passwd', '/etc/passwd', '../'.repeat(30) + 'etc/passwd', 'layer.tar/../../../etc/passwd']) {
        const layers = await scanCalmly(files, dockerArchive([{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar', path] }], ...parts));
        assertFoundAndBroken(layers, /etc\/passwd/);
        const configs = await scanCalmly(files, dockerArchive([{ Config: path, RepoTags: null, Layers: ['layer.tar'] }], ...parts));
        assertFoundAndBroken(configs);
        for (const { stdout, stderr } of [layers, configs]) assert.doesNotMatch(stdout + stderr, /root:/);
      }
    });
    it('members that are links out of the archive', async () => {
      for (const target of ['/etc/passwd', '../../../../../etc/passwd', '../../../proc/self/environ']) {
        const told = await scanCalmly(
          files,
          dockerArchive([{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar', 'id/layer.tar'] }], ...parts, {
            name: 'id/layer.tar',
            symlinkTo: target,
          }),
        );
        assertFoundAndBroken(told);
        assert.doesNotMatch(told.stdout + told.stderr, /root:x/);
      }
    });
    it('links in a circle', async () => {
      const told = await scanCalmly(
        files,
        dockerArchive(
          [{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar', 'a/layer.tar', 'self'] }],
          ...parts,
          { name: 'a/layer.tar', symlinkTo: '../b/layer.tar' },
          { name: 'b/layer.tar', symlinkTo: '../a/layer.tar' },
          { name: 'self', symlinkTo: 'self' },
        ),
      );
      assertFoundAndBroken(told);
    });
    it('links in a long chain', async () => {
      const chain = Array.from({ length: 5000 }, (_, index): Member => ({
        name: `link${index}`,
        symlinkTo: index === 0 ? 'layer.tar' : `link${index - 1}`,
      }));
      const { code } = await scanCalmly(files, dockerArchive([{ Config: 'config.json', RepoTags: null, Layers: ['link4999'] }], ...parts, ...chain));
      assert.ok([1, 4].includes(code!), String(code));
    });
    it('fields of the wrong type', async () => {
      const wrong: unknown[] = [
        null,
        7,
        'text',
        [],
        {},
        [null],
        [7],
        [[]],
        [{}],
        [{ Config: 7, Layers: 'x' }],
        [{ Config: 'config.json', Layers: [null, 7, {}] }],
        [{ Config: {}, Layers: {} }],
        { Config: 'config.json', Layers: ['layer.tar'] },
      ];
      for (const manifest of wrong) {
        const { code } = await scanCalmly(files, dockerArchive(manifest, ...parts));
        assert.notEqual(code, 0, JSON.stringify(manifest));
      }
    });
    it('JSON that is broken, deep, or has keys like __proto__', async () => {
      const ok = JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }]);
      for (const manifest of ['', '[', '[{"Config": "config.json", "Layers": ["layer.tar"]', '\0\0', '\ufeff' + ok]) {
        const { code } = await scanCalmly(files, dockerArchive(manifest, ...parts));
        assert.ok([1, 3, 4].includes(code!), `${manifest}: ${code}`);
      }
      const deep = `[{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"],"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}]`;
      assert.ok([1, 3].includes((await scanCalmly(files, dockerArchive(deep, ...parts))).code!));
      const proto = `[{"__proto__":{"Layers":["nothing"],"polluted":"${githubToken('proto')}"},"constructor":{"prototype":{"x":1}},"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]`;
      const told = await scanCalmly(files, dockerArchive(proto, ...parts));
      assert.equal(told.code, 1);
      assert.notDeepEqual(findingsOf(told.report!, token), []);
    });
    it('a config that is deep, or has a key __proto__ with a secret in it', async () => {
      const base = JSON.parse(config.bytes.toString()) as object;
      const deep = `{"x":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},${JSON.stringify(base).slice(1)}`;
      const proto = `{"__proto__":{"config":{"Env":["T=${githubToken('proto config')}"]}},${JSON.stringify(base).slice(1)}`;
      for (const text of [deep, proto]) {
        const told = await scanCalmly(
          files,
          dockerArchive(
            [{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }],
            { name: 'config.json', bytes: Buffer.from(text) },
            parts[1]!,
          ),
        );
        assert.ok(told.report, told.stderr);
        assert.notDeepEqual(findingsOf(told.report, token), []);
        if (text === proto) assert.notDeepEqual(findingsOf(told.report, githubToken('proto config')), []);
      }
    });
    it('20 MB of manifest', async () => {
      const tags = Array.from({ length: 500_000 }, (_, index) => `repository/name:${String(index).padStart(24, '0')}`);
      const told = await scanCalmly(files, dockerArchive([{ Config: 'config.json', RepoTags: tags, Layers: ['layer.tar'] }], ...parts));
      assert.ok([1, 3].includes(told.code!), String(told.code));
    });
    it('20,000 layers that are all the same blob', async () => {
      const told = await scanCalmly(
        files,
        dockerArchive([{ Config: 'config.json', RepoTags: null, Layers: Array.from({ length: 20_000 }, () => 'layer.tar') }], ...parts),
      );
      assert.ok([1, 3].includes(told.code!), String(told.code));
    });
    it('an index that contains itself', async () => {
      // Its digest cannot be right, so the name is that of another blob: what matters is that the walk ends.
      const name = blob('loop').digest;
      const image = imageOf();
      const index = {
        schemaVersion: 2,
        mediaType: mediaTypes.index,
        manifests: [{ mediaType: mediaTypes.index, digest: name, size: 500 }, { ...descriptorOf(image.manifest, mediaTypes.manifest) }],
      };
      const members: Member[] = [
        ...layout(index, [image.manifest, image.config, image.layers[0]!.blob]),
        { name: `blobs/sha256/${hex(name)}`, bytes: Buffer.from(JSON.stringify(index)) },
      ];
      const told = await scanCalmly(files, archive(members));
      assertFoundAndBroken(told);
    });
    it('indexes in each other, a hundred deep, and a thousand wide', async () => {
      const image = imageOf();
      let deepest = descriptorOf(image.manifest, mediaTypes.manifest);
      const blobs = [image.manifest, image.config, image.layers[0]!.blob];
      for (let depth = 0; depth < 100; depth++) {
        const index = blob({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [deepest] });
        blobs.push(index);
        deepest = descriptorOf(index, mediaTypes.index);
      }
      const deep = await scanCalmly(files, archive(layout({ schemaVersion: 2, manifests: [deepest] }, blobs)));
      assert.ok([1, 3, 4].includes(deep.code!), String(deep.code));
      const wide = await scanCalmly(
        files,
        archive(
          layout({ schemaVersion: 2, manifests: Array.from({ length: 1000 }, () => descriptorOf(image.manifest, mediaTypes.manifest)) }, blobs),
        ),
      );
      assert.notDeepEqual(findingsOf(wide.report!, token), []);
    });
    it('indexes that double at each of thirty levels', async () => {
      const image = imageOf();
      let next = descriptorOf(image.manifest, mediaTypes.manifest);
      const blobs = [image.manifest, image.config, image.layers[0]!.blob];
      for (let level = 0; level < 30; level++) {
        const index = blob({ schemaVersion: 2, mediaType: mediaTypes.index, level, manifests: [next, next] });
        blobs.push(index);
        next = descriptorOf(index, mediaTypes.index);
      }
      const { code } = await scanCalmly(files, archive(layout({ schemaVersion: 2, manifests: [next] }, blobs)));
      assert.ok([1, 3, 4].includes(code!), String(code));
    });
    it('two members of the same name: what docker would load is scanned, and so is the other', async () => {
      const decoy = assemble({ layers: [{ entries: [file('srv/decoy', githubToken('decoy'))] }] }).layers[0]!.blob;
      const { code, report } = await scanCalmly(
        files,
        dockerArchive(
          [{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }],
          parts[0]!,
          { name: 'layer.tar', bytes: decoy.bytes },
          parts[1]!,
        ),
      );
      assert.equal(code, 1);
      for (const secret of [token, githubToken('decoy')]) assert.notDeepEqual(findingsOf(report!, secret), []);
    });
  });

  describe('archives of odd tar', () => {
    it('members with a negative or huge size', async () => {
      const good = archive(skopeoArchive(imageOf())).subarray(0, -1024);
      for (const size of [-512, 2n ** 62n, Buffer.from('zzzzzzzzzzz\0')]) {
        const { code } = await scanCalmly(files, Buffer.concat([good, entry({ name: 'odd', size }), tar()]));
        assert.ok([1, 4].includes(code!), `${String(size)}: exit code ${code}`);
      }
    });
    it('members with names as PAX records, and records that are malformed', async () => {
      const members = docker25Archive(imageOf());
      const withPax = Buffer.concat([
        ...members.flatMap((member) =>
          'bytes' in member
            ? [
                pax([
                  ['path', member.name],
                  ['mtime', '1.5'],
                ]),
                file('short', member.bytes),
              ]
            : [],
        ),
        Buffer.alloc(1024),
      ]);
      const { code, report } = await scanCalmly(files, withPax);
      assert.equal(code, 1);
      assert.notDeepEqual(findingsOf(report!, token), []);
    });
    it('100,000 empty members before the manifest', async () => {
      const empty = Buffer.concat(Array.from({ length: 100_000 }, (_, index) => file(`m/${index}`, '')));
      const { code, report } = await scanCalmly(files, Buffer.concat([empty, archive(classicArchive(imageOf()))]));
      assert.equal(code, 1);
      assert.notDeepEqual(findingsOf(report!, token), []);
    });
  });
});
