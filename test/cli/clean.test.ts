// What the flags of `unbake clean` refuse before any image is read, each in one sentence that says what to do.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/cli.ts';
import { archive, docker25Archive } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('unbake clean', () => {
  const place = scratch();

  for (const [flags, said] of [
    [[], /neither -o nor --plan is given/],
    [['--vault', 'v'], /--vault needs -o/],
    [['-o', 'x.tar', '--encrypt-to', 'age1x'], /--encrypt-to needs --vault/],
    [['-o', 'x.tar', '--patch', 'p'], /--patch needs --dockerfile/],
    [['-o', 'x.tar', '--attest', 'x.tar'], /x\.tar is named twice/],
    [['-o', '-', '--plan', '-'], /standard output is named twice/],
    [['-o', 'x.tar', '--report', '/nonexistent.tar'], /\/nonexistent\.tar is named twice/],
    [['-o', 'x.tar', '--mode', 'etc'], /--mode etc is no GLOB=TREATMENT/],
    [['-o', 'x.tar', '--mode', 'etc=burn'], /is no GLOB=TREATMENT/],
    [['-o', 'x.tar', '--apply', 'p', '--only', 'high'], /cannot be used with/],
    [['-o', 'x.tar', '--apply', '/nonexistent'], /--apply \/nonexistent cannot be read/],
  ] as const) {
    it(`${flags.join(' ') || 'without flags'}: wrong usage`, async () => {
      const { code, stderr } = await run(['clean', '/nonexistent.tar', ...flags]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
    });
  }

  it('does not take the report file of a scan for its output', async () => {
    const folder = place.newFolder();
    const source = place.file(archive(docker25Archive(assemble({ layers: [{ entries: [file('x', githubToken('x'))] }] }))));
    const report = join(folder, 'report.json');
    const { code, stderr } = await run(['clean', source, '--plan', join(folder, 'plan.json')], { env: { UNBAKE_OUTPUT: report } });
    assert.equal(code, 0, stderr);
    assert.equal(existsSync(report), false);
    assert.deepEqual(readdirSync(folder), ['plan.json']);
  });
});
