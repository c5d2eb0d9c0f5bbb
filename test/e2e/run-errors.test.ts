// What can go wrong before a program runs is told in one sentence with what to do, and leaves nothing behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Machine, machineWithWebApp } from '../support/containers.ts';
import { archive, docker25Archive, ociLayout } from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { webApp, webAppArchive } from '../support/web-app.ts';

describe('what run cannot do', () => {
  const files = scratch();
  const { machine, image } = machineWithWebApp(files);

  /** One sentence, one hint below it, exit code 125, and nothing left of it. */
  async function refuses(args: readonly string[], sentence: RegExp, hint: RegExp | undefined, on = machine): Promise<void> {
    const { code, stdout, stderr } = await on.unbake(['run', '--no-scan', ...args]);
    assert.deepEqual([code, stdout], [125, ''], `${args.join(' ')}: ${stderr}`);
    assert.doesNotMatch(stderr, /bug in unbake|^ {4}at |undefined|\[object/m);
    const [first, second, ...rest] = stderr.split('\n');
    assert.match(first, /^unbake: /);
    assert.match(first, sentence);
    if (hint === undefined) assert.deepEqual([second, rest], ['', []]);
    else {
      assert.match(second, /^ {2}\S/);
      assert.match(second, hint);
      assert.deepEqual(rest, ['']);
    }
    await on.assertNothingLeft();
  }

  it('a port that another program has', async () => {
    for (const address of ['127.0.0.1', '0.0.0.0', '::1']) {
      const server = createServer().listen(0, address);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await refuses(
        ['-d', '-p', `${port}:8080`, 'web:1'],
        new RegExp(`port \\S+:${port}/tcp is taken on this machine`),
        new RegExp(`-p ${port + 1}:`),
      );
      server.close();
    }
    await refuses(
      ['-p', '192.0.2.77:9999:80', 'web:1'],
      /port 192\.0\.2\.77:9999\/tcp cannot be bound: this machine does not have that address/,
      /ip addr/,
    );
  });

  it('an image that is not there, is none, is damaged, or is for another machine', async () => {
    await refuses(['nowhere:1'], /there is no file nowhere:1, and no image of that name in the local store/, /unbake images.*docker save/);
    await refuses(['docker://web:1'], /docker:\/\/web:1|docker/, /./);
    await refuses([files.file(Buffer.from('no image at all\n'), 'text')], /text/, /./);
    const bytes = archive(docker25Archive(webApp()));
    await refuses([files.file(bytes.subarray(0, bytes.length >> 1))], /\.tar has no image that can be read: .*truncated/, /unbake scan/);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 2]! ^= 0x55;
    // Where the store has the layer already, that one is taken.
    await refuses([files.file(flipped)], /sha256:[0-9a-f]{12,}/, /./, new Machine(files.newFolder()));
    const foreign = files.file(archive(docker25Archive(webApp({}, { platform: 'linux/s390x' }))));
    await refuses([foreign], /the image is for linux\/s390x, and this machine runs linux\/\w+/, /--platform.*qemu-user-static/);
    assert.match(await machine.output(['images']), /^<none> +<none> /m, 'what is refused takes no name away');
    assert.equal(await machine.output(['run', '--rm', '--no-scan', 'web:1', 'echo', 'still']), 'still');
    await refuses(['--platform', 'linux/arm64', image()], /no image for linux\/arm64: it has linux\/amd64/, /--platform/);
    await refuses(['--platform', 'linux', image()], /--platform linux is not a platform/, /os\/architecture/);
    const two = files.file(archive(ociLayout(webApp(), webApp({ User: 'web' }, { tags: ['web:2'] }))));
    await refuses([two], /holds 2 images: /, /:TAG/);
  });

  it('nothing to run, or nobody to run it as', async () => {
    await refuses([webAppArchive(files, { Cmd: null }, { tags: ['bare:1'] })], /no command/, /./);
    await refuses(['-u', 'nobody', 'web:1'], /user nobody is not in \/etc\/passwd of the image/, /--user/);
    await refuses(['-u', 'web:nogroup', 'web:1'], /group nogroup/, /--user/);
    await refuses(['--runtime', 'no-such-runtime', 'web:1'], /--runtime no-such-runtime is no program/, /runc, crun, youki/);
    await refuses(['--runtime', '/bin/false', 'web:1'], /cannot be started/, undefined);
  });

  it('flags that docker refuses too', async () => {
    await refuses(['--memory-swap', '1g', 'web:1'], /--memory-swap: .*--memory/, /--memory/);
    await refuses(['-m', '100m', '--memory-swap', '50m', 'web:1'], /--memory-swap/, /./);
    await refuses(['--cpus', '1000', 'web:1'], /--cpus/, /./);
    await refuses(['-w', 'relative', 'web:1'], /--workdir relative is not an absolute path/, /\//);
    await refuses(['-v', 'named:/data', 'web:1'], /named volumes are not kept/, /\.\/named:\/data/);
    await refuses(['--cap-add', 'EVERYTHING', 'web:1'], /--cap-add EVERYTHING is not a capability/, /capabilities\(7\)/);
    await refuses(['--name', 'no/good', 'web:1'], /--name no\/good is no name/, /letters/);
    await refuses(['--env-file', join(files.folder, 'missing'), 'web:1'], /missing/, /./);
    await refuses(['-d', '-t', 'web:1'], /-t .*-d/, /exec -it/);
    await refuses(['-t', 'web:1'], /-t needs a terminal/, /leave -t out/);
  });

  it('a folder that cannot be had', async () => {
    const taken = join(files.folder, 'taken');
    writeFileSync(taken, '');
    await refuses(
      ['--root', join(taken, 'below'), 'web:1'],
      /taken\/below, where images and containers are kept, cannot be made/,
      /--root DIR or UNBAKE_ROOT/,
    );
  });

  it('other commands name what is not there, each by itself', async () => {
    for (const command of ['logs', 'stop', 'rm'] as const) {
      const { code, stderr } = await machine.unbake([command, 'nobody']);
      assert.deepEqual([code, stderr], [3, 'unbake: there is no container nobody\n  unbake ps -a lists all of them\n'], command);
    }
    assert.equal((await machine.unbake(['exec', 'nobody', 'true'])).code, 125);
    await machine.output(['run', '-d', '--no-scan', '--name', 'one', 'web:1']);
    const partly = await machine.unbake(['rm', 'nobody', 'one']);
    assert.equal(partly.code, 3);
    assert.match(partly.stderr, /no container nobody[^]*container one is running\n {2}stop it first: unbake stop one, or unbake rm -f one/);
    const forced = await machine.unbake(['rm', '-f', 'nobody', 'one', 'one']);
    assert.deepEqual([forced.code, forced.stdout], [3, 'one\n'], forced.stderr);
    for (const time of ['--since', '--until']) {
      const { code, stderr } = await machine.unbake(['logs', time, 'yesterday', 'one']);
      assert.notEqual(code, 0);
      assert.match(stderr, /no container one|yesterday is no time/);
    }
    await machine.assertNothingLeft();
    assert.ok(!existsSync(join(machine.root, 'containers')) || readdirSync(join(machine.root, 'containers')).length === 0);
  });
});
