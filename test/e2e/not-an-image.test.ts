// Files that hold no image, and scans that could not read all of one: neither is ever called clean.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { assertCalm, type JsonReport, run } from '../support/cli.ts';
import { archive, layout, ociLayout } from '../support/forms.ts';
import { early, imageOf, noise, scanCalmly } from '../support/hostile.ts';
import { directory, file, symlink, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('what cannot be read', function () {
  this.timeout(60_000);
  const files = scratch();

  describe('files that are no image', () => {
    const notImages: Record<string, Buffer> = {
      'an empty file': Buffer.alloc(0),
      'random bytes': noise(100_000),
      'a text': Buffer.from('hello world\n'.repeat(1000)),
      zeros: Buffer.alloc(10_240),
      'a plain tar': tar(directory('src/'), file('src/main.c', 'int main() {}\n'), symlink('latest', 'src')),
      'an empty tar': tar(),
      'a gzip of nothing': gzipSync(Buffer.alloc(0)),
      'a gzip of a text': gzipSync('hello'),
      'half a magic number': Buffer.from([0x1f]),
      'a folder name in a tar': tar(directory('blobs/'), directory('blobs/sha256/')),
      'an oci-layout without index.json': archive([{ name: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') }]),
    };
    for (const [name, bytes] of Object.entries(notImages)) {
      it(name, async () => {
        const { code, stdout, stderr } = await scanCalmly(files, bytes);
        assert.equal(code, 3, stderr);
        assert.equal(stdout, '');
        assert.match(stderr, /\w/);
        const piped = await run(['scan', '-', '-f', 'json'], { input: bytes });
        assertCalm(piped);
        assert.equal(piped.code, 3, piped.stderr);
      });
    }
    it('an empty folder, and a file given as a layout', async () => {
      const folder = await run(['scan', files.newFolder()]);
      assertCalm(folder);
      assert.equal(folder.code, 3);
      const notFolder = await run(['scan', `oci:${files.file(tar())}`]);
      assertCalm(notFolder);
      assert.equal(notFolder.code, 3);
    });
    it('a layout with no image in it: nothing was scanned, and that is not called clean', async () => {
      const { code } = await scanCalmly(files, archive(layout({ schemaVersion: 2, manifests: [] }, [])));
      assert.ok(code === 3 || code === 4, String(code));
    });
  });

  describe('an incomplete scan', () => {
    const cutOff = { entries: [file('a', noise(100_000))], compression: (bytes: Buffer) => gzipSync(bytes).subarray(0, 50_000) };
    const path = (): string => files.file(archive(ociLayout(imageOf({ layers: [cutOff] }))));
    it('without findings ends with 4', async () => {
      assert.equal((await run(['scan', path()])).code, 4);
    });
    it('with findings ends with 1, and with --fail-on-incomplete not with 0', async () => {
      const both = files.file(archive(ociLayout(imageOf({ layers: [{ entries: [early] }, cutOff] }))));
      assert.equal((await run(['scan', both])).code, 1);
      assert.notEqual((await run(['scan', both, '--fail-on-incomplete'])).code, 0);
    });
    it('is told in text, JSON and SARIF', async () => {
      const both = path();
      const [text, json, sarif] = await Promise.all(['text', 'json', 'sarif'].map((format) => run(['scan', both, '-f', format])));
      assert.match(text!.stdout, /not (?:completely |fully )?(?:read|scanned)|incomplete|skipped/i);
      assert.notDeepEqual((JSON.parse(json!.stdout) as JsonReport).skipped, []);
      const { runs } = JSON.parse(sarif!.stdout) as { runs: { invocations: { toolExecutionNotifications?: unknown[] }[] }[] };
      assert.notDeepEqual(runs[0]!.invocations[0]!.toolExecutionNotifications ?? [], []);
    });
  });
});
