// What later layers make of a file: whiteouts, opaque directories, replaced directories, hard links (image-spec, layer.md).
// Whatever the fate, the secret is in the image and is reported.
import assert from 'node:assert/strict';
import { findingsOf, inWords, scan, told, type JsonReport } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble, type LayerPlan } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { directory, file, gnuLongLink, hardlink, opaque, pax, symlink, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const a = githubToken('a');
const b = githubToken('b');
const c = githubToken('c');
const secrets = { a, b, c };

/** Every name under which the report tells of the secret, with its fate there. */
function nameFates(report: JsonReport, secret: string): string[] {
  return findingsOf(report, secret)
    .flatMap((finding) => [
      ...(finding.place.kind === 'file' ? [`${finding.place.path} ${inWords(finding.fate)}`] : []),
      ...finding.alsoAt.map((other) => `${other.path} ${inWords(other.fate)}`),
    ])
    .toSorted();
}

describe('fate', function () {
  this.timeout(60_000);
  const files = scratch();

  async function reportOf(...layers: readonly Buffer[][]): Promise<JsonReport> {
    return reportOfLayers(layers.map((entries, index) => ({ entries, createdBy: `step ${index}` })));
  }

  async function reportOfLayers(layers: readonly LayerPlan[]): Promise<JsonReport> {
    const { code, report } = await scan(files.file(archive(ociLayout(assemble({ layers })))));
    assert.equal(code, 1);
    assert.deepEqual(report.skipped, []);
    return report;
  }

  async function fates(...layers: readonly Buffer[][]): Promise<Record<string, string[]>> {
    const all = told(await reportOf(...layers), secrets);
    return Object.fromEntries(Object.entries(all).filter(([, lines]) => lines.length > 0));
  }

  it('a file that nothing touches is visible', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [file('srv/y', 'y')]), { a: ['0 /srv/x:1 visible'] });
  });

  it('a whiteout deletes the file of a lower layer, and tells the instruction', async () => {
    const report = await reportOf([file('srv/x', a)], [file('srv/y', 'y')], [whiteout('srv/x')]);
    assert.deepEqual(told(report, { a }), { a: ['0 /srv/x:1 deleted by 2'] });
    assert.deepEqual(
      findingsOf(report, a).map((finding) => [finding.createdBy, finding.fate]),
      [['step 0', { kind: 'deleted', byLayer: 2, byInstruction: 'step 2' }]],
    );
  });

  it('a whiteout of a directory deletes everything below it, and nothing beside it', async () => {
    const lower = [directory('srv/'), directory('srv/app/'), file('srv/app/deep/x', a), file('srv/application', b), file('srv/app.txt', c)];
    assert.deepEqual(await fates(lower, [whiteout('srv/app')]), {
      a: ['0 /srv/app/deep/x:1 deleted by 1'],
      b: ['0 /srv/application:1 visible'],
      c: ['0 /srv/app.txt:1 visible'],
    });
  });

  it('the first whiteout counts, a second changes nothing', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [whiteout('srv/x')], [whiteout('srv')]), { a: ['0 /srv/x:1 deleted by 1'] });
  });

  it('a later file of the same path overwrites, however the path is spelled', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [file('./srv//x', b)], [file('/srv/x', c)]), {
      a: ['0 /srv/x:1 overwritten by 1'],
      b: ['1 /srv/x:1 overwritten by 2'],
      c: ['2 /srv/x:1 visible'],
    });
  });

  it('a whiteout spelled with ./ or / counts as well', async () => {
    assert.deepEqual(await fates([file('x', a), file('srv/y', b)], [file('./.wh.x', ''), file('/srv/.wh.y', '')]), {
      a: ['0 /x:1 deleted by 1'],
      b: ['0 /srv/y:1 deleted by 1'],
    });
  });

  it('deleted, then added again: each file has its own fate', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [whiteout('srv/x')], [file('srv/x', b)]), {
      a: ['0 /srv/x:1 deleted by 1'],
      b: ['2 /srv/x:1 visible'],
    });
  });

  it('the same secret added again with the file is two findings', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [whiteout('srv/x')], [file('srv/x', a)]), {
      a: ['0 /srv/x:1 deleted by 1', '2 /srv/x:1 visible'],
    });
  });

  for (const [order, entries] of [
    ['before', [whiteout('srv/x'), file('srv/x', b)]],
    ['after', [file('srv/x', b), whiteout('srv/x')]],
  ] as const) {
    it(`a whiteout ${order} a new file of the same name in one layer is about lower layers only`, async () => {
      const report = await reportOf([file('srv/x', a)], [...entries]);
      assert.deepEqual(told(report, { b }), { b: ['1 /srv/x:1 visible'] });
      assert.match(told(report, { a })['a']!.join(), /^0 \/srv\/x:1 (?:deleted|overwritten) by 1$/);
    });
  }

  it('a whiteout in the layer of the file itself does not delete it', async () => {
    assert.deepEqual(await fates([file('srv/x', a), whiteout('srv/x')]), { a: ['0 /srv/x:1 visible'] });
  });

  it('the same path twice in one layer: the later entry overwrites', async () => {
    assert.deepEqual(await fates([file('srv/x', a), file('srv/x', b)]), { a: ['0 /srv/x:1 overwritten by 0'], b: ['0 /srv/x:1 visible'] });
  });

  for (const [order, entries] of [
    ['before', [directory('srv/'), opaque('srv'), file('srv/new', b)]],
    ['after', [directory('srv/'), file('srv/new', b), opaque('srv')]],
  ] as const) {
    it(`an opaque marker ${order} its siblings hides lower layers only`, async () => {
      assert.deepEqual(await fates([file('srv/x', a), file('srv/deep/er/y', c)], [...entries]), {
        a: ['0 /srv/x:1 hidden by 1'],
        b: ['1 /srv/new:1 visible'],
        c: ['0 /srv/deep/er/y:1 hidden by 1'],
      });
    });
  }

  it('an opaque root hides all lower layers', async () => {
    assert.deepEqual(await fates([file('x', a)], [file('srv/y', b)], [file('.wh..wh..opq', '')]), {
      a: ['0 /x:1 hidden by 2'],
      b: ['1 /srv/y:1 hidden by 2'],
    });
  });

  it('a file or a symbolic link in the place of a directory hides all below it', async () => {
    for (const replacement of [file('srv', 'now a file'), symlink('srv', '/opt')]) {
      assert.deepEqual(await fates([directory('srv/'), file('srv/x', a)], [replacement]), { a: ['0 /srv/x:1 hidden by 1'] });
    }
  });

  it('a directory over a directory merges', async () => {
    assert.deepEqual(await fates([directory('srv/'), file('srv/x', a)], [directory('srv/', { mode: 0o700 }), file('srv/y', b)]), {
      a: ['0 /srv/x:1 visible'],
      b: ['1 /srv/y:1 visible'],
    });
  });

  it('a directory or a link in the place of a file overwrites it', async () => {
    for (const replacement of [directory('srv/x/'), symlink('srv/x', 'y')]) {
      assert.deepEqual(await fates([file('srv/x', a)], [replacement]), { a: ['0 /srv/x:1 overwritten by 1'] });
    }
  });

  it('names that merely contain .wh. or wh delete nothing', async () => {
    const upper = ['srv/foo.wh.bar', 'srv/.whl', 'srv/x.whl', 'srv/awhx', 'usr/bin/somewhere', 'srv/.why', 'srv/ .wh.x', 'srv/wh.x'].map((name) =>
      file(name, 'ordinary'),
    );
    assert.deepEqual(await fates([file('srv/x', a), file('srv/bar', b), file('bin/somewhere', c)], upper), {
      a: ['0 /srv/x:1 visible'],
      b: ['0 /srv/bar:1 visible'],
      c: ['0 /bin/somewhere:1 visible'],
    });
  });

  it('a file whose name contains .wh. is read like any other', async () => {
    assert.deepEqual(await fates([file('srv/foo.wh.bar', a), file('srv/package.whl', b), file('usr/bin/somewhere', c)]), {
      a: ['0 /srv/foo.wh.bar:1 visible'],
      b: ['0 /srv/package.whl:1 visible'],
      c: ['0 /usr/bin/somewhere:1 visible'],
    });
  });

  it('the body of a whiteout and the metadata of aufs are read, and delete nothing', async () => {
    const report = await reportOf(
      [file('srv/x', a), file('plnk', b)],
      [
        file('.wh..wh.plnk/123.456', githubToken('plink')),
        file('.wh..wh.aufs', githubToken('aufs')),
        file('srv/.wh.gone', githubToken('whiteout body')),
      ],
    );
    assert.deepEqual(told(report, { a, b }), { a: ['0 /srv/x:1 visible'], b: ['0 /plnk:1 visible'] });
    for (const seed of ['plink', 'aufs', 'whiteout body']) assert.notDeepEqual(findingsOf(report, githubToken(seed)), [], seed);
  });

  it('a whiteout of something that is not there deletes nothing', async () => {
    assert.deepEqual(await fates([file('srv/x', a)], [whiteout('srv/y'), whiteout('opt/x'), opaque('opt')]), { a: ['0 /srv/x:1 visible'] });
  });

  describe('hard links', () => {
    it('of one layer: one finding with every name', async () => {
      const report = await reportOf([file('srv/x', a), hardlink('srv/y', 'srv/x'), hardlink('srv/z', './srv/y')]);
      assert.deepEqual(nameFates(report, a), ['/srv/x visible', '/srv/y visible', '/srv/z visible']);
      assert.equal(findingsOf(report, a).length, 1);
    });

    it('the file is deleted, its other name is not', async () => {
      const report = await reportOf([file('srv/x', a), hardlink('srv/y', 'srv/x')], [whiteout('srv/x')]);
      assert.deepEqual(nameFates(report, a), ['/srv/x deleted by 1', '/srv/y visible']);
    });

    it('into a lower layer: the secret is still reachable when its first name is deleted', async () => {
      const report = await reportOf([file('srv/x', a)], [hardlink('opt/y', 'srv/x')], [whiteout('srv/x')]);
      assert.deepEqual(nameFates(report, a), ['/opt/y visible', '/srv/x deleted by 2']);
    });

    it('whose long target is told in a PAX or GNU header', async () => {
      const target = `srv/${'d'.repeat(150)}/x`;
      const report = await reportOf([
        pax([['path', target]]),
        file('cut', a),
        pax([['linkpath', target]]),
        hardlink('srv/y', 'cut'),
        gnuLongLink(target),
        hardlink('srv/z', 'cut', { magic: 'gnu' }),
      ]);
      assert.deepEqual(nameFates(report, a), [`/${target} visible`, '/srv/y visible', '/srv/z visible']);
    });

    it('that stand before their target in the layer', async () => {
      const report = await reportOf([hardlink('srv/y', 'srv/x'), file('srv/x', a)]);
      assert.ok(nameFates(report, a).includes('/srv/x visible'));
    });

    it('in a circle and to nowhere end the scan calmly', async () => {
      const report = await reportOf([
        hardlink('p', 'q'),
        hardlink('q', 'p'),
        hardlink('self', 'self'),
        hardlink('lost', 'nowhere'),
        file('srv/x', a),
      ]);
      assert.deepEqual(nameFates(report, a), ['/srv/x visible']);
    });
  });

  describe('symbolic links', () => {
    it('are no content: a link to the file is no second place', async () => {
      assert.deepEqual(await fates([file('srv/x', a), symlink('srv/y', 'x')]), { a: ['0 /srv/x:1 visible'] });
    });
  });

  describe('the instruction', () => {
    it('counts only instructions that made a layer', async () => {
      const image = assemble({
        layers: [
          { entries: [file('x', a)], createdBy: 'ADD rootfs' },
          { entries: [file('y', b)], createdBy: 'COPY y /y' },
          { entries: [whiteout('x')], createdBy: 'RUN rm /x' },
        ],
        emptyLayers: [
          { before: 0, createdBy: 'ARG X' },
          { before: 1, createdBy: 'ENV A=b' },
          { before: 2, createdBy: 'WORKDIR /' },
          { before: 3, createdBy: 'CMD ["x"]' },
        ],
      });
      const { report } = await scan(files.file(archive(ociLayout(image))));
      assert.deepEqual(
        findingsOf(report, a).map((finding) => [finding.createdBy, finding.fate]),
        [['ADD rootfs', { kind: 'deleted', byLayer: 2, byInstruction: 'RUN rm /x' }]],
      );
      assert.deepEqual(
        findingsOf(report, b).map((finding) => finding.createdBy),
        ['COPY y /y'],
      );
      assert.deepEqual(
        report.images[0]!.layers.map((layer) => layer.createdBy),
        ['ADD rootfs', 'COPY y /y', 'RUN rm /x'],
      );
    });

    it('is unknown when history and layers do not agree in number', async () => {
      for (const history of [[], [{ created_by: 'one' }], [{ created_by: 'one' }, { created_by: 'two' }, { created_by: 'three' }]]) {
        const image = assemble({ layers: [{ entries: [file('x', a)] }, { entries: [file('y', b)] }], configFile: { history } });
        const { report } = await scan(files.file(archive(ociLayout(image))));
        assert.deepEqual(
          [...findingsOf(report, a), ...findingsOf(report, b)].map((finding) => finding.createdBy),
          [undefined, undefined],
        );
      }
    });

    it('names layer, digest and diffId', async () => {
      const image = assemble({ layers: [{ entries: [file('x', 'x')] }, { entries: [file('y', b)], compression: 'gzip' }] });
      const { report } = await scan(files.file(archive(ociLayout(image))));
      const built = image.layers[1]!;
      assert.deepEqual(
        findingsOf(report, b).map((finding) => finding.layer),
        [{ index: 1, digest: built.blob.digest, diffId: built.tar.digest }],
      );
    });
  });

  describe('inherited', () => {
    const baseLayer = { entries: [file('etc/base', a)], createdBy: 'base' };
    const ownLayer = { entries: [file('srv/own', b)], createdBy: 'own' };

    it('is undefined when the base image is not known', async () => {
      const report = await reportOfLayers([baseLayer, ownLayer]);
      assert.deepEqual(
        [...findingsOf(report, a), ...findingsOf(report, b)].map((finding) => finding.inherited),
        [undefined, undefined],
      );
    });

    it('is told with --base', async () => {
      const base = files.file(archive(ociLayout(assemble({ layers: [baseLayer] }))));
      const own = files.file(archive(ociLayout(assemble({ layers: [baseLayer, ownLayer] }))));
      const { code, report } = await scan(own, ['--base', base]);
      assert.deepEqual(
        findingsOf(report, a).map((finding) => finding.inherited),
        [true],
      );
      assert.deepEqual(
        findingsOf(report, b).map((finding) => finding.inherited),
        [false],
      );
      assert.equal(code, 1);
    });
  });
});
