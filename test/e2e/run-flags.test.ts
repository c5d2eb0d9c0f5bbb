// Flags of `unbake run` that say what the program sees: variables, files, user, streams, rights, limits. They mean what docker means.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFiles, machineWithWebApp, until } from '../support/containers.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { webAppArchive } from '../support/web-app.ts';
import { program } from '../support/program.ts';

describe('flags of run', () => {
  const files = scratch();
  const { machine } = machineWithWebApp(files);

  /** Standard output of a script in the image, in lines. */
  const says = async (flags: readonly string[], script: string, options: { readonly env?: Record<string, string>; readonly input?: Buffer } = {}) =>
    (await machine.output(['run', '--rm', '--no-scan', ...flags, 'web:1', 'sh', '-c', script], options)).split('\n');

  it('variables: of the image, of files, of flags, the later wins; those of the machine only by name', async () => {
    const envFile = files.file(Buffer.from('# a comment\n\nFROM_FILE="raw"\nSITE=file\nUNBAKE_TEST_HOST\nUNBAKE_TEST_UNSET\n'), 'variables');
    const flags = ['--env-file', envFile, '-e', 'SITE=flag', '-e', 'EMPTY=', '-e', 'EQUALS=a=b c', '-e', 'UNBAKE_TEST_OTHER'];
    const lines = await says(flags, 'env | sort', { env: { UNBAKE_TEST_HOST: 'host', UNBAKE_TEST_OTHER: 'other', UNBAKE_TEST_MORE: 'more' } });
    const hostname = lines.find((line) => line.startsWith('HOSTNAME='))!;
    assert.match(hostname, /^HOSTNAME=[0-9a-f]{12}$/);
    // busybox' shell sets these three for itself.
    const own = lines.filter((line) => line !== hostname && !/^(?:PWD|SHLVL|OLDPWD)=/.test(line));
    assert.deepEqual(own, [
      'EMPTY=',
      'EQUALS=a=b c',
      'FROM_FILE="raw"',
      'HOME=/root',
      'PATH=/bin',
      'SITE=flag',
      'UNBAKE_TEST_HOST=host',
      'UNBAKE_TEST_OTHER=other',
    ]);
  });

  it('flags of the scan stand before the image like all others', async () => {
    const flags = ['--enable', 'npm-token', '--enable', 'private-key', '--limit', 'indexDepth=3'];
    const { code, stdout, stderr } = await machine.unbake(['run', '--rm', ...flags, 'web:1', 'echo', '--disable', 'x']);
    assert.deepEqual([code, stdout, stderr], [0, '--disable x\n', '']);
  });

  it('folders and files of the machine: to write to, or to read only', async () => {
    const shared = join(files.folder, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'in'), 'from outside\n');
    const flags = ['-v', `${shared}:/data`, '-v', `${shared}:/locked:ro`, '-v', `${join(shared, 'in')}:/etc/one:ro`];
    const script = 'cat /data/in /etc/one; echo written >/data/out; echo x >/locked/out || echo refused; echo x >/etc/one || echo refused';
    assert.deepEqual(await says(flags, script), ['from outside', 'from outside', 'refused', 'refused']);
    assert.equal(readFileSync(join(shared, 'out'), 'utf8'), 'written\n');
  });

  it('user, groups, folder, entrypoint, arguments', async () => {
    const who = 'id -u; id -g; id -G; echo $HOME; pwd';
    assert.deepEqual(await says(['-u', 'web'], who), ['1000', '1000', '1000 50', '/srv', '/srv']);
    assert.deepEqual(await says(['-u', 'web:staff', '-w', '/tmp'], who), ['1000', '50', '50', '/srv', '/tmp']);
    assert.deepEqual(await says(['-u', '4321:8765', '-w', '/not/yet/there'], who), ['4321', '8765', '8765', '/', '/not/yet/there']);
    const given = await machine.output(['run', '--rm', '--no-scan', '--entrypoint', 'printf', 'web:1', '%s|', 'a b', '-d', '--name', '$HOME', '']);
    assert.equal(given, 'a b|-d|--name|$HOME||');
  });

  it('a root file system that is read-only, but for what is mounted in it', async () => {
    const script =
      'for f in /new /srv/index.html /tmp/new; do echo x >$f || echo no $f; done; echo x >/dev/shm/new && echo shm; echo x >/v/new && echo v';
    assert.deepEqual(await says(['--read-only', '-v', '/v'], script), ['no /new', 'no /srv/index.html', 'no /tmp/new', 'shm', 'v']);
  });

  it('rights: a small set of them, more or fewer by name; a seccomp filter, and none gained by executing', async () => {
    const look = "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | sed 's/\\t/ /'";
    const facts = async (...flags: readonly string[]) =>
      Object.fromEntries((await says(flags, look)).map((line) => line.split(': ', 2) as [string, string]));
    const bit = (name: number) => 1n << BigInt(name);
    const [chown, netBind, netRaw, sysAdmin, sysTime] = [0, 10, 13, 21, 25].map(bit);
    const has = (set: string | undefined, ...bits: readonly bigint[]) => bits.map((each) => (BigInt(`0x${set}`) & each) !== 0n);
    const plain = await facts();
    assert.deepEqual([plain['NoNewPrivs'], plain['Seccomp']], ['1', '2']);
    assert.deepEqual(has(plain['CapEff'], chown, netBind, sysAdmin, sysTime), [true, true, false, false]);
    const none = await facts('--cap-drop', 'ALL');
    assert.deepEqual([none['CapEff'], none['CapBnd']], ['0000000000000000', '0000000000000000']);
    const some = await facts('--cap-drop', 'all', '--cap-add', 'chown', '--cap-add', 'CAP_NET_RAW');
    assert.equal(BigInt(`0x${some['CapEff']}`), chown | netRaw);
    assert.deepEqual(has((await facts('-u', 'web'))['CapEff'], chown), [false]);
    const open = await facts('--security-opt', 'seccomp=unconfined', '--security-opt', 'no-new-privileges=false');
    assert.deepEqual([open['NoNewPrivs'], open['Seccomp']], ['0', '0']);
  });

  it('limits of processes and processors, read back from the machine', async () => {
    const id = await machine.output(['run', '-d', '--no-scan', '--pids-limit', '17', '--cpus', '0.5', 'web:1']);
    const told = cgroupFiles(id, 'pids.max', 'cpu.max', 'cpu.cfs_quota_us', 'cpu.cfs_period_us');
    const cpu = 'cpu.max' in told ? { 'cpu.max': '50000 100000' } : { 'cpu.cfs_quota_us': '50000', 'cpu.cfs_period_us': '100000' };
    assert.deepEqual(told, { 'pids.max': '17', ...cpu });
  });

  it('standard input is that of the command with -i, and empty without', async () => {
    const input = Buffer.from('first\nsecond\n');
    assert.deepEqual(await says(['-i'], 'cat; echo over', { input }), ['first', 'second', 'over']);
    assert.deepEqual(await says([], 'cat; echo over', { input }), ['over']);
    const large = Buffer.alloc(3_000_000, 'x');
    assert.deepEqual(await says(['-i'], 'wc -c', { input: large }), ['3000000']);
  });

  it('-t gives it a terminal, and gives the terminal back', function () {
    needs(this, 'script');
    const inside = `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo "a terminal, TERM=$TERM"; exit 6`;
    const run = [process.execPath, program, 'run', '--rm', '--no-scan', '-it', 'web:1', 'sh', '-c', inside].map((word) => `'${word}'`).join(' ');
    const said = tool('script', ['-qec', `stty -a >${files.folder}/before; ${run}; echo "code $?"; stty -a >${files.folder}/after`, '/dev/null'], {
      env: { UNBAKE_ROOT: machine.root },
    });
    assert.match(said, /a terminal, TERM=xterm\r\n.*code 6/s);
    assert.equal(readFileSync(`${files.folder}/after`, 'utf8'), readFileSync(`${files.folder}/before`, 'utf8'));
  });

  it('volumes of the image begin as what it has there, and a folder that it works in is made', async () => {
    const reference = webAppArchive(files, { Volumes: { '/srv': {}, '/var/lib/new': {} }, WorkingDir: '/opt/none/yet', User: 'web' });
    const script = 'pwd; cat /srv/index.html; grep -c " /srv \\| /var/lib/new " /proc/mounts';
    assert.equal(await machine.output(['run', '--rm', '--no-scan', reference, 'sh', '-c', script]), '/opt/none/yet\nunbaked\n2');
  });

  it('what it is told of its health stands in ps', async () => {
    const check = ['--health-cmd', 'test -e /tmp/well', '--health-interval', '100ms', '--health-retries', '2'];
    await machine.output(['run', '-d', '--no-scan', '--name', 'patient', ...check, 'web:1']);
    await until('it is unhealthy', async () => (await machine.output(['ps'])).includes('(unhealthy)'));
    await machine.output(['exec', 'patient', 'touch', '/tmp/well']);
    await until('it is healthy', async () => (await machine.output(['ps'])).includes('(healthy)'));
  });

  it('exec has the variables and rights of the container, a user and a folder of its own', async () => {
    await machine.output(['run', '-d', '--no-scan', '--name', 'host', '-e', 'SITE=flag', 'web:1']);
    const exec = (...args: readonly string[]) => machine.output(['exec', ...args]);
    assert.equal(
      await exec('-u', 'web:staff', '-w', '/tmp', '-e', 'MORE=1', 'host', 'sh', '-c', 'id -u; id -g; pwd; echo $SITE $MORE'),
      '1000\n50\n/tmp\nflag 1',
    );
    assert.equal(await exec('host', 'grep', '-c', '^Seccomp:.2$', '/proc/self/status'), '1');
    const piped = await machine.unbake(['exec', '-i', 'host', 'cat'], { input: Buffer.from('piped') });
    assert.deepEqual([piped.code, piped.stdout], [0, 'piped']);
    for (const [name, code] of [
      ['nowhere', 127],
      ['/srv/data.txt', 126],
    ] as const) {
      const failed = await machine.unbake(['exec', 'host', name]);
      assert.equal(failed.code, code, failed.stderr);
    }
    await machine.output(['exec', '-d', 'host', 'sh', '-c', 'sleep 0.1; touch /tmp/later']);
    await until('what was detached has run', async () => (await machine.unbake(['exec', 'host', 'cat', '/tmp/later'])).code === 0);
  });

  it('a file in a folder with an odd name', async () => {
    const odd = join(files.folder, `od d'"$x`);
    mkdirSync(odd);
    writeFileSync(join(odd, 'fi le'), 'odd\n');
    chownSync(join(odd, 'fi le'), 1000, 1000);
    chmodSync(join(odd, 'fi le'), 0o600);
    assert.deepEqual(await says(['-v', `${odd}/fi le:/a b`, '-u', 'web'], "cat '/a b'"), ['odd']);
  });
});
