// Disks that are full at each stage of a cleaning, and disks that cannot be written: nothing is written then, and nothing is left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, ociLayout, writeFolder } from '../support/forms.ts';
import { clean, digestOfPath, refused } from '../support/cleaning.ts';
import { assertCalm, run } from '../support/cli.ts';
import { exposedAt } from '../support/exposed.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { configsAt, namesIn } from '../support/output.ts';
import { randomNumbers } from '../support/random.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

const random = randomNumbers(3);
/** Two layers that no compression makes smaller; the upper one holds a secret. */
const noise = (size: number) => Buffer.from(Array.from({ length: size }, () => random() * 256));
const image = leakyImage([], {
  layers: [
    { entries: [file('etc/base', noise(300_000))], compression: 'gzip' },
    { entries: [file('etc/noise', noise(1_500_000)), file('srv/.env', `GITHUB_TOKEN=${secrets.visible}\n`)], compression: 'gzip' },
  ],
});

describe('a disk without room, and an image to clean', function () {
  this.timeout(120_000);
  const files = scratch();
  let disk: string;
  let input: string;
  let layout: string;
  let original: string;

  before(function () {
    needs(this, 'mount', 'umount', 'df', 'tar');
    if (process.getuid!() !== 0) skip(this, 'only root may mount');
    input = files.file(archive(ociLayout(image)), 'in.tar');
    layout = join(files.folder, 'layout');
    mkdirSync(layout);
    writeFolder(layout, ociLayout(image));
    original = digestOfPath(input);
  });
  beforeEach(function () {
    disk = files.newFolder();
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]).status !== 0) skip(this, 'mounting is not allowed here');
  });
  afterEach(() => spawnSync('umount', ['-l', disk]));

  const resize = (kilobytes: number) => tool('mount', ['-o', `remount,size=${kilobytes}k`, disk]);
  const used = () => tool('df', ['--output=used', disk]).split('\n')[1]!.trim();

  /** On larger and larger disks, until there is room: every failure says what to do and leaves nothing. */
  async function untilThereIsRoom(words: RegExp, attempt: () => Promise<number | undefined>): Promise<void> {
    for (let kilobytes = 16, failures = 0; ; kilobytes += 1_100) {
      resize(kilobytes);
      if ((await attempt()) === 0) {
        assert.ok(failures >= 2, `only ${failures} sizes were too small`);
        return;
      }
      failures++;
      assert.ok(kilobytes < 20_000, `no room in ${kilobytes} KiB, which should do (${words})`);
      assert.deepEqual([namesIn(disk), used()], [[], '0'], `left behind at ${kilobytes} KiB`);
    }
  }

  /** Runs it; when it fails it must be for want of room. */
  async function attempted(args: readonly string[], words: RegExp, options: Parameters<typeof run>[1] = {}): Promise<number | undefined> {
    const outcome = await run(['clean', ...args], options);
    assertCalm(outcome, 60);
    if (outcome.code !== 0) {
      assert.equal(outcome.code, 3, outcome.stderr);
      assert.match(outcome.stderr, words);
    }
    return outcome.code;
  }

  const fullOutput = /ENOSPC.*(?:make room|TMPDIR)/s;

  for (const [form, source] of [
    ['an archive', () => input],
    ['a layout', () => `oci:${layout}`],
  ] as const) {
    it(`in the folder of the output: ${form}`, async () => {
      const to = join(disk, 'out');
      await untilThereIsRoom(fullOutput, () => attempted([source(), '-o', form === 'an archive' ? `oci-archive:${to}` : `oci:${to}`], fullOutput));
      assert.deepEqual([namesIn(disk), exposedAt(to, secrets), digestOfPath(input)], [['out'], [], original]);
    });
  }

  it('in the folder for temporary files, from standard input to standard output', async () => {
    const bytes = readFileSync(input);
    const args = ['-', '-o', '-', '--report', '/dev/null'];
    await untilThereIsRoom(/ENOSPC.*TMPDIR/s, () => attempted(args, /ENOSPC.*TMPDIR/s, { input: bytes, env: { TMPDIR: disk } }));
    assert.deepEqual(namesIn(disk), []);
  });

  it('in the folder of the vault: the image is not written either', async () => {
    const folder = files.newFolder();
    const to = join(folder, 'out.tar');
    const vault = join(disk, 'vault');
    const statement = join(folder, 'statement');
    // Taken out whole, the noise goes into the vault.
    await untilThereIsRoom(/ENOSPC.*make room/s, async () => {
      const code = await attempted(
        [input, '--path', 'etc/noise', '-o', to, '--vault', vault, '--attest', statement],
        /vault cannot be written: ENOSPC.*make room/s,
      );
      if (code !== 0) assert.deepEqual(namesIn(folder), []);
      return code;
    });
    assert.deepEqual([namesIn(folder), namesIn(disk), exposedAt(to, secrets)], [['out.tar', 'statement'], ['vault'], []]);
  });

  it('for the statement: neither image nor vault is written', async () => {
    const folder = files.newFolder();
    resize(4);
    tool('sh', ['-c', `head -c 4096 /dev/zero > '${disk}/filled'`]);
    const args = [input, '-o', join(folder, 'out.tar'), '--vault', join(folder, 'vault'), '--attest', join(disk, 'statement')];
    assert.equal(await attempted(args, /statement cannot be written: ENOSPC.*make room/s), 3);
    assert.deepEqual([namesIn(folder), namesIn(disk)], [[], ['filled']]);
  });

  it('input and output are one, and there is no room for both: the input is as it was', async () => {
    resize(3_000);
    writeFolder(join(disk, 'image'), ociLayout(image));
    const was = digestOfPath(join(disk, 'image'));
    // The untouched layer is linked: what is missing is room for the touched one.
    assert.equal(await attempted([`oci:${disk}/image`, '-o', `oci:${disk}/image`], fullOutput), 3);
    assert.deepEqual([namesIn(disk), digestOfPath(join(disk, 'image'))], [['image'], was]);
  });

  it('that is read-only', async () => {
    resize(8_000);
    writeFolder(join(disk, 'image'), ociLayout(image));
    const was = digestOfPath(join(disk, 'image'));
    tool('mount', ['-o', 'remount,ro', disk]);
    const folder = files.newFolder();
    for (const args of [
      [input, '-o', join(disk, 'out.tar')],
      [`oci:${layout}`, '-o', `oci:${disk}/out`],
      [`oci:${disk}/image`, '-o', `oci:${disk}/image`],
      [input, '-o', join(folder, 'out.tar'), '--vault', join(disk, 'vault')],
      [input, '-o', join(folder, 'out.tar'), '--attest', join(disk, 'statement')],
    ] as const) {
      const { code, stderr } = await refused(args[0], args.slice(1));
      assert.deepEqual([code, /EROFS|read-only/i.test(stderr)], [3, true], stderr);
      assert.deepEqual([namesIn(disk), namesIn(folder), digestOfPath(join(disk, 'image'))], [['image'], [], was]);
    }
    await clean(`oci:${disk}/image`, ['-o', join(folder, 'out.tar')]);
    assert.deepEqual(exposedAt(join(folder, 'out.tar'), secrets), []);
  });

  it('a folder that does not exist', async () => {
    const missing = join(files.folder, 'missing/out.tar');
    const { code, stderr } = await refused(input, ['-o', missing]);
    assert.equal(code, 2);
    assert.match(stderr, /missing.*does not exist/s);
    assert.equal(existsSync(join(files.folder, 'missing')), false);
  });

  it('what was cleaned where there is room is what it should be', async () => {
    resize(16_000);
    const { report } = await clean(input, ['-o', join(disk, 'out.tar')]);
    assert.deepEqual(await configsAt(join(disk, 'out.tar')), [report.images[0]!.after.configDigest]);
  });
});
