// Containers in odd places: strange paths, hundreds of layers, a full disk, a caller with odd habits.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { directory, file as entry, opaque, symlink, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { assertNothingLeftOf, containerIds } from '../support/shim-processes.ts';
import { tool } from '../support/tool.ts';
import { webApp } from '../support/web-app.ts';
import { program } from '../support/program.ts';

describe('containers in odd places', () => {
  const { folder, file, newFolder } = scratch();
  const machines: Machine[] = [];
  let archive: string;

  before(function () {
    needsContainers(this, 'mount');
    archive = file(forms.archive(forms.docker25Archive(webApp())));
  });
  afterEach(async () => {
    for (const machine of machines.splice(0)) {
      const ids = containerIds(machine);
      await machine.removeAll();
      await assertNothingLeftOf(machine, ids);
    }
  });

  function machineAt(place: string): Machine {
    const machine = new Machine(place);
    mkdirSync(machine.root, { recursive: true });
    machines.push(machine);
    return machine;
  }

  async function assertItWorks(machine: Machine): Promise<void> {
    await machine.output(['run', '-d', '--no-scan', '--name', 'web', '-m', '64m', archive, 'sh', '-c', 'echo up; sleep 60']);
    assert.equal(await machine.output(['exec', 'web', 'cat', '/srv/index.html']), 'unbaked');
    await machine.output(['stop', 'web']);
    assert.equal(await machine.output(['logs', 'web']), 'up');
    await machine.output(['rm', 'web']);
  }

  for (const name of ['a b:c,d=e\\f', `-$(y) \`z\` q'u"o*t?[e`, 'ünï 日本\n', 'm'.repeat(200)]) {
    it(`below a folder called ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const place = join(newFolder(), name);
      mkdirSync(place);
      await assertItWorks(machineAt(place));
    });
  }

  it('below a link to a folder', async () => {
    const link = join(newFolder(), 'link');
    symlinkSync(newFolder(), link);
    await assertItWorks(machineAt(link));
  });

  it('with 300 layers', async () => {
    const first = [directory('bin/'), entry('bin/busybox', readFileSync('/bin/busybox'), { mode: 0o755 }), directory('l/')];
    const links = ['sh', 'ls', 'wc'].map((name) => symlink(`bin/${name}`, 'busybox'));
    const others = Array.from({ length: 299 }, (_, index) => ({ entries: [entry(`l/${index}`, `${index}`)] }));
    const image = assemble({ layers: [{ entries: [...first, ...links] }, ...others], tags: ['many:1'], config: { Env: ['PATH=/bin'] } });
    const machine = machineAt(newFolder());
    const many = file(forms.archive(forms.docker25Archive(image)));
    assert.equal(await machine.output(['run', '--rm', '--no-scan', many, 'sh', '-c', 'ls /l | wc -l']), '299');
  });

  it('on file systems that let no program be executed and open no device', async () => {
    const place = newFolder();
    tool('mount', ['-t', 'tmpfs', '-o', 'noexec,nodev,nosuid', 'none', place]);
    try {
      await assertItWorks(machineAt(place));
    } finally {
      tool('umount', [place]);
    }
  });

  it('on a file system that takes no overlay: one tree is made of the layers', async () => {
    const place = newFolder();
    const below = ['lower', 'upper', 'work', 'merged'].map((name) => join(place, name));
    tool('mount', ['-t', 'tmpfs', 'none', place]);
    try {
      for (const each of below) mkdirSync(each);
      tool('mount', ['-t', 'overlay', '-o', `lowerdir=${below[0]},upperdir=${below[1]},workdir=${below[2]}`, 'none', below[3]]);
      try {
        const machine = machineAt(below[3]);
        await assertItWorks(machine);
        const upper = [whiteout('srv/index.html'), directory('tmp/'), opaque('tmp/'), entry('tmp/new', ''), directory('root/', { mode: 0o711 })];
        const { layers } = webApp().plan;
        const image = webApp({}, { layers: [...layers, { entries: [entry('tmp/old', '')] }, { entries: upper }] });
        const script = 'ls /srv /tmp; stat -c %a /root /; id -u';
        const changed = file(forms.archive(forms.docker25Archive(image)));
        const seen = await machine.output(['run', '--rm', '--no-scan', '-u', 'web', changed, 'sh', '-c', script]);
        assert.deepEqual(seen.split('\n'), ['/srv:', 'data.txt', '', '/tmp:', 'new', '711', '755', '1000']);
        await assertNothingLeftOf(machine, []);
      } finally {
        tool('umount', [below[3]]);
      }
    } finally {
      tool('umount', [place]);
    }
  });

  it('on a disk that is full: a start is refused in a sentence, and how a container ended is known', async () => {
    const place = newFolder();
    tool('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', place]);
    try {
      const machine = machineAt(place);
      await machine.output(['run', '-d', '--no-scan', '--name', 'web', archive, 'sh', '-c', 'trap "exit 5" TERM; while true; do sleep 0.05; done']);
      spawnSync('dd', ['if=/dev/zero', `of=${join(place, 'fill')}`, 'bs=1k']);
      const { code, stderr } = await machine.unbake(['run', '--no-scan', 'web:1']);
      assert.equal(code, 125);
      assert.match(stderr, /^unbake: .*no space left on device.*\n {2}unbake prune/);
      await machine.output(['stop', 'web']);
      assert.match(await machine.output(['ps', '-a']), /Exited \(137\)/);
      await machine.output(['rm', 'web']);
      await assertNothingLeftOf(machine, []);
    } finally {
      tool('umount', [place]);
    }
  });

  it('called with closed streams, a strange mask, ignored signals and descriptors of its own', async () => {
    const machine = machineAt(newFolder());
    await machine.output(['load', archive]);
    const env = { ...process.env, UNBAKE_ROOT: machine.root, UNBAKE_CACHE_DIR: join(folder, 'cache') };
    const unbake = `"${process.execPath}" -- "${program}"`;
    const sh = (script: string) => spawnSync('bash', ['-c', script], { env, encoding: 'utf8', timeout: 30_000 });
    assert.equal(sh(`${unbake} run -d --no-scan --name closed web:1 <&- >&- 2>&-`).status, 0);
    assert.equal(await machine.output(['exec', 'closed', 'echo', 'runs']), 'runs');

    const volumes = file(forms.archive(forms.docker25Archive(webApp({ Volumes: { '/data': {}, '/root': {} } }, { tags: ['volumes:1'] }))));
    const modes = sh(`umask 077; ${unbake} run --rm --no-scan ${volumes} stat -c '%a %n' /data /root`);
    assert.equal(modes.stdout, '755 /data\n700 /root\n', modes.stderr);

    const signals = "trap '' INT QUIT PIPE CHLD HUP TERM";
    const masked = sh(
      `umask 777; ${signals}; ${unbake} run --rm --no-scan web:1 sh -c 'touch /x; stat -c %a /x'; ${unbake} run --rm --no-scan web:1 grep SigIgn /proc/self/status`,
    );
    assert.equal(masked.stdout, '644\nSigIgn:\t0000000000000000\n', masked.stderr);

    // The pipe ends with the command, though the container runs on.
    const marker = join(newFolder(), 'marker');
    const piped = sh(`{ ${unbake} run -d --no-scan --name piped web:1 200>&1 >/dev/null; } | cat; echo over >"${marker}"`);
    assert.deepEqual([piped.status, readFileSync(marker, 'utf8')], [0, 'over\n'], piped.stderr);
  });
});
