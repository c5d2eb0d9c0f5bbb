// Containers of a user who is not root: the same commands, and a sentence for what needs root.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { assertPortFree } from '../support/shim-processes.ts';
import { needs, skip } from '../support/tool.ts';
import { page, webApp } from '../support/web-app.ts';
import { program } from '../support/program.ts';

const nobody = 65_534;
const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];

describe('containers without root', () => {
  const { folder, file } = scratch();
  const home = join(folder, 'home');
  const root = join(home, 'root');
  const env = { ...process.env, HOME: home, UNBAKE_ROOT: root, UNBAKE_CACHE_DIR: join(home, 'cache'), NODE_COMPILE_CACHE: join(home, 'compiled') };

  before(async function () {
    needsContainers(this);
    needs(this, 'setpriv');
    chmodSync(folder, 0o755);
    mkdirSync(home);
    chownSync(home, nobody, nobody);
    if (spawnSync('setpriv', [...asNobody.slice(1), 'unshare', '-U', '-r', 'true']).status !== 0) skip(this, 'no user namespaces here');
    const archive = file(forms.archive(forms.docker25Archive(webApp())));
    chmodSync(archive, 0o644);
    output('load', archive);
  });
  afterEach(async () => {
    const ids = output('ps', '-a', '-q')
      .split('\n')
      .filter((id) => id !== '');
    if (ids.length > 0) output('rm', '-f', ...ids);
    for (let tries = 0; tries < 100 && left().length > 0; tries++) await sleep(50);
    assert.deepEqual(left(), []);
  });

  function unbake(...args: readonly string[]) {
    const [command, ...flags] = [...asNobody, process.execPath, '--', program, ...args];
    const { status, stdout, stderr } = spawnSync(command!, flags, { env, cwd: '/', encoding: 'utf8', timeout: 60_000 });
    return { code: status, stdout: stdout.trim(), stderr };
  }

  function output(...args: readonly string[]): string {
    const { code, stdout, stderr } = unbake(...args);
    assert.equal(code, 0, `unbake ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  function left(): readonly string[] {
    const containers = join(root, 'containers');
    const processes = spawnSync('pgrep', ['-af', containers], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => line !== '');
    return [...(existsSync(containers) ? readdirSync(containers) : []), ...processes];
  }

  function pidOf(pattern: string): number {
    return Number(spawnSync('pgrep', ['-f', `^${pattern}`], { encoding: 'utf8' }).stdout.trim());
  }

  it('run, answer, are looked into, stop and go', async () => {
    const port = await freePort();
    output('run', '-d', '--no-scan', '--name', 'web', '-p', `${port}:8080`, 'web:1');
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), page);
    assert.match(output('exec', 'web', 'id'), /^uid=0\(root\) gid=0\(root\)/);
    // Root in it is the user outside.
    assert.match(output('exec', 'web', 'cat', '/proc/self/uid_map'), new RegExp(`^0 +${nobody} +1$`));
    assert.equal(output('exec', 'web', 'sh', '-c', 'echo new > /srv/new && rm /srv/data.txt && ls /srv'), 'index.html\nnew');
    assert.match(output('ps'), /Up .*web$/);
    output('stop', 'web');
    assert.match(output('ps', '-a'), /Exited \(137\)/);
    output('rm', 'web');
    await assertPortFree(port);
  });

  it('give their output and exit code', () => {
    const { code, stdout, stderr } = unbake('run', '--rm', '--no-scan', 'web:1', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: 'out', stderr: 'err\n' });
  });

  it('end when a process of the shim is killed', async () => {
    for (const role of ['unshare', 'sh \\S*/supervise.sh', 'sh \\S*/witness.sh']) {
      output('run', '-d', '--no-scan', '--name', 'web', 'web:1');
      process.kill(pidOf(`${role} .*${root}/containers/web `), 'SIGKILL');
      if (role.includes('witness')) output('stop', 'web');
      for (let tries = 0; tries < 100 && !output('ps', '-a').includes('Exited (137'); tries++) await sleep(50);
      output('rm', 'web');
    }
  });

  for (const [what, args, sentence] of [
    ['limits', ['-m', '64m', 'web:1'], /^unbake: limits on memory, processors and processes need a cgroup.*\n {2}run as root/],
    ['another user than root', ['-u', 'web', 'web:1'], /^unbake: the container is to run as user 1000 .*\n {2}give --user 0:0/],
    ['a port of root', ['-p', '80:8080', 'web:1'], /^unbake: port \S+ cannot be bound: ports below 1024 belong to root\n {2}publish a higher one/],
  ] as const) {
    it(`need root for ${what}, and say so`, () => {
      const { code, stderr } = unbake('run', '--rm', '--no-scan', ...args);
      assert.equal(code, 125);
      assert.match(stderr, sentence);
    });
  }

  it('see the network of the machine when that is asked for', () => {
    assert.match(output('run', '--rm', '--no-scan', '--network', 'host', 'web:1', 'ip', 'link'), /\blo:/);
  });

  it('are refused where the kernel gives users no namespaces, and say so', async () => {
    // A user namespace in which no other one may be made, with both root and nobody in it.
    const outer = spawn('unshare', ['-U', 'sleep', '60']);
    try {
      const ready = `until [ "$(readlink /proc/${outer.pid}/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done`;
      const map = `for map in uid_map gid_map; do echo '0 0 70000' >/proc/${outer.pid}/$map; done`;
      assert.equal(spawnSync('sh', ['-c', `${ready}; ${map}`]).status, 0);
      const call = [...asNobody, process.execPath, '--', program, 'run', '--rm', '--no-scan', 'web:1', 'id'];
      const inside = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';
      const { status, stderr } = spawnSync('nsenter', ['-U', '-t', String(outer.pid), 'sh', '-c', inside, 'sh', ...call], { env, encoding: 'utf8' });
      assert.equal(status, 125);
      assert.match(stderr, /^unbake: the namespaces of the container cannot be set up: .*\n {2}the kernel must allow user namespaces/);
    } finally {
      outer.kill('SIGKILL');
    }
  });
});
