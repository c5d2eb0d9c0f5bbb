// Images that come and go as streams and compressed: the same image is made of each of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { assertTellsNothing, clean, forms, placed } from '../support/cleaning.ts';
import { exposedAt } from '../support/exposed.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { program } from '../support/program.ts';

const image = leakyImage();

describe('streams of images that are cleaned', function () {
  this.timeout(60_000);
  const files = scratch();
  const temporary = files.newFolder();
  const env = { TMPDIR: temporary, NODE_COMPILE_CACHE: files.newFolder() };
  before(function () {
    needs(this, 'sh', 'tar');
  });

  /** `cat IN | unbake clean ... > OUT`, and what it said beside. */
  function piped(input: string, output: string, ...args: readonly string[]): string {
    tool('sh', ['-c', `cat '${input}' | '${process.execPath}' '${program}' clean "$@" > '${output}' 2> '${output}.said'`, 'sh', ...args], { env });
    return readFileSync(`${output}.said`, 'utf8');
  }

  it('standard input to standard output gives what file to file gives', async () => {
    for (const form of ['docker save before 25', 'docker save of the containerd store, with an attestation', 'OCI archive'] as const) {
      const source = placed(form, image, files);
      const wanted = join(files.newFolder(), 'out.tar');
      await clean(source, ['-o', wanted]);
      const output = join(files.newFolder(), 'out.tar');
      piped(source, output, '-', '-o', '-');
      assert.ok(readFileSync(output).equals(readFileSync(wanted)), form);
    }
    assert.deepEqual(namesIn(temporary), []);
  });

  it('the report goes to standard error, without a value', () => {
    const input = files.file(archive(ociLayout(image)));
    const output = join(files.newFolder(), 'out.tar');
    const said = piped(input, output, '-', '-o', '-', '-f', 'text');
    assert.match(said, /proved: /);
    assertTellsNothing({ code: 0, stdout: '', stderr: said, seconds: 0 }, secrets);
    assert.deepEqual(exposedAt(output, secrets), []);
  });

  it('a layout goes to standard output as an archive', async () => {
    const output = join(files.newFolder(), 'out.tar');
    piped('/dev/null', output, placed('OCI layout', image, files), '-o', '-');
    const wanted = join(files.newFolder(), 'out.tar');
    await clean(files.file(archive(forms['OCI archive'](image))), ['-o', wanted]);
    assert.deepEqual(readFileSync(output), readFileSync(wanted));
  });

  it('compressed archives in and out: the same archive within', async () => {
    const bytes = archive(forms['docker save before 25'](image));
    const plain = join(files.newFolder(), 'out.tar');
    await clean(files.file(bytes), ['-o', plain]);
    const wanted = readFileSync(plain);
    const folder = files.newFolder();
    for (const [from, to, decompressed] of [
      [files.file(gzipSync(bytes), 'in.tar.gz'), 'out.tar.gz', gunzipSync],
      [files.file(gzipSync(bytes), 'named.tar'), 'out.tgz', gunzipSync],
      [files.file(zstdCompressSync(bytes), 'in.tar.zst'), 'out.tar.zst', zstdDecompressSync],
      [files.file(gzipSync(bytes), 'to-plain.tgz'), 'out.tar', (same: Buffer) => same],
    ] as const) {
      await clean(from, ['-o', join(folder, to)]);
      assert.ok(decompressed(readFileSync(join(folder, to))).equals(wanted), to);
    }
  });

  it('a compressed archive over itself stays compressed', async () => {
    const path = files.file(gzipSync(archive(ociLayout(image))), 'same.tar.gz');
    await clean(path, ['-o', path]);
    assert.deepEqual(exposedAt(path, secrets), []);
    assert.equal(readFileSync(path).readUInt16BE(0), 0x1f8b);
  });

  it('whoever reads no further ends it, and nothing is left', () => {
    const input = files.file(archive(ociLayout(image)));
    tool('sh', ['-c', `'${process.execPath}' '${program}' clean '${input}' -o - 2> '${temporary}.said' | head -c 10 > '${temporary}.got'`], { env });
    assert.doesNotMatch(readFileSync(`${temporary}.said`, 'utf8'), /this is a bug|^ {4}at /m);
    assert.deepEqual(namesIn(temporary), []);
  });
});
