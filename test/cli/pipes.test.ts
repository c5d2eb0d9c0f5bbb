// What happens when the reader of a report leaves early, and when the disk behind it is full.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { program } from '../support/program.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('standard output', function () {
  this.timeout(60_000);
  const files = scratch();
  let image: string;
  before(() => {
    const lines = Array.from({ length: 3000 }, (_, index) => `${githubToken(`pipe ${index}`)}\n`).join('');
    image = files.file(archive(ociLayout(assemble({ layers: [{ entries: [file('srv/tokens', lines)] }] }))));
  });

  const inShell = (script: string) =>
    spawnSync('bash', ['-c', `${script}; echo "code \${PIPESTATUS[0]}"`], {
      env: { ...process.env, NODE: process.execPath, MAIN: program, IMAGE: image },
      encoding: 'utf8',
    });

  for (const format of ['text', 'json', 'sarif']) {
    it(`${format}: a reader that has seen enough is no error`, () => {
      const { stdout, stderr } = inShell(`"$NODE" "$MAIN" scan "$IMAGE" -f ${format} | head -c 100 >/dev/null`);
      assert.equal(stderr, '');
      assert.equal(stdout, 'code 1\n');
    });
  }

  it('a full disk is an error, in one sentence', function () {
    if (!existsSync('/dev/full')) this.skip();
    const { stdout, stderr } = inShell('"$NODE" "$MAIN" scan "$IMAGE" > /dev/full');
    assert.match(stderr, /^unbake: the report cannot be written to standard output: ENOSPC[^\n]*\n$/);
    assert.equal(stdout, 'code 3\n');
  });
});
