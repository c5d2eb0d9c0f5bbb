// The janitor alone: what it holds, how it goes, and what it takes away for whoever died.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hireJanitor } from '../../src/store/janitor.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const source = new URL('../../src/store/janitor.ts', import.meta.url).pathname;

/** The process whose arguments hold this path. */
function janitorOf(path: string): string | undefined {
  return readdirSync('/proc').find((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').slice(3, 5).join() === `unbake-janitor,${path}`;
    } catch {
      return false;
    }
  });
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 200 && !isSo(); tries++) await sleep(25);
  assert.ok(isSo(), what);
}

describe('the janitor', () => {
  const files = scratch();
  before(function () {
    needs(this, 'sh');
  });

  it('holds its end of one pipe and nothing else: no file of ours, no folder, no terminal, no variable', async function () {
    if (process.platform !== 'linux') this.skip();
    const path = join(files.newFolder(), 'temporary');
    const own = readlinkSync('/proc/self/cwd');
    const janitor = hireJanitor({ temporary: path });
    await until(() => janitorOf(path) !== undefined, 'it is there');
    const id = janitorOf(path)!;
    // Node marks what it opens, and descriptors that it inherited up to the first gap behind 15: one beyond is no file of ours.
    const isGivenOn = (descriptor: string) =>
      Number(descriptor) > 15 &&
      (Number.parseInt(/flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))![1]!, 8) & 0o2000000) === 0;
    const descriptors = readdirSync(`/proc/${id}/fd`).filter((descriptor) => Number(descriptor) < 3 || !isGivenOn(descriptor));
    const open = descriptors.map((descriptor) => readlinkSync(`/proc/${id}/fd/${descriptor}`));
    assert.equal(open.length, 3, open.join());
    assert.match(open[0]!, /^(?:pipe|socket):/);
    assert.deepEqual([...open.slice(1), readlinkSync(`/proc/${id}/cwd`)], ['/dev/null', '/dev/null', '/']);
    assert.notEqual(own, '/');
    const [, , session, terminal] = readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) . /s, '')
      .split(' ');
    assert.deepEqual([session, terminal], [id, '0']);
    assert.match(readFileSync(`/proc/${id}/environ`, 'utf8'), /^(?:PATH|PWD|OLDPWD)=[^\0]*\0(?:(?:PATH|PWD|OLDPWD|SHLVL|_)=[^\0]*\0)*$/);
    writeFileSync(path, 'stays');
    janitor.dismiss();
    janitor.dismiss();
    await until(() => janitorOf(path) === undefined, 'it is gone');
    assert.equal(readFileSync(path, 'utf8'), 'stays');
  });

  it('does not keep the process', () => {
    const path = join(files.newFolder(), 'temporary');
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', hiring({ temporary: path }, '')], { timeout: 10_000 });
    assert.equal(status, 0);
  });

  function hiring(belongings: object, then: string): string {
    return `import { hireJanitor } from ${JSON.stringify(source)}; hireJanitor(${JSON.stringify(belongings)}); ${then}`;
  }

  /** Runs a process that has these belongings and dies. */
  function die(belongings: object, how = 'process.kill(process.pid, "SIGKILL")'): void {
    spawnSync(process.execPath, ['--input-type=module', '-e', hiring(belongings, how)], { stdio: 'inherit' });
  }

  for (const name of ['plain', 'two words', `it's "quoted"`, 'line\nend\n', '-rf', '$HOME `id` $(id)', '*', '!', '(', 'ü\u00a0']) {
    it(`takes away ${JSON.stringify(name)}, a folder with all that is in it, and nothing else`, async () => {
      const folder = files.newFolder();
      mkdirSync(join(folder, name, 'blobs'), { recursive: true });
      writeFileSync(join(folder, name, 'blobs/x'), '');
      writeFileSync(join(folder, 'other'), '');
      symlinkSync(join(folder, 'other'), join(folder, name, 'blobs/link'));
      die({ temporary: join(folder, name) });
      await until(() => !existsSync(join(folder, name)), 'it is taken away');
      assert.deepEqual(namesIn(folder), ['other']);
    });
  }

  it('a process that ends by itself, or throws, is no different', async () => {
    for (const how of ['process.exit(0)', 'throw new Error("expected here")']) {
      const path = files.file(Buffer.from('x'), `ended by ${how.length}`);
      spawnSync(process.execPath, ['--input-type=module', '-e', hiring({ temporary: path }, how)]);
      await until(() => !existsSync(path), how);
    }
  });

  // Which of the three are there, and which are there afterwards: `old` says that the target is the earlier folder.
  for (const [there, left, why] of [
    [['temporary', 'target'], ['target'], 'nothing was exchanged yet'],
    [['temporary', 'earlier'], ['target: old'], 'half exchanged: taken back'],
    [['earlier'], ['target: old'], 'half exchanged, and the new one is lost'],
    [['target', 'earlier'], ['target'], 'exchanged, and the earlier one was to be removed'],
    [['target'], ['target'], 'all was done'],
    [['temporary', 'target', 'earlier'], ['earlier', 'target'], `a stranger's target: the earlier one is the only copy`],
  ] as const) {
    it(`an exchange of folders with ${there.join(', ')}: ${why}`, async () => {
      const folder = files.newFolder();
      const at = (name: string) => join(folder, `a ${name}'s "place"\n`);
      for (const name of there) {
        mkdirSync(at(name));
        writeFileSync(join(at(name), 'whose'), name);
      }
      die({ temporary: at('temporary'), exchange: { target: at('target'), earlier: at('earlier') } });
      const seen = () =>
        namesIn(folder).map((name) => {
          const plain = /^a (\w+)/.exec(name)![1]!;
          return plain === 'target' && readFileSync(join(folder, name, 'whose'), 'utf8') === 'earlier' ? 'target: old' : plain;
        });
      await until(() => janitorOf(at('temporary')) === undefined, 'it is gone');
      assert.deepEqual(seen(), left);
    });
  }

  it('without a shell the work goes on without it', () => {
    const script = `process.env.PATH = '/nowhere'; ${hiring({ temporary: '/nowhere/x' }, '')}`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual([status, stderr.toString()], [0, '']);
  });
});
