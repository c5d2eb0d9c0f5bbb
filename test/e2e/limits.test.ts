// What must not grow with the image: memory, and what is left on the disk.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { findingsOf, isAbout, type JsonReport, run, scan, type ScanOutcome } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble, type LayerPlan } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { directory, end, file, header } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const mebibyte = 1 << 20;
const memoryLimit = 350 * mebibyte;

const flushed = (bytes: Buffer): Buffer => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });

/** The tar of one file of zeros, between two small files with tokens, as one gzip member, without ever holding it. */
function fileOfZeros(size: number): LayerPlan {
  const piece = Buffer.alloc(64 * mebibyte);
  const before = Buffer.concat([file('srv/before', `${githubToken('before zeros')}\n`), header({ name: 'srv/zeros', size })]);
  const after = Buffer.concat([file('srv/after', `${githubToken('after zeros')}\n`), end()]);
  const deflatedPiece = flushed(piece);
  const hash = createHash('sha256').update(before);
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]), flushed(before)];
  let crc = crc32(before);
  for (let written = 0; written < size; written += piece.length) {
    hash.update(piece);
    crc = crc32(piece, crc);
    parts.push(deflatedPiece);
  }
  hash.update(after);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(after, crc));
  trailer.writeUInt32LE(Number(BigInt(before.length + size + after.length) & 0xffffffffn), 4);
  const bytes = Buffer.concat([...parts, deflateRawSync(after), trailer]);
  return { entries: [], compression: () => bytes, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', diffId: `sha256:${hash.digest('hex')}` };
}

function assertModest({ peak }: { readonly peak: number }): void {
  assert.ok(peak > 0, 'no measurement');
  assert.ok(peak < memoryLimit, `peak of ${Math.round(peak / mebibyte)} MiB`);
}

describe('memory', function () {
  this.timeout(240_000);
  const files = scratch();
  const peakPreload = new URL('../support/peak-memory.ts', import.meta.url).pathname;

  async function scanMeasured(bytes: Buffer, ...args: readonly string[]): Promise<ScanOutcome & { readonly peak: number }> {
    const peakFile = files.file(Buffer.alloc(0));
    const outcome = await scan(files.file(bytes), args, { nodeFlags: ['--import', peakPreload], env: { UNBAKE_TEST_PEAK_FILE: peakFile } });
    return { ...outcome, peak: Number(readFileSync(peakFile, 'utf8')) };
  }

  async function assertZeros(size: number): Promise<void> {
    const outcome = await scanMeasured(archive(ociLayout(assemble({ layers: [fileOfZeros(size)] }))));
    assertModest(outcome);
    for (const seed of ['before zeros', 'after zeros']) assert.equal(findingsOf(outcome.report, githubToken(seed)).length, 1, seed);
    assert.deepEqual(outcome.report.skipped, []);
    assert.equal(outcome.code, 1);
  }

  it('a file of 2 GiB of zeros', () => assertZeros(2048 * mebibyte));

  it('a file of 8 GiB of zeros', async function () {
    if (!process.env['UNBAKE_SLOW_TESTS']) this.skip();
    this.timeout(900_000);
    await assertZeros(8192 * mebibyte);
  });

  it('a line of 100 MB', async () => {
    const bytes = Buffer.alloc(100_000_000, 'lorem ipsum ');
    bytes.write(` ${githubToken('in the line')} `, 60_000_000);
    const outcome = await scanMeasured(archive(ociLayout(assemble({ layers: [{ entries: [file('srv/line', bytes)], compression: 'zstd' }] }))));
    assertModest(outcome);
    const [finding] = findingsOf(outcome.report, githubToken('in the line'));
    assert.deepEqual([finding?.place.position.line, finding?.place.position.offset], [1, 60_000_001]);
  });

  it('200,000 tiny files', async () => {
    const count = 200_000;
    const entries = Array.from({ length: count }, (_, index) => file(`srv/some/folder/${index % 100}/file-${index}.txt`, `file ${index}\n`));
    entries.push(file('srv/last', githubToken('last of many')));
    const outcome = await scanMeasured(
      archive(
        ociLayout(
          assemble({
            layers: [
              { entries, compression: 'zstd' },
              { entries: [directory('srv/')], compression: 'zstd' },
            ],
          }),
        ),
      ),
    );
    assertModest(outcome);
    assert.equal(findingsOf(outcome.report, githubToken('last of many')).length, 1);
    assert.ok(outcome.report.coverage.entries > count);
  });

  it('on standard input as well', async () => {
    const bytes = archive(
      ociLayout(
        assemble({
          layers: [{ entries: [file('srv/noise', Buffer.alloc(300 * mebibyte, 'noise 0123456789 ')), file('srv/last', githubToken('piped'))] }],
        }),
      ),
    );
    const peakFile = files.file(Buffer.alloc(0));
    const { report } = await scan('-', [], { input: bytes, nodeFlags: ['--import', peakPreload], env: { UNBAKE_TEST_PEAK_FILE: peakFile } });
    assertModest({ peak: Number(readFileSync(peakFile, 'utf8')) });
    assert.equal(findingsOf(report, githubToken('piped')).length, 1);
  });

  it('20,000 findings', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${githubToken(`flood ${index}`)}\n`);
    const outcome = await scanMeasured(
      archive(ociLayout(assemble({ layers: [{ entries: [file('srv/flood', lines.join('')), file('srv/last', githubToken('behind the flood'))] }] }))),
    );
    assertModest(outcome);
    assert.ok(outcome.seconds < 10, `took ${outcome.seconds.toFixed(1)} s`);
    const told = outcome.report.findings.length;
    assert.ok(told >= 20_000 || outcome.report.skipped.some((skipped) => skipped.reason === 'limit'), `${told} findings and no word about a limit`);
    assert.equal(findingsOf(outcome.report, githubToken('behind the flood')).length, 1);
  });
});

/** The files that a process has open, those included that have no name any more. */
function openFiles(pid: number): { readonly target: string; readonly mode: number }[] {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).flatMap((name) => {
    try {
      const path = `${descriptors}/${name}`;
      return [{ target: readlinkSync(path), mode: statSync(path).mode & 0o777 }];
    } catch {
      return []; // closed in the meantime
    }
  });
}

describe('temporary files', function () {
  this.timeout(60_000);
  const files = scratch();
  const leaky = archive(ociLayout(assemble({ layers: [{ entries: [file('srv/a', githubToken('temporary'))], compression: 'gzip' }] })));

  it('are gone after success', async () => {
    const TMPDIR = files.newFolder();
    const { report } = await scan('-', [], { input: leaky, env: { TMPDIR } });
    assert.ok(report.findings.some((finding) => isAbout(finding, githubToken('temporary'))));
    assert.deepEqual(readdirSync(TMPDIR), []);
  });

  it('are gone after failure', async () => {
    const TMPDIR = files.newFolder();
    const { code } = await run(['scan', '-'], { input: Buffer.alloc(5 * mebibyte, 'no image '), env: { TMPDIR } });
    assert.equal(code, 3);
    assert.deepEqual(readdirSync(TMPDIR), []);
  });

  it('are for the user alone, and gone after an interruption, which ends with 130', async () => {
    const TMPDIR = files.newFolder();
    const layer = { entries: [file('srv/much', Buffer.alloc(200 * mebibyte, 'a b c d e f g h '))] };
    const modes: number[] = [];
    const outcome = await run(['scan', '-', '-f', 'json'], {
      input: archive(ociLayout(assemble({ layers: [layer] }))),
      env: { TMPDIR },
      whileRunning: async (child) => {
        for (let tries = 0; tries < 200 && modes.length === 0; tries++) {
          await sleep(10);
          modes.push(...openFiles(child.pid!).flatMap(({ target, mode }) => (target.startsWith(`${TMPDIR}/`) ? [mode] : [])));
        }
        child.kill('SIGINT');
      },
    });
    assert.notDeepEqual(modes, [], 'no temporary file was seen');
    assert.deepEqual(
      modes.filter((mode) => mode !== 0o600),
      [],
    );
    assert.equal(outcome.code, 130);
    assert.doesNotMatch(outcome.stderr, /^ {4}at /m);
    assert.deepEqual(readdirSync(TMPDIR), []);
  });

  it('an interruption in the middle of a layer ends soon, with 130', async () => {
    const TMPDIR = files.newFolder();
    // Keywords in every line: it takes many seconds, whatever zeros take.
    const log = Buffer.alloc(160 * mebibyte, 'password: "your-password-here"\n');
    const path = files.file(archive(ociLayout(assemble({ layers: [{ entries: [file('app.log', log)] }] }))));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      let killedAt = 0;
      const outcome = await run(['scan', path, '-f', 'json', '-o', join(TMPDIR, 'report.json')], {
        env: { TMPDIR },
        whileRunning: async (child) => {
          while (child.exitCode === null && !openFiles(child.pid!).some(({ target }) => target === path)) await sleep(10);
          await sleep(2000);
          killedAt = performance.now();
          child.kill(signal);
        },
      });
      const seconds = (performance.now() - killedAt) / 1000;
      if (signal === 'SIGINT') assert.equal(outcome.code, 130);
      assert.ok(seconds < 5, `took ${seconds.toFixed(1)} s`);
      assert.deepEqual(readdirSync(TMPDIR), [], signal);
    }
  });

  it('a reader that goes away ends the program calmly', async () => {
    const path = files.file(leaky);
    const outcome = await run(['scan', path, '-o', '/dev/full']);
    assert.ok(outcome.code !== 0 && outcome.code !== undefined, String(outcome.code));
    assert.doesNotMatch(outcome.stderr, /^ {4}at /m);
  });

  it('a report in a file is whole, and nothing is on standard output', async () => {
    const folder = files.newFolder();
    const outcome = await run(['scan', files.file(leaky), '-f', 'sarif', '-o', join(folder, 'a.sarif'), '-f', 'json', '-o', join(folder, 'a.json')]);
    assert.equal(outcome.code, 1);
    assert.equal(outcome.stdout, '');
    assert.equal((JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')) as JsonReport).findings.length, 1);
    assert.equal((JSON.parse(readFileSync(join(folder, 'a.sarif'), 'utf8')) as { version: string }).version, '2.1.0');
    assert.deepEqual(readdirSync(folder).toSorted(), ['a.json', 'a.sarif']);
  });
});
