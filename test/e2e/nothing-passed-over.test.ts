// Places that scanners tend to pass over: layers that look like a base image, folders that look like somebody else's, large files,
// layers that COPY and ADD did not make.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findingsOf, scan } from '../support/cli.ts';
import { gzipMember } from '../support/compressed.ts';
import { archive, docker25Archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const withWideWindow = (bytes: Buffer): Buffer =>
  spawnSync('zstd', ['-c', '-q', '--ultra', '-22', '--long=31'], { input: bytes, maxBuffer: 1 << 28 }).stdout;

describe('nothing is passed over', function () {
  this.timeout(60_000);
  const files = scratch();

  it('folders that look like those of a distribution, a package, a test or an example', async () => {
    const paths = [
      'usr/share/app/settings.ini',
      'usr/lib/python3/dist-packages/app/conf.py',
      'usr/local/go/src/app/main.go',
      'usr/bin/app',
      'var/lib/app/state.json',
      'var/log/app.log',
      'app/vendor/github.com/x/y.go',
      'app/node_modules/x/index.js',
      'app/test/fixtures/token.txt',
      'app/example/token.md',
      'app/.git/config',
      'app/.git/objects/ab/cd',
      'app/package-lock.json',
      'app/style.min.css',
      'app/logo.png',
      'app/archive.zip.txt',
      'app/README.md',
      'proc/self/environ',
      'dev/null',
      'tmp/x',
      'etc/ssl/certs/x.pem',
      'no-extension',
      '.dockerenv',
    ];
    const { report } = await scan(
      files.file(archive(ociLayout(assemble({ layers: [{ entries: paths.map((path) => file(path, `token: ${githubToken(path)}\n`)) }] })))),
    );
    const lost = paths.filter((path) => findingsOf(report, githubToken(path)).length !== 1);
    assert.deepEqual(lost, []);
  });

  it('layers before a CMD, which look like a base image, and those of RUN and of no instruction at all', async () => {
    const instructions = ['ADD rootfs.tar /', 'RUN make', 'COPY a /a', '', 'RUN make again'];
    const image = assemble({
      tags: ['app:1'],
      layers: instructions.map((createdBy, index) => ({ entries: [file(`srv/${index}`, githubToken(`layer ${index}`))], createdBy })),
      emptyLayers: [
        { before: 2, createdBy: 'CMD ["/bin/sh"]' },
        { before: 4, createdBy: 'ENTRYPOINT ["/srv/0"]' },
      ],
    });
    const { report } = await scan(files.file(archive(docker25Archive(image))));
    for (const index of instructions.keys()) {
      assert.deepEqual(
        findingsOf(report, githubToken(`layer ${index}`)).map((finding) => finding.layer?.index),
        [index],
      );
    }
  });

  it('one path with another secret in each of five layers', async () => {
    const layers = Array.from({ length: 5 }, (_, index) => ({ entries: [file('srv/token', githubToken(`version ${index}`))] }));
    const { report } = await scan(files.file(archive(ociLayout(assemble({ layers })))));
    for (const index of layers.keys()) {
      const fates = findingsOf(report, githubToken(`version ${index}`)).map((finding) => finding.fate);
      assert.deepEqual(
        fates.map((fate) => ('byLayer' in fate ? [fate.kind, fate.byLayer] : [fate.kind])),
        [index < 4 ? ['overwritten', index + 1] : ['visible']],
      );
    }
  });

  it('an empty layer twice, as docker has it, and a layer that stands in an image twice', async () => {
    const layer = { entries: [file('srv/token', githubToken('twice'))] };
    const { report } = await scan(
      files.file(archive(docker25Archive(assemble({ tags: ['app:1'], layers: [layer, { entries: [] }, { entries: [] }, layer] })))),
    );
    assert.deepEqual(
      findingsOf(report, githubToken('twice'))
        .map((finding) => [finding.layer?.index, finding.fate.kind])
        .toSorted(),
      [
        [0, 'overwritten'],
        [3, 'visible'],
      ],
    );
    assert.deepEqual(report.skipped, []);
  });

  it('a zstd layer with a window that is too large is named as not read', async function () {
    needs(this, 'zstd');
    const image = assemble({
      layers: [
        {
          entries: [file('srv/token', githubToken('wide window'))],
          compression: withWideWindow,
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
        },
      ],
    });
    const { code, report } = await scan(files.file(archive(ociLayout(image))));
    if (findingsOf(report, githubToken('wide window')).length > 0) return;
    assert.notDeepEqual(report.skipped, []);
    assert.equal(code, 4);
  });

  it('the header and the tail of a compressed archive', async () => {
    const clean = archive(ociLayout(assemble({ layers: [{ entries: [file('srv/a', 'nothing')] }] })));
    const plain = await scan(files.file(gzipMember(clean, { name: 'app.tar' })));
    assert.equal(plain.code, 0);
    assert.deepEqual(plain.report.skipped, []);
    const bytes = Buffer.concat([gzipMember(clean, { name: githubToken('in the name') }), Buffer.from(` ${githubToken('behind the end')} `)]);
    const { code, report } = await scan(files.file(bytes));
    assert.equal(code, 1);
    for (const seed of ['in the name', 'behind the end']) assert.equal(findingsOf(report, githubToken(seed)).length, 1, seed);
  });
});
