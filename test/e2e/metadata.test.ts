// Secrets beside the files: config, history, annotations, attestations, legacy JSON, blobs that nothing references.
// Each place has a name, and one scan of an image that has them all answers for most.
import assert from 'node:assert/strict';
import { findingsOf, type JsonReport, scan } from '../support/cli.ts';
import {
  archive,
  attestation,
  blobMembers,
  classicArchive,
  docker25Archive,
  layerIdsOf,
  layout,
  legacyArchive,
  manifestDescriptor,
  type Member,
  ociLayout,
} from '../support/forms.ts';
import { assemble, blob, created, descriptorOf, hex, mediaTypes } from '../support/image.ts';
import * as planted from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const { githubToken } = planted;

function pointers(report: JsonReport, seed: string): string[] {
  const found = findingsOf(report, githubToken(seed));
  assert.notDeepEqual(found, [], `${seed} is lost`);
  return found.map((finding) => (finding.place.kind === 'metadata' ? finding.place.pointer : finding.place.kind));
}

/** The token of this seed stands at a place whose name matches. */
function assertAt(report: JsonReport, seed: string, pointer: string | RegExp): void {
  const all = pointers(report, seed);
  assert.ok(
    all.some((one) => (typeof pointer === 'string' ? one === pointer : pointer.test(one))),
    `${seed}: ${all.join(', ')}`,
  );
}

const base64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

function descriptorWithData(bytes: Buffer): Record<string, unknown> {
  return { digest: blob(bytes).digest, size: bytes.length, data: bytes.toString('base64') };
}

describe('metadata', function () {
  this.timeout(60_000);
  const files = scratch();

  describe('the config', () => {
    let report: JsonReport;
    const password = planted.password('from env');

    before(async () => {
      const image = assemble({
        layers: [
          { entries: [file('a', 'a')], createdBy: `RUN |2 TOKEN=${githubToken('buildkit arg')} REGION=eu /bin/sh -c make # buildkit` },
          { entries: [file('b', 'b')], createdBy: `|2 TOKEN=${githubToken('classic arg')} REGION=eu /bin/sh -c make` },
        ],
        config: {
          Env: ['PATH=/bin', `DB_PASSWORD=${password}`, `GITHUB_TOKEN=${githubToken('env')}`],
          Cmd: ['serve', `--token=${githubToken('cmd')}`],
          Entrypoint: ['/entry', githubToken('entrypoint')],
          Labels: { 'org.example.note': `see ${githubToken('label')}`, [githubToken('label key')]: 'x' },
          Healthcheck: { Test: ['CMD-SHELL', `curl -H 'Authorization: token ${githubToken('healthcheck')}' http://localhost`] },
          OnBuild: [`ENV T=${githubToken('onbuild')}`],
          Shell: ['/bin/sh', '-c', githubToken('shell')],
          User: githubToken('user'),
          WorkingDir: `/srv/${githubToken('workdir')}`,
          Volumes: { [`/v/${githubToken('volume')}`]: {} },
          ExposedPorts: { [`80/${githubToken('port')}`]: {} },
        },
        configFile: {
          author: `Dev ${githubToken('author')}`,
          container_config: { Env: [`T=${githubToken('container env')}`], Cmd: ['/bin/sh', '-c', `#(nop) ENV T=${githubToken('container cmd')}`] },
          'moby.buildkit.buildinfo.v1': base64({ frontend: 'dockerfile.v0', attrs: { 'build-arg:TOKEN': githubToken('buildinfo') } }),
          'moby.buildkit.cache.v0': base64({ layers: [], note: githubToken('buildkit cache') }),
          'com.example.vendor': { deep: [{ er: githubToken('vendor') }] },
        },
        emptyLayers: [{ before: 2, createdBy: `ENV GITHUB_TOKEN=${githubToken('history env')}` }],
      });
      const parsed = JSON.parse(image.config.bytes.toString()) as { history: object[] };
      parsed.history.push({
        created,
        created_by: 'CMD',
        comment: `c ${githubToken('comment')}`,
        author: githubToken('history author'),
        empty_layer: true,
      });
      const full = assemble({ ...image.plan, configFile: { ...image.plan.configFile, history: parsed.history } });
      ({ report } = await scan(files.file(archive(ociLayout(full)))));
    });

    const places: Record<string, string | RegExp> = {
      env: 'config.Env[2]',
      cmd: 'config.Cmd[1]',
      entrypoint: 'config.Entrypoint[1]',
      label: /^config\.Labels\b.*org\.example\.note/,
      'label key': /^config\.Labels\b/,
      healthcheck: 'config.Healthcheck.Test[1]',
      onbuild: 'config.OnBuild[0]',
      shell: 'config.Shell[2]',
      user: 'config.User',
      workdir: 'config.WorkingDir',
      volume: /^config\.Volumes\b/,
      port: /^config\.ExposedPorts\b/,
      author: 'author',
      'container env': 'container_config.Env[0]',
      'container cmd': 'container_config.Cmd[2]',
      buildinfo: /moby\.buildkit\.buildinfo\.v1/,
      'buildkit cache': /moby\.buildkit\.cache\.v0/,
      vendor: /com\.example\.vendor.*deep/,
      'buildkit arg': 'history[0].created_by',
      'classic arg': 'history[1].created_by',
      'history env': 'history[2].created_by',
      comment: 'history[3].comment',
      'history author': 'history[3].author',
    };
    for (const [seed, pointer] of Object.entries(places)) it(seed, () => assertAt(report, seed, pointer));

    it('a password in ENV, told by the name of its variable', () => {
      const found = findingsOf(report, password).map((finding) => finding.place);
      assert.deepEqual(
        found.map((place) => place.kind === 'metadata' && place.pointer),
        ['config.Env[1]'],
      );
    });

    it('nothing was left out', () => assert.deepEqual(report.skipped, []));
  });

  it('known public values are no findings', async () => {
    const image = assemble({
      layers: [{ entries: [file('a', 'a')], createdBy: 'ENV PYTHON_SHA256=a8b5f6b2bd8c9a5b0b9ef0a1cf2b0c7c25dd0a9a9ee2b15a6d09cf0c7f4a9a11' }],
      config: {
        Env: [
          'PATH=/usr/local/bin:/usr/bin:/bin',
          'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D',
          'PYTHON_VERSION=3.12.4',
          'NODE_VERSION=24.21.0',
          'YARN_VERSION=1.22.22',
          'PYTHON_SHA256=a8b5f6b2bd8c9a5b0b9ef0a1cf2b0c7c25dd0a9a9ee2b15a6d09cf0c7f4a9a11',
          'PASSWORD_FILE=/run/secrets/password',
          'DB_PASSWORD=',
          'API_TOKEN=changeme',
          'SECRET_KEY=${SECRET_KEY}',
        ],
      },
    });
    const { code, report } = await scan(files.file(archive(ociLayout(image))));
    assert.deepEqual(
      report.findings.map((finding) => [finding.ruleId, finding.place]),
      [],
    );
    assert.equal(code, 0);
  });

  describe('around the image', () => {
    let report: JsonReport;

    before(async () => {
      const image = assemble({
        layers: [{ entries: [file('a', 'a')], descriptor: { annotations: { note: githubToken('layer descriptor') } } }],
        annotations: { 'org.opencontainers.image.source': `https://${githubToken('manifest annotation')}@github.com/a/b` },
        manifest: { 'com.example': githubToken('manifest vendor key') },
      });
      const provenance = attestation(image, 'https://slsa.dev/provenance/v0.2', {
        invocation: {
          parameters: { args: { 'build-arg:TOKEN': githubToken('provenance argument') } },
          environment: { platform: 'linux/amd64', note: githubToken('provenance environment') },
        },
        metadata: {
          'https://mobyproject.org/buildkit@v1#metadata': {
            source: { infos: [{ filename: 'Dockerfile', data: base64(`FROM scratch\nENV T=${githubToken('dockerfile source')}\n`) }] },
          },
        },
      });
      const inline = Buffer.from(JSON.stringify({ note: githubToken('descriptor data') }));
      const artifact = blob({
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        artifactType: 'application/vnd.example',
        config: { mediaType: 'application/vnd.oci.empty.v1+json', ...descriptorWithData(inline) },
        layers: [],
        subject: descriptorOf(image.manifest, mediaTypes.manifest),
        annotations: { note: githubToken('referrer') },
      });
      const orphan = blob({ note: `lost ${githubToken('orphan json')}` });
      const orphanText = blob(`plain text ${githubToken('orphan text')}\n`);
      const orphanLayer = assemble({ layers: [{ entries: [file('srv/orphan', githubToken('orphan layer'))], compression: 'gzip' }] }).layers[0]!.blob;
      const index = {
        schemaVersion: 2,
        mediaType: mediaTypes.index,
        annotations: { note: githubToken('index annotation') },
        manifests: [
          manifestDescriptor(image, { 'org.opencontainers.image.ref.name': 'latest', note: githubToken('index descriptor') }),
          provenance.descriptor,
          descriptorOf(artifact, mediaTypes.manifest),
        ],
      };
      const blobs = [
        ...image.layers.map((layer) => layer.blob),
        image.config,
        image.manifest,
        ...provenance.blobs,
        artifact,
        blob(inline),
        orphan,
        orphanText,
        orphanLayer,
      ];
      ({ report } = await scan(files.file(archive(layout(index, blobs)))));
    });

    const places: Record<string, RegExp> = {
      'index annotation': /annotations.*note/,
      'index descriptor': /manifests\[0\]\.annotations.*note/,
      'manifest annotation': /annotations.*org\.opencontainers\.image\.source/,
      'manifest vendor key': /com\.example/,
      'layer descriptor': /layers\[0\]\.annotations.*note/,
      'descriptor data': /data|note/,
      referrer: /annotations.*note/,
      'provenance argument': /build-arg:(?:\\x3a)?TOKEN|args/,
      'provenance environment': /environment/,
      'dockerfile source': /source|infos/,
      'orphan json': /./,
      'orphan text': /./,
      'orphan layer': /./,
    };
    for (const [seed, pointer] of Object.entries(places)) it(seed, () => assertAt(report, seed, pointer));

    it('blobs that nothing references are unreachable', () => {
      for (const seed of ['orphan json', 'orphan text', 'orphan layer']) {
        assert.deepEqual(
          findingsOf(report, githubToken(seed)).map((finding) => finding.fate.kind),
          ['unreachable'],
          seed,
        );
      }
    });
  });

  it('the JSON files of a classic archive beside the config', async () => {
    const image = assemble({ tags: ['app:1'], layers: [{ entries: [file('a', 'a')] }], config: { Env: [`T=${githubToken('top layer')}`] } });
    const top = `${layerIdsOf(image)[0]}/json`;
    const members = classicArchive(image).map((member): Member =>
      member.name === top
        ? { name: top, bytes: Buffer.from(JSON.stringify({ id: layerIdsOf(image)[0], config: { Env: [`OTHER=${githubToken('legacy json')}`] } })) }
        : member,
    );
    const { report } = await scan(files.file(archive(members)));
    assertAt(report, 'top layer', 'config.Env[0]');
    assertAt(report, 'legacy json', /Env\[0\]/);
  });

  it('a legacy archive: each layer has a JSON of its own', async () => {
    const image = assemble({
      tags: ['app:1'],
      layers: [{ entries: [file('a', 'a')] }, { entries: [file('b', 'b')] }],
      config: { Env: [`T=${githubToken('legacy env')}`] },
    });
    const bottom = `${layerIdsOf(image)[0]}/json`;
    const members = legacyArchive(image).map((member): Member =>
      member.name === bottom
        ? {
            name: bottom,
            bytes: Buffer.from(
              JSON.stringify({ id: layerIdsOf(image)[0], container_config: { Cmd: ['/bin/sh', '-c', `export T=${githubToken('legacy cmd')}`] } }),
            ),
          }
        : member,
    );
    const { report } = await scan(files.file(archive(members)));
    assertAt(report, 'legacy env', /Env\[0\]/);
    assertAt(report, 'legacy cmd', /Cmd\[2\]/);
  });

  it('manifest.json and index.json that tell of different images: both are scanned, and the difference is told', async () => {
    const docker = assemble({ tags: ['app:1'], layers: [{ entries: [file('a', githubToken('for docker'))] }] });
    const containerd = assemble({ tags: ['app:1'], layers: [{ entries: [file('a', githubToken('for containerd'))] }] });
    const members = [
      ...docker25Archive(docker).filter((member) => member.name !== 'index.json'),
      ...ociLayout(containerd).filter((member) => member.name !== 'oci-layout'),
    ];
    const { report } = await scan(files.file(archive(members)));
    for (const seed of ['for docker', 'for containerd']) {
      assert.deepEqual(
        findingsOf(report, githubToken(seed)).map((finding) => finding.place.kind),
        ['file'],
        seed,
      );
    }
    assert.ok(
      report.notices.some((notice) => /manifest\.json/.test(notice.place + notice.detail) && /index\.json/.test(notice.place + notice.detail)),
      JSON.stringify(report.notices),
    );
  });

  it('keys in another case and twice are read as Go reads them, and told', async () => {
    const image = assemble({ tags: ['app:1'], layers: [{ entries: [file('a', githubToken('case layer'))] }] });
    const decoy = assemble({ layers: [{ entries: [file('a', 'decoy')] }] });
    const config = `{"architecture":"amd64","os":"linux","CONFIG":{"env":["T=${githubToken('case env')}"]},"rootfs":{"type":"layers","diff_ids":["${image.layers[0]!.tar.digest}"]},"history":[{"created_by":"first"}],"history":[{"created_by":"RUN T=${githubToken('second history')}"}]}`;
    const members: Member[] = [
      ...blobMembers(image.layers[0]!.blob, decoy.layers[0]!.blob).map((member) => ({ ...member, name: `${member.name.split('/').at(-1)}.tar` })),
      { name: 'config.json', bytes: Buffer.from(config) },
      {
        name: 'manifest.json',
        bytes: Buffer.from(
          `[{"config":"config.json","repotags":["app:1"],"Layers":["${hex(decoy.layers[0]!.blob.digest)}.tar"],"layers":["${hex(image.layers[0]!.blob.digest)}.tar"]}]`,
        ),
      },
    ];
    const { report } = await scan(files.file(archive(members)));
    assert.deepEqual(
      findingsOf(report, githubToken('case layer')).map((finding) => finding.place.kind),
      ['file'],
    );
    assertAt(report, 'case env', /env\[0\]/i);
    assertAt(report, 'second history', /history\[0\]\.created_by/i);
    assert.notDeepEqual(report.notices, []);
    assert.deepEqual(
      report.images.map((one) => one.tags),
      [['app:1']],
    );
  });

  it('the value of a duplicate key that loses is scanned as well', async () => {
    const image = assemble({ layers: [{ entries: [file('a', 'a')] }] });
    const config = Buffer.from(`{"author":"${githubToken('first author')}","author":"none",${image.config.bytes.toString().slice(1)}`);
    const manifest = blob({ ...(JSON.parse(image.manifest.bytes.toString()) as object), config: descriptorOf(blob(config), mediaTypes.config) });
    const index = { schemaVersion: 2, manifests: [descriptorOf(manifest, mediaTypes.manifest)] };
    const { report } = await scan(files.file(archive(layout(index, [manifest, blob(config), image.layers[0]!.blob]))));
    assertAt(report, 'first author', /./);
  });

  it('tags and file names of the archive', async () => {
    const image = assemble({ tags: [`app:${githubToken('tag')}`], layers: [{ entries: [file('a', 'a')] }] });
    const members = [
      ...classicArchive(image),
      { name: `notes-${githubToken('member name')}.txt`, bytes: Buffer.from(`see ${githubToken('loose member')}\n`) },
    ];
    const { report } = await scan(files.file(archive(members)));
    for (const seed of ['tag', 'loose member']) assert.notDeepEqual(findingsOf(report, githubToken(seed)), [], seed);
  });
});
