// Whether the app still works: two images run the same way by `unbake compare`, and by `unbake clean --try` before the result is kept.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Comparison } from '../../src/model/comparison.ts';
import type { CleanReport } from '../../src/model/clean-report.ts';
import { exposedAt } from '../support/exposed.ts';
import { Machine, needsContainers } from '../support/containers.ts';
import { archive, docker25Archive } from '../support/forms.ts';
import * as planted from '../support/planted.ts';
import { scratch } from '../support/scratch.ts';
import { leaked, webApp } from '../support/web-app.ts';
import { program } from '../support/program.ts';

describe('an app before and after cleaning', function () {
  const files = scratch();
  const machine = new Machine(files.newFolder());
  let dirty = '';
  let clean = '';
  let vault = '';
  /** The server refuses to start without the secret. */
  let strict = '';

  before(async function () {
    needsContainers(this);
    dirty = files.file(archive(docker25Archive(webApp())));
    clean = join(files.folder, 'clean.tar');
    vault = join(files.folder, 'vault');
    await machine.output(['clean', dirty, '-o', clean, '--vault', vault]);
    const command = ['sh', '-c', 'grep -q ghp_ /srv/.env || { echo no token >&2; exit 3; }; exec httpd -f -p 8080 -h /srv'];
    strict = files.file(archive(docker25Archive(webApp({ Cmd: command }))));
  });

  afterEach(() => machine.assertNothingLeft());

  async function compared(args: readonly string[], code: number): Promise<Comparison> {
    const outcome = await machine.unbake(['compare', '-f', 'json', ...args]);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes(leaked), 'the secret is told');
    return JSON.parse(outcome.stdout) as Comparison;
  }

  it('is the same where the server answers the same', async () => {
    const { verdict, before, after, differences } = await compared([dirty, clean, '--http', '8080:/', '--http', '8080:/missing'], 0);
    assert.equal(verdict, 'same');
    assert.deepEqual(differences, []);
    assert.deepEqual(
      after.answers.map(({ status }) => status),
      [200, 404],
    );
    assert.deepEqual([before.image, after.image, after.outcome.kind, after.stopCode], [dirty, clean, 'running', 137]);
  });

  it('differs where the secret shows, and not with the vault', async () => {
    const without = await compared([dirty, clean, '--http', '8080:/.env'], 0);
    assert.deepEqual([without.verdict, without.differences.map(({ what }) => what)], ['works', ['body of the answer of 8080:/.env']]);
    assert.equal((await compared([dirty, clean, '--http', '8080:/.env', '--vault', vault], 0)).verdict, 'same');
  });

  it('tells output that differs with the secret in it masked', async () => {
    const { verdict, differences } = await compared([dirty, clean, '--', 'cat', '/srv/.env'], 0);
    assert.equal(verdict, 'works');
    assert.match(differences[0].before, /^GITHUB_TOKEN=\S*\*/);
    assert.equal((await compared([dirty, clean, '--vault', vault, '--', 'cat', '/srv/.env'], 0)).verdict, 'same');
  });

  it('tells no part of a secret that looks like a time or an ID in part, in output or in the head of an answer', async () => {
    const tokens = [planted.slackToken('compare one'), planted.slackToken('compare two')];
    const script = (token: string) =>
      `echo slack ${token}; printf 'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain; token=${token}\\r\\n\\r\\nok' >/tmp/head; while true; do nc -l -p 8080 </tmp/head; done`;
    const [first, second] = tokens.map((token) => files.file(archive(docker25Archive(webApp({ Cmd: ['sh', '-c', script(token)] })))));
    for (const format of ['json', 'text']) {
      const { code, stdout, stderr } = await machine.unbake(['compare', '-f', format, first, second, '--http', '8080:/']);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /slack/);
      assert.match(stdout, /text\/plain; token=/);
      for (const part of tokens.flatMap((token) => token.split('-').filter((piece) => piece.length >= 10)))
        assert.ok(!`${stdout}${stderr}`.includes(part), 'a part of a secret is told');
    }
  });

  it('is broken where the app needs what was taken out, and works with the vault', async () => {
    const args = ['-q', '--', 'sh', '-c', 'grep -q ghp_ .env'];
    const { verdict, differences } = await compared([dirty, clean, ...args], 1);
    assert.deepEqual(
      [verdict, differences.map(({ what, after, isBreaking }) => [what, after, isBreaking])],
      ['broken', [['outcome', 'ended with exit code 1', true]]],
    );
    assert.equal((await compared([dirty, clean, '--vault', vault, ...args], 0)).verdict, 'same');
  });

  it('tells nothing where it did not run before', async () => {
    assert.equal((await compared([dirty, clean, '--', 'missing-program'], 4)).verdict, 'unclear');
    const text = await machine.unbake(['compare', dirty, clean, '--http', '9:/', '--timeout', '0.5']);
    assert.equal(text.code, 4);
    assert.match(text.stdout, /^UNCLEAR: the first did not work either/);
  });

  it('leaves no file of the dirty image, also when it is killed half way', async () => {
    const env = { ...process.env, UNBAKE_ROOT: machine.root };
    const comparing = spawn(process.execPath, ['--', program, 'compare', dirty, clean], { env, stdio: 'ignore' });
    for (let tries = 0; tries < 500 && machine.left().length === 0; tries++) await sleep(20);
    comparing.kill('SIGKILL');
    // The container ends with the command; the folder goes with the next one.
    await machine.output(['prune']);
    await machine.assertNothingLeft();
    assert.deepEqual(readdirSync(join(machine.root, 'trials')), []);
    assert.deepEqual(exposedAt(machine.root, { leaked }), []);
  });

  it('is written by clean --try when it works, with what was removed given back', async () => {
    const output = join(files.newFolder(), 'tried.tar');
    const report = JSON.parse(await machine.output(['clean', strict, '-o', output, '--try', '--try-http', '8080:/', '-f', 'json'])) as CleanReport;
    assert.equal(report.comparison?.verdict, 'same');
    assert.deepEqual(report.proof?.checks.at(-1), { name: 'run', isPassed: true, detail: 'run before and after, both did the same', problems: [] });
    assert.ok(existsSync(output));
    assert.deepEqual(exposedAt(machine.root, { leaked }), []);
  });

  it('is not written by clean --try when it no longer works', async () => {
    const output = join(files.newFolder(), 'broken.tar');
    // The page itself is taken out: nothing gives that back.
    const { code, stderr } = await machine.unbake(['clean', dirty, '-o', output, '--path', '/bin/httpd', '--try', '--try-http', '8080:/']);
    assert.equal(code, 5);
    assert.match(stderr, /the app does not work as before, so nothing was written: outcome: runs, and now: could not be started/);
    assert.deepEqual(readdirSync(join(output, '..')), []);
  });

  it('is written with a warning where the image did not run before', async () => {
    const output = join(files.newFolder(), 'unclear.tar');
    const unable = files.file(archive(docker25Archive(webApp({ Cmd: ['missing-program'] }))));
    const { code, stdout } = await machine.unbake(['clean', unable, '-o', output, '--try']);
    assert.equal(code, 4);
    assert.match(stdout, /^NOT proved: run before and after: it did not work before either/m);
    assert.ok(existsSync(output));
  });

  for (const [args, sentence] of [
    [['compare', 'a.tar', 'b.tar', '--http', 'x'], /--http x is no probe/],
    [['compare', 'a.tar', 'b.tar', '--timeout', '0'], /--timeout/],
    [['compare', 'a.tar', 'b.tar'], /there is no file a\.tar/],
    [['clean', 'a.tar', '-o', 'b.tar', '--try-http', '80'], /--try-http needs --try/],
    [['clean', 'a.tar', '--plan', 'p.json', '--try'], /--try needs -o/],
    [['clean', 'a.tar', '-o', 'b.tar', '--try', '--runtime', '/missing'], /--runtime \/missing is no program/],
  ] as const) {
    it(`is not begun for ${args.join(' ')}`, async () => {
      const { code, stderr } = await machine.unbake(args, { cwd: files.folder });
      assert.ok(code === 2 || code === 3, String(code));
      assert.match(stderr, sentence);
    });
  }
});
