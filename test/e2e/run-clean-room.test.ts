// A container has what its image and its flags give it. Variables, descriptors and files of whoever starts it, and of the shim, stay outside.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { freePort, machineWithWebApp, until } from '../support/containers.ts';
import { scratch } from '../support/scratch.ts';
import { tool } from '../support/tool.ts';
import { program } from '../support/program.ts';

const mark = 'unbake-test-mark';

describe('what of the machine reaches a container', () => {
  const files = scratch();
  const { machine } = machineWithWebApp(files);
  /** A file of the one who calls, which stands open in the calling process. */
  const marked = files.file(Buffer.from('not for containers\n'), `${mark}-file`);

  /** Calls unbake with descriptors 3 to 40 open on the marked file, none of them closed by executing. */
  async function withOpenFiles(...args: readonly string[]): Promise<string> {
    const fd = openSync(marked, 'r');
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 38 }, () => fd)],
      env: { ...process.env, UNBAKE_ROOT: machine.root, MARKED: mark, NODE_OPTIONS: '' },
      cwd: files.folder,
    });
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    closeSync(fd);
    return said.trim();
  }

  it('no variable, to none of its processes', async () => {
    const script = 'tr "\\0" "\\n" </proc/1/environ; env';
    const said = await withOpenFiles('run', '--rm', '--no-scan', 'web:1', 'sh', '-c', `busybox ${script}`);
    const names = said
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')))
      .filter((name) => !['PWD', 'SHLVL', 'OLDPWD'].includes(name));
    assert.deepEqual([...new Set(names)].toSorted(), ['HOME', 'HOSTNAME', 'PATH', 'SITE']);
    await withOpenFiles('run', '-d', '--no-scan', '--name', 'room', 'web:1');
    const inExec = await withOpenFiles('exec', 'room', 'sh', '-c', `env; busybox tr "\\0" "\\n" </proc/1/environ`);
    assert.doesNotMatch(inExec, new RegExp(`${mark}|UNBAKE|NODE`));
  });

  it('no leave to dump memory, with what a vault put there, into a file', () => {
    const call = `ulimit -c unlimited; exec "${process.execPath}" -- "${program}" run --rm --no-scan web:1 sh -c 'ulimit -c; ulimit -Hc'`;
    assert.equal(tool('bash', ['-c', call], { env: { UNBAKE_ROOT: machine.root } }), '0\n0');
  });

  it('no descriptor: the program has three, which lead to pipes of its own', async () => {
    const port = await freePort();
    const look = 'for f in /proc/$$/fd/*; do echo "${f##*/} $(readlink $f)"; done';
    const attached = await withOpenFiles('run', '--rm', '--no-scan', '-p', `${port}:8080`, 'web:1', 'sh', '-c', `${look}; true`);
    await withOpenFiles('run', '-d', '--no-scan', '--name', 'room', '-p', `${port}:8080`, 'web:1', 'sh', '-c', `${look}; exec httpd -f -p 8080`);
    const logged = () => machine.output(['logs', 'room']);
    await until('it has looked', async () => (await logged()).includes('2 '));
    const detached = await logged();
    const executed = await withOpenFiles('exec', 'room', 'sh', '-c', look);
    for (const said of [attached, detached, executed]) {
      assert.doesNotMatch(said, new RegExp(mark));
      // Descriptor 3 and above is the shell's own, of what it looks through just now.
      const foreign = said.split('\n').filter((line) => !/^[012] (?:pipe:|\/dev\/null)|^\d+ (?:$|\/proc\/|pipe:)/.test(line));
      assert.deepEqual(foreign, [], said);
    }
  });

  it('the processes beside it hold nothing open of whoever started it', async () => {
    await withOpenFiles('run', '-d', '--no-scan', '--name', 'room', 'web:1');
    const holders = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        try {
          return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === marked) ? [pid] : [];
        } catch {
          return [];
        }
      });
    assert.deepEqual(holders, []);
  });

  it('no file: it sees those of the image, and folders of the kernel', async () => {
    const said = await withOpenFiles(
      'run',
      '--rm',
      '--no-scan',
      'web:1',
      'sh',
      '-c',
      `ls /; find / -name '${mark}*' 2>/dev/null; readlink /proc/1/cwd`,
    );
    assert.deepEqual(said.split('\n'), ['bin', 'dev', 'etc', 'proc', 'root', 'srv', 'sys', 'tmp', '/srv']);
    // Mounts of others are not in its list, and none of its own shows a folder of the machine.
    const mounts = (await machine.output(['run', '--rm', '--no-scan', 'web:1', 'cat', '/proc/self/mountinfo'])).split('\n');
    const kinds = mounts.map((line) => / - (\S+) /.exec(line)![1]);
    assert.deepEqual(
      [...new Set(kinds)].filter((kind) => !['overlay', 'proc', 'tmpfs', 'devpts', 'sysfs', 'cgroup', 'cgroup2', 'mqueue'].includes(kind)),
      [],
    );
    for (const line of mounts) assert.doesNotMatch(line.split(' - ')[0], new RegExp(basename(files.folder)), line);
  });

  it('no process: it sees its own', async () => {
    const said = await machine.output(['run', '--rm', '--no-scan', 'web:1', 'sh', '-c', 'cat /proc/[0-9]*/comm']);
    assert.deepEqual(new Set(said.split('\n')), new Set(['cat']));
    const alone = await machine.output(['run', '--rm', '--no-scan', 'web:1', 'sh', '-c', 'cat /proc/[0-9]*/comm; echo $$']);
    assert.deepEqual(alone.split('\n'), ['sh', '1']);
  });
});
