// The local store as its commands show it: what is loaded is listed, saved for other tools, and removed when nothing needs it.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import { archive, docker25Archive } from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { webApp, webAppArchive } from '../support/web-app.ts';
import { program } from '../support/program.ts';

interface Listed {
  readonly names: readonly string[];
  readonly manifestDigest: string;
  readonly configDigest: string;
  readonly size: number;
  readonly layers: readonly { readonly digest: string; readonly diffId: string }[];
  readonly sharedLayers: number;
  readonly cleanedFrom?: string;
}

describe('the images of the local store', () => {
  const files = scratch();
  let machine: Machine;
  let dirty: string;
  before(function () {
    needsContainers(this);
    dirty = webAppArchive(files);
  });
  // Each test has a store of its own.
  beforeEach(() => {
    machine = new Machine(files.newFolder());
  });
  afterEach(async () => {
    await machine.removeAll();
    await machine.assertNothingLeft();
  });

  const listed = async (of = machine) =>
    (await of.output(['images', '--format', 'json']))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Listed);
  const blobs = () => readdirSync(join(machine.root, 'images/blobs/sha256')).toSorted();
  const short = (digest: string) => digest.slice(7, 19);

  it('an empty store is a heading; a loaded image is a line, with the layers that it shares and what it was cleaned from', async () => {
    assert.equal(await machine.output(['images']), 'REPOSITORY   TAG   IMAGE ID   CREATED   SIZE   LAYERS   SHARED   CLEANED FROM');
    assert.equal(await machine.output(['load', dirty]), 'Loaded image: web:1');
    const [{ configDigest: dirtyId, manifestDigest: dirtyManifest }] = await listed();
    const clean = join(files.newFolder(), 'clean.tar');
    await machine.output(['clean', dirty, '-o', clean]);
    const lone = files.file(archive(docker25Archive(webApp({}, { tags: [] }))));
    assert.equal(await machine.output(['load', clean]), 'Loaded image: web:1', 'the name goes to the newer one');
    assert.match(await machine.output(['load', '--tag', 'kept:2', lone]), /^Loaded image: kept:2$/);

    const cleaned = (await listed()).find(({ names }) => names.includes('web:1'))!;
    assert.deepEqual([cleaned.cleanedFrom, cleaned.sharedLayers, cleaned.layers.length], [dirtyManifest, 1, 2]);
    const table = await machine.output(['images']);
    assert.match(table, new RegExp(`^kept +2 +${short(dirtyId)} .* ago +1\\.\\d+MB +2 +1 +-$`, 'm'));
    // The source by the ID that stands in its own line, and its name.
    assert.match(table, new RegExp(`^web +1 +${short(cleaned.configDigest)} .* ago +1\\.\\d+MB +2 +1 +${short(dirtyId)} \\(kept:2\\)$`, 'm'));
    assert.match(await machine.output(['images', '--digests', '--no-trunc']), new RegExp(`${cleaned.manifestDigest} .*${cleaned.configDigest}`));
    assert.deepEqual((await machine.output(['images', '-q'])).split('\n').toSorted(), [short(cleaned.configDigest), short(dirtyId)].toSorted());
    await machine.output(['rmi', 'kept:2']);
    assert.match(await machine.output(['images']), new RegExp(` ${short(dirtyManifest)}$`, 'm'), 'a source that is not here has its digest');
  });

  it('saved, other tools read it, and loaded again it has the same digests', async function () {
    needs(this, 'skopeo');
    await machine.output(['load', dirty]);
    const [stored] = await listed();
    const folder = files.newFolder();
    for (const [form, transport] of [
      ['docker.tar', `docker-archive:${folder}/docker.tar`],
      [`oci-archive:${folder}/oci.tar`, `oci-archive:${folder}/oci.tar:1`],
      [`oci:${folder}/layout`, `oci:${folder}/layout:1`],
    ] as const) {
      await machine.output(['save', 'web:1', '-o', form], { cwd: folder });
      const inspected = JSON.parse(tool('skopeo', ['inspect', '--config', transport])) as {
        rootfs: { diff_ids: string[] };
        config: { Cmd: string[] };
      };
      assert.deepEqual(
        inspected.rootfs.diff_ids,
        stored.layers.map(({ diffId }) => diffId),
        form,
      );
      assert.equal(inspected.config.Cmd[0], 'httpd');
      const other = new Machine(files.newFolder());
      await other.output(['load', transport.replace(/:1$/, '').replace(/^docker-archive:/, '')]);
      const [again] = await listed(other);
      assert.deepEqual([again.names, again.configDigest], [['web:1'], stored.configDigest], form);
      assert.deepEqual(again.layers, stored.layers, form);
      assert.equal(again.manifestDigest, stored.manifestDigest, form);
    }
  });

  it('saved to a pipe it is an archive that load reads from one', async () => {
    await machine.output(['load', dirty]);
    const { code, stderr } = await machine.unbake(['save', 'web:1', '-o', 'docker-archive:/dev/null/x']);
    assert.notEqual(code, 0);
    assert.match(stderr, /^unbake: [^\n]*\n/);
    const pipe = `"${process.execPath}" "${program}" save web:1 -o - | UNBAKE_ROOT="${files.newFolder()}" "${process.execPath}" "${program}" load -`;
    assert.equal(tool('bash', ['-o', 'pipefail', '-c', pipe], { env: { UNBAKE_ROOT: machine.root } }), 'Loaded image: web:1');
    const missing = await machine.unbake(['save', 'nothing:1', '-o', join(files.folder, 'nothing.tar')]);
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /nothing:1.*\n.*unbake images/);
  });

  it('rmi takes names, then the image; one that a container was made of stays', async () => {
    await machine.output(['load', dirty]);
    await machine.output(['load', '--tag', 'other:1', files.file(archive(docker25Archive(webApp({}, { tags: [] }))))]);
    const [{ names, configDigest }] = await listed();
    assert.deepEqual(names.toSorted(), ['other:1', 'web:1']);
    assert.equal(await machine.output(['rmi', 'other:1']), 'Untagged: other:1');
    const id = await machine.output(['run', '-d', '--no-scan', '--name', 'user', 'web:1']);
    const refused = await machine.unbake(['rmi', 'web:1']);
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    assert.match(refused.stderr, /container user was made of it.*\n.*(?:unbake rm|-f)/);
    await machine.output(['rm', '-f', id.slice(0, 8)]);
    const gone = await machine.output(['rmi', short(configDigest).slice(0, 6)]);
    assert.match(gone, /^Untagged: web:1\n(?:Deleted: sha256:[0-9a-f]{64}(?:\n|$)){4}$/);
    assert.ok(gone.includes(configDigest));
    assert.deepEqual([await listed(), blobs()], [[], []]);
    const nothing = await machine.unbake(['rmi', 'web:1', 'web:2']);
    assert.equal(nothing.code, 3);
    assert.match(nothing.stderr, /web:1[^]*web:2/, 'each is told');
  });

  it('prune removes what nothing needs: ended containers, nameless images, unpacked layers; and keeps the rest', async () => {
    const clean = join(files.newFolder(), 'clean.tar');
    await machine.output(['clean', dirty, '-o', clean]);
    await machine.output(['load', dirty]);
    await machine.output(['run', '--no-scan', '--name', 'ended', 'web:1', 'true']);
    await machine.output(['run', '--rm', '--no-scan', clean, 'true']);
    await machine.output(['run', '-d', '--no-scan', '--name', 'running', clean]);
    const layers = () => readdirSync(join(machine.root, 'layers/sha256')).length;
    assert.deepEqual([(await listed()).length, layers()], [2, 3]);

    const said = await machine.output(['prune']);
    assert.match(
      said,
      /^Removed container: ended\nRemoved image: sha256:[0-9a-f]{64}\nRemoved in all: 1 container, 1 image with \d blobs \([\d.]+kB\), 1 unpacked layer \([\d.]+kB\)\.$/,
    );
    assert.deepEqual([(await listed()).map(({ names }) => names), layers()], [[['web:1']], 2]);
    assert.match(await machine.output(['ps']), /running$/);
    assert.equal(await machine.output(['exec', 'running', 'cat', '/srv/index.html']), 'unbaked');
    // Nothing is left to take, with -a neither: it runs.
    assert.equal(await machine.output(['prune', '-a']), 'Nothing to remove.');
    await machine.output(['rm', '-f', 'running']);
    assert.match(await machine.output(['prune', '-a']), /1 image with 4 blobs .*2 unpacked layers/);
    assert.deepEqual([await listed(), layers(), blobs()], [[], 0, []]);
  });
});
