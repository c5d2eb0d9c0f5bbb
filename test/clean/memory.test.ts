// The memory that cleaning takes does not grow with the layer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { run } from '../support/cli.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const mebibyte = 2 ** 20;
const preload = new URL('../support/peak-memory.ts', import.meta.url).pathname;

describe('the memory of cleaning', function () {
  this.timeout(240_000);
  const place = scratch();

  async function peakFor(size: number): Promise<number> {
    const noise = Buffer.alloc(size, 'noise 0123456789\n');
    const secret = `GITHUB_TOKEN=${githubToken('memory')}\n`;
    noise.write(secret, size >>> 1);
    const entries = [file('srv/first', secret), file('srv/noise', noise), file('srv/last', secret)];
    const source = place.file(archive(ociLayout(assemble({ layers: [{ entries, compression: 'gzip' }] }))));
    const peakFile = place.file(Buffer.alloc(0));
    const args = ['clean', source, '-o', `oci-archive:${join(place.newFolder(), 'out.tar')}`];
    const { code, stderr } = await run(args, { nodeFlags: ['--import', preload], env: { UNBAKE_TEST_PEAK_FILE: peakFile } });
    assert.equal(code, 0, stderr);
    return Number(readFileSync(peakFile, 'utf8'));
  }

  it('is the same for a layer of 16 MiB and one of 160 MiB', async () => {
    const [small, large] = [await peakFor(16 * mebibyte), await peakFor(160 * mebibyte)];
    assert.ok(large - small < 48 * mebibyte, `${Math.round(small / mebibyte)} MiB and ${Math.round(large / mebibyte)} MiB`);
  });
});
