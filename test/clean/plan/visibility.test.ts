// Where a path leads that goes through symbolic links: `--path /app/.env` means what stands in the layers.
import assert from 'node:assert/strict';
import { Visibility } from '../../../src/clean/plan/visibility.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { parseReference } from '../../../src/model/reference.ts';
import { scanStore } from '../../../src/scan/scan.ts';
import { openStore } from '../../../src/store/open.ts';
import { archive, docker25Archive } from '../../support/forms.ts';
import { assemble } from '../../support/image.ts';
import { directory, file, symlink, whiteout } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { cleanOptions } from '../cleaning.ts';

describe('real paths', () => {
  const place = scratch();

  async function realPaths(layers: readonly (readonly Buffer[])[], ...paths: readonly string[]): Promise<readonly (readonly string[])[]> {
    const source = place.file(archive(docker25Archive(assemble({ layers: layers.map((entries) => ({ entries })) }))));
    const store = await openStore(parseReference(source), { platform: 'all', limits: defaultLimits });
    try {
      const scanned = await scanStore(store, source, await cleanOptions());
      const visibility = new Visibility(store.images, scanned.layers);
      return paths.map((path) => visibility.realPaths(path));
    } finally {
      await store.close();
    }
  }

  it('follow links on the way, absolute, relative and one behind the other, and leave the last name as it is', async () => {
    const layer = [
      directory('opt/real/'),
      file('opt/real/.env', 'A=1'),
      symlink('app', '/opt/now'),
      symlink('opt/now', 'real'),
      symlink('opt/real/link', '.env'),
      symlink('up', '../../opt/real'),
    ];
    assert.deepEqual(await realPaths([layer], 'app/.env', 'opt/now/link', 'up/.env', 'opt/real/.env', 'missing/.env', '.env'), [
      ['opt/real/.env'],
      ['opt/real/link'],
      ['opt/real/.env'],
      ['opt/real/.env'],
      ['missing/.env'],
      ['.env'],
    ]);
  });

  it('are those of the merged layers: a link that was replaced or deleted leads nowhere', async () => {
    const lower = [directory('a/'), directory('b/'), symlink('app', '/a'), symlink('gone', '/a')];
    const upper = [symlink('app', '/b'), whiteout('gone')];
    assert.deepEqual(await realPaths([lower, upper], 'app/x', 'gone/x'), [['b/x'], ['gone/x']]);
  });

  it('are the path as it is written when links lead in a circle', async () => {
    assert.deepEqual(await realPaths([[symlink('a', 'b'), symlink('b', 'a')]], 'a/x'), [['a/x']]);
  });
});
