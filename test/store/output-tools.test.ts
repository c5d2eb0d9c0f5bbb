// What others make of the images that we write: skopeo, umoci, podman and buildah, each with folders of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OutputTarget, stageOutput } from '../../src/store/output.ts';
import { assemble, type BuiltImage } from '../support/image.ts';
import { configsAt, contentsOf } from '../support/output.ts';
import { directory, file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

function imageNamed(tag: string, mark: string): BuiltImage {
  return assemble({
    tags: [tag],
    config: { Cmd: ['/bin/true'], Env: ['A=b'] },
    layers: [
      { entries: [directory('srv/'), file('srv/mark', mark)], compression: 'gzip' },
      { entries: [directory('srv/'), file('srv/other', `not ${mark}`)] },
      { entries: [directory('etc/'), file('etc/third', mark)], compression: 'zstd' },
    ],
  });
}
const image = imageNamed('example.com/app:v1', 'one');
const second = imageNamed('example.com/app:v2', 'two');

describe('images that we wrote', function () {
  this.timeout(180_000);
  const files = scratch();
  const references: Record<string, string> = {};

  before(async () => {
    const write = async (name: string, target: OutputTarget, reference: string) => {
      await (await stageOutput(target, contentsOf(image, second))).commit();
      references[name] = reference;
    };
    const at = (name: string) => join(files.folder, name);
    await write('docker.tar', { kind: 'docker-archive', path: at('docker.tar'), compression: 'none' }, 'docker-archive:docker.tar');
    await write('oci.tar', { kind: 'oci-archive', path: at('oci.tar'), compression: 'none' }, 'oci-archive:oci.tar');
    await write('oci.tar.gz', { kind: 'oci-archive', path: at('oci.tar.gz'), compression: 'gzip' }, 'oci-archive:oci.tar.gz');
    await write('layout', { kind: 'oci', path: at('layout') }, 'oci:layout');
  });

  // skopeo 1.9 and podman 4.3 read no docker-archive that is compressed as a whole, their own neither.
  const forms = ['docker.tar', 'oci.tar', 'oci.tar.gz', 'layout'] as const;
  const tagFor = (form: string) => (form.startsWith('docker') ? 'example.com/app:v1' : 'v1');

  describe('skopeo', () => {
    before(function () {
      needs(this, 'skopeo');
    });
    const skopeo = (...args: readonly string[]): string => tool('skopeo', ['--insecure-policy', ...args], { cwd: files.folder });

    for (const form of forms) {
      it(`inspects and copies ${form}`, async () => {
        const reference = `${references[form]}:${tagFor(form)}`;
        const config = JSON.parse(skopeo('inspect', '--config', reference)) as { rootfs: { diff_ids: string[] } };
        assert.deepEqual(
          config.rootfs.diff_ids,
          image.layers.map(({ tar }) => tar.digest),
        );
        const { Layers: layers } = JSON.parse(skopeo('inspect', reference)) as { Layers: string[] };
        assert.equal(layers.length, 3);
        if (!form.startsWith('docker')) {
          assert.deepEqual(
            layers,
            image.layers.map(({ blob }) => blob.digest),
          );
          assert.equal(skopeo('inspect', '--raw', reference), image.manifest.bytes.toString());
        }
        // Every blob is read and compared on the way.
        const copy = join(files.newFolder(), 'copy');
        skopeo('copy', '-q', reference, `oci:${copy}:copied`);
        const [digest] = await configsAt(`oci:${copy}:copied`);
        if (!form.startsWith('docker')) assert.equal(digest, image.config.digest);
      });
    }

    it('finds the second image by its name', () => {
      for (const form of forms) {
        const raw = skopeo('inspect', '--config', '--raw', `${references[form]}:${tagFor(form).replace('v1', 'v2')}`);
        assert.equal(raw, second.config.bytes.toString(), form);
      }
    });

    it('writes another image into the layout that we wrote, and we into its', async () => {
      const path = join(files.newFolder(), 'layout');
      skopeo('copy', '-q', `${references['layout']}:v1`, `oci:${path}:theirs`);
      await (await stageOutput({ kind: 'oci', path }, contentsOf(second))).commit();
      skopeo('copy', '-q', `${references['layout']}:v1`, `oci:${path}:more`);
      for (const [tag, { config }] of [
        ['v2', second],
        ['theirs', image],
        ['more', image],
      ] as const) {
        assert.equal(skopeo('inspect', '--config', '--raw', `oci:${path}:${tag}`), config.bytes.toString(), tag);
      }
      assert.equal(skopeo('inspect', '--raw', `oci:${path}:v2`), second.manifest.bytes.toString());
    });
  });

  describe('umoci', () => {
    before(function () {
      needs(this, 'umoci');
      if (process.getuid!() !== 0) skip(this, 'umoci unpack keeps owners as root only');
    });

    it('lists, unpacks, and collects no garbage', async () => {
      const path = join(files.newFolder(), 'layout');
      // umoci 0.4 reads no zstd.
      const plain = assemble({ ...image.plan, layers: image.plan.layers.slice(0, 2) });
      await (await stageOutput({ kind: 'oci', path }, contentsOf(plain))).commit();
      assert.equal(tool('umoci', ['ls', '--layout', path]), 'v1');
      const bundle = join(files.newFolder(), 'bundle');
      tool('umoci', ['unpack', '--image', `${path}:v1`, bundle]);
      assert.equal(readFileSync(join(bundle, 'rootfs/srv/mark'), 'utf8'), 'one');
      assert.equal(readFileSync(join(bundle, 'rootfs/srv/other'), 'utf8'), 'not one');
      tool('umoci', ['gc', '--layout', path]);
      assert.deepEqual(await configsAt(path), [plain.config.digest]);
    });
  });

  for (const program of ['podman', 'buildah'] as const) {
    describe(program, () => {
      let options: string[];
      before(function () {
        needs(this, program);
        if (process.getuid!() !== 0) skip(this, `${program} without root needs a machine that is set up for it`);
        const folder = files.newFolder();
        options = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
      });

      for (const form of forms) {
        it(`loads ${form}`, () => {
          const run = (...args: readonly string[]): string => tool(program, [...options, ...args], { cwd: files.folder });
          const reference = `${references[form]}:${tagFor(form)}`;
          const id = run('pull', '-q', reference).split('\n').at(-1)!;
          const said = run(
            'inspect',
            '--format',
            program === 'podman' ? '{{.Config.Env}}' : '{{.OCIv1.Config.Env}}',
            ...(program === 'buildah' ? ['--type', 'image'] : []),
            id,
          );
          assert.match(said, /A=b/);
          run('rmi', '-f', id);
        });
      }

      if (program === 'podman') {
        it('loads both images of one archive, also from standard input', () => {
          const path = join(files.folder, 'docker.tar');
          for (const [args, input] of [
            [['-i', path], undefined],
            [[], readFileSync(path)],
          ] as const) {
            tool('podman', [...options, 'load', '-q', ...args], input === undefined ? {} : { input });
            const names = tool('podman', [...options, 'images', '--format', '{{.Repository}}:{{.Tag}}'])
              .split('\n')
              .sort();
            assert.deepEqual(names, ['example.com/app:v1', 'example.com/app:v2']);
            tool('podman', [...options, 'rmi', '-f', ...names]);
          }
        });
      }
    });
  }
});
