// The disk fails at the first call, the second, and so on: the target is the old image or the new one, and nothing else is there.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { type OutputTarget, stageOutput } from '../../src/store/output.ts';
import { stageFolder } from '../../src/store/staged.ts';
import { archive, ociLayout, writeFolder } from '../support/forms.ts';
import { systemError, watchDisk } from '../support/disk-calls.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';

const old = imageMarked('before');
const next = imageMarked('after');

describe('when a call to the disk fails', function () {
  this.timeout(60_000);
  const files = scratch();

  /** Runs the work again and again, each time with another call failing, until none does. Gives what failed. */
  async function atEachCall(work: () => Promise<void>, look: (error: UnbakeError | undefined, failed: string) => Promise<void>): Promise<string[]> {
    const failures: string[] = [];
    for (let failing = 1; ; failing++) {
      let calls = 0;
      let failed: string | undefined;
      let error: unknown;
      const restore = await watchDisk((name) => {
        if (++calls !== failing) return;
        failed = name;
        throw systemError('ENOSPC', 'no space left on device');
      });
      try {
        await work();
      } catch (thrown) {
        error = thrown;
      } finally {
        restore();
      }
      assert.ok(error === undefined || error instanceof UnbakeError, String(error));
      await look(error, failed ?? 'nothing');
      if (failed === undefined) return failures;
      failures.push(failed);
    }
  }

  for (const form of ['oci', 'oci-archive'] as const) {
    it(`${form} in the place of an earlier image`, async () => {
      let folder = '';
      let path = '';
      const failures = await atEachCall(
        async () => {
          folder = mkdtempSync(join(files.folder, 'place-'));
          path = join(folder, 'image');
          const target: OutputTarget = form === 'oci' ? { kind: form, path } : { kind: form, path, compression: 'none' };
          if (form === 'oci') writeFolder(path, ociLayout(old));
          else writeFileSync(path, archive(ociLayout(old)));
          await (await stageOutput(target, contentsOf(next), { replaces: 'all' })).commit();
        },
        async (error, failed) => {
          const [config] = await configsAt(path);
          const left = namesIn(folder).filter((name) => name !== 'image');
          // The one thing that cannot be taken back: the new layout is in place, and the old one does not go away.
          const isOldLeft = failed === 'rm' && left.length === 1;
          assert.equal(config, error === undefined || isOldLeft ? next.config.digest : old.config.digest, failed);
          if (isOldLeft) assert.ok(error?.message.includes(left[0]!) && error.message.includes('in place'), error?.message);
          else assert.deepEqual(left, [], failed);
          // What is not there, or cannot be synced, is done without.
          if (error !== undefined) assert.match(`${error.message} ${error.hint}`, /ENOSPC: no space left on device(?!,)/);
        },
      );
      for (const name of ['open', 'write', 'sync', 'rename']) assert.ok(failures.includes(name), `${name} never failed`);
    });
  }

  it('a folder that is new', async () => {
    let folder = '';
    await atEachCall(
      async () => {
        folder = mkdtempSync(join(files.folder, 'place-'));
        const members = ['a', 'b/c'].map((name) => ({ name, content: name, mode: 0o600 }));
        await (await stageFolder(join(folder, 'vault'), members, { isPrivate: true })).commit();
      },
      async (error) => assert.deepEqual(namesIn(folder), error === undefined ? ['vault'] : []),
    );
  });
});
