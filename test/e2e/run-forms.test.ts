// Whatever tool packed an image, and whatever its layers are, it runs; and where it cannot, one sentence says why.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { assemble, type BuiltImage, hex, type ImagePlan, type LayerPlan } from '../support/image.ts';
import { directory, file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { page, webApp } from '../support/web-app.ts';

describe('unbake run, of every form of image', function () {
  this.timeout(60_000);
  const { newFolder, file: written } = scratch();
  let app: BuiltImage;
  let machine: Machine;

  before(function () {
    needsContainers(this);
    app = webApp();
    machine = new Machine(newFolder());
  });

  const as = (plan: Partial<ImagePlan>) => assemble({ ...app.plan, ...plan });
  const withLayers = (change: (layer: LayerPlan, index: number) => Partial<LayerPlan>) =>
    as({ layers: app.plan.layers.map((layer, index) => ({ ...layer, ...change(layer, index) })) });
  const archived = (members: readonly forms.Member[]) => written(forms.archive(members));
  const run = (reference: string, ...args: readonly string[]) => machine.unbake(['run', '--rm', '--quiet', '--no-scan', reference, ...args]);

  async function assertServes(reference: string): Promise<void> {
    const { code, stdout, stderr } = await run(reference, 'cat', '/srv/index.html');
    assert.deepEqual([stdout, code], [page, 0], stderr);
  }

  async function assertRefused(members: readonly forms.Member[], why: RegExp): Promise<void> {
    const { code, stderr } = await run(archived(members), 'cat', '/srv/index.html');
    assert.match(stderr, why);
    assert.equal(code, 125);
  }

  it('of docker, old and new, of skopeo and podman', async () => {
    for (const form of [forms.classicArchive, forms.docker25Archive, forms.skopeoArchive, forms.docker29Archive]) {
      await assertServes(archived(form(app)));
    }
  });

  it('of an OCI layout, as a folder and as an archive', async () => {
    const folder = newFolder();
    forms.writeFolder(folder, forms.ociLayout(app));
    await assertServes(`oci:${folder}`);
    await assertServes(archived(forms.ociLayout(app)));
  });

  it('with layers that are plain, or compressed by zstd, or each in its own way', async () => {
    await assertServes(archived(forms.ociLayout(withLayers(() => ({ compression: 'none' })))));
    await assertServes(archived(forms.ociLayout(withLayers(() => ({ compression: 'zstd' })))));
    await assertServes(archived(forms.docker25Archive(withLayers((_, index) => ({ compression: index === 0 ? 'none' : 'zstd' })))));
  });

  it('for several platforms: this machine’s', async () => {
    const machines: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
    const ours = `linux/${machines[process.arch] ?? process.arch}`;
    const says = (platform: string) => as({ platform, config: { Env: ['PATH=/bin'], Cmd: ['echo', platform] } });
    const { stdout } = await run(archived(forms.nestedLayout([says('linux/s390x'), says(ours), says('linux/riscv64')])));
    assert.equal(stdout, `${ours}\n`);
    await assertRefused(
      forms.nestedLayout([says('linux/s390x'), says('linux/riscv64')]),
      /has no image for linux\/\w+: it has linux\/s390x, linux\/riscv64/,
    );
  });

  it('with more layers than an option of mount takes, the same one twice, empty ones, and none', async () => {
    const small = (index: number): LayerPlan => ({ entries: [directory('m/'), file(`m/${index}`, ''), file('m/last', `${index}\n`)] });
    const { stdout } = await run(
      archived(forms.docker25Archive(as({ layers: [app.plan.layers[0]!, ...Array.from({ length: 150 }, (_, i) => small(i))] }))),
      'sh',
      '-c',
      'ls /m | wc -l; cat /m/last',
    );
    assert.equal(stdout, '151\n149\n');
    const [programs, site] = app.plan.layers as [LayerPlan, LayerPlan];
    await assertServes(archived(forms.docker25Archive(as({ layers: [programs, site, { entries: [] }, programs, { entries: [] }, site] }))));
    assert.equal((await run(archived(forms.docker25Archive(as({ layers: [] }))), 'sh')).code, 127);
  });

  it('whose config says nothing of how to run it', async () => {
    for (const config of [undefined, null]) await assertServes(archived(forms.docker25Archive(as({ configFile: { config } }))));
    await assertServes(archived(forms.docker25Archive(as({ configFile: { history: null, os: undefined, architecture: undefined } }))));
  });

  it('but not one that is not whole, cannot be read, or is for another system', async () => {
    const foreign = withLayers((_, index) =>
      index === 0
        ? {}
        : { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', descriptor: { urls: ['https://example.invalid/layer'] } },
    );
    const gone = hex(foreign.layers[1]!.blob.digest);
    await assertRefused(
      forms.ociLayout(foreign).filter(({ name }) => !name.endsWith(gone)),
      /is not there; it is to be fetched from https:\/\/example\.invalid/,
    );
    await assertRefused(forms.ociLayout(withLayers(() => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }))), /is encrypted/);
    await assertRefused(forms.ociLayout(as({ platform: 'windows/amd64' })), /the image is for windows\/amd64/);
    await assertRefused(forms.legacyArchive(app), /has no config that can be read/);
    await assertRefused(forms.docker25Archive(as({ config: { Cmd: 5 } })), /config\.config\.Cmd .* a number/);
    await assertRefused(
      forms.docker25Archive(withLayers(() => ({ diffId: `sha256:${'0'.repeat(64)}` }))),
      /is not what the config of its image says/,
    );
  });

  it('as skopeo converts it, and as umoci changes it', async function () {
    needs(this, 'skopeo', 'umoci');
    const folder = newFolder();
    const path = join(folder, 'app.tar');
    writeFileSync(path, forms.archive(forms.docker25Archive(app)));
    tool('skopeo', ['copy', '--quiet', `docker-archive:${path}`, `oci:${folder}/layout:app`]);
    await assertServes(`oci:${folder}/layout:app`);
    tool('umoci', ['unpack', '--image', `${folder}/layout:app`, join(folder, 'bundle')]);
    writeFileSync(join(folder, 'bundle', 'rootfs', 'srv', 'added'), 'added\n');
    tool('umoci', ['repack', '--image', `${folder}/layout:more`, join(folder, 'bundle')]);
    assert.equal((await run(`oci:${folder}/layout:more`, 'cat', '/srv/added', '/srv/index.html')).stdout, `added\n${page}`);
  });

  after(async () => machine?.assertNothingLeft());
});
