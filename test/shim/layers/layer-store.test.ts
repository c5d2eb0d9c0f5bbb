import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { blobOf } from '../../../src/model/blob.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { layerFolder, removeLayer, sweepLayers, unpackedLayers, unpackLayers } from '../../../src/shim/layers/layer-store.ts';
import { noise } from '../../support/hostile.ts';
import { directory, end, entry, file, hardlink, symlink, tar, whiteout } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { layer, layerOf, listing, newHome, options } from './unpacking.ts';

const child = new URL('unpacking-child.ts', import.meta.url).pathname;

describe('the store of unpacked layers', () => {
  const { newFolder, file: written } = scratch();

  it('unpacks a layer once, for whoever has it', async () => {
    const home = await newHome(newFolder());
    const told: string[] = [];
    const onLayer = (number: number, of: number) => void told.push(`${number}/${of}`);
    const [base, app, other] = [layer(file('base', '')), layer(file('app', 'x'.repeat(5000))), layer(file('other', ''))];
    const first = await unpackLayers(home, [base, app], { ...options, onLayer });
    assert.deepEqual(first, { trees: [base, app].map(({ diffId }) => join(layerFolder(home, diffId), 'tree')), notices: [] });
    const unreadable = { ...base, blob: { size: 1, open: () => assert.fail('the blob is not needed') } };
    const second = await unpackLayers(home, [unreadable, other], { ...options, onLayer });
    assert.equal(second.trees[0], first.trees[0]);
    assert.deepEqual(told, ['1/2', '2/2', '1/1']);
    assert.deepEqual(
      new Map((await unpackedLayers(home)).map(({ diffId, bytes }) => [diffId, bytes])),
      new Map([
        [base.diffId, 0],
        [app.diffId, 8192],
        [other.diffId, 0],
      ]),
    );
  });

  it('reads compressed layers, and names them by what is in them', async () => {
    const home = await newHome(newFolder());
    const plain = layer(file('f', 'x'));
    const compressed = { ...plain, blob: blobOf(gzipSync(tar(file('f', 'x')))) };
    const { trees } = await unpackLayers(home, [compressed], options);
    assert.equal(trees[0], join(layerFolder(home, plain.diffId), 'tree'));
    assert.deepEqual(Object.keys(listing(trees[0]!)), ['f']);
  });

  it('tells of a link that files of a higher layer take the place of, each time', async () => {
    const home = await newHome(newFolder());
    const base = layer(directory('usr/lib'), file('usr/lib/libc.so', ''), symlink('lib', 'usr/lib'), symlink('opt', 'usr'), symlink('sub', 'usr'));
    const between = layer(whiteout('opt'), directory('sub'));
    const app = layer(file('lib/app.so', ''), file('opt/app', ''), file('sub/app', ''), file('usr/lib/app.so', ''));
    const sentence =
      'layer: it has files in /lib, which is a link in the layers below it: a directory takes its place, and what the link led to is not seen there';
    for (const _ of ['first', 'again']) {
      const { notices } = await unpackLayers(home, [base, between, app], options);
      assert.deepEqual(
        notices.map(({ place, detail }) => `${place}: ${detail}`),
        [sentence],
      );
    }
    assert.deepEqual((await unpackLayers(home, [between, app], options)).notices, []);
  });

  it('unpacks no layer at all, and empty ones', async () => {
    const home = await newHome(newFolder());
    assert.deepEqual(await unpackLayers(home, [], options), { trees: [], notices: [] });
    for (const empty of [Buffer.alloc(0), end(), end(20)])
      assert.deepEqual(listing((await unpackLayers(home, [layerOf(empty)], options)).trees[0]!), {});
  });

  it('tells each time what it left out of a layer', async () => {
    const home = await newHome(newFolder());
    const odd = layerOf(
      Buffer.concat([tar(file('f', ''), entry({ name: 'label', type: 'V' })), tar(file('late', ''), file('later', ''))]),
      'layer 1 of app',
    );
    for (const round of [1, 2]) {
      const { trees, notices } = await unpackLayers(home, [odd], options);
      assert.deepEqual(Object.keys(listing(trees[0]!)), ['f'], `round ${round}`);
      assert.deepEqual(
        notices.map(({ place, detail }) => `${place}: ${detail}`),
        [
          'layer 1 of app: 1 entry left out that is no file of any kind (first: /label)',
          'layer 1 of app: 2 entries behind the end-of-archive marker left out, as container engines do (first: /late)',
        ],
      );
    }
  });

  it('removes a layer, whatever its modes, and unpacks it again when it is needed', async () => {
    const home = await newHome(newFolder());
    const closed = layer(directory('d', { mode: 0 }), symlink('l', '/'), file('d/f', '', { mode: 0 }));
    await unpackLayers(home, [closed], options);
    await removeLayer(home, closed.diffId);
    await removeLayer(home, closed.diffId);
    assert.deepEqual(await unpackedLayers(home), []);
    assert.deepEqual(readdirSync(home.layers), ['sha256']);
    const { trees } = await unpackLayers(home, [closed], options);
    assert.deepEqual(Object.keys(listing(trees[0]!)), ['d', 'd/f', 'l']);
  });

  it('does not trust a folder without its record', async () => {
    const home = await newHome(newFolder());
    const wanted = layer(file('f', ''));
    const folder = layerFolder(home, wanted.diffId);
    mkdirSync(join(folder, 'tree'), { recursive: true });
    writeFileSync(join(folder, 'tree/planted'), '');
    for (const record of ['', '{}', 'null', JSON.stringify({ diffId: wanted.diffId, bytes: 'many' })]) {
      mkdirSync(join(folder, 'tree'), { recursive: true });
      writeFileSync(join(folder, 'unpacked.json'), record);
      assert.deepEqual(await unpackedLayers(home), []);
      const { trees } = await unpackLayers(home, [wanted], options);
      assert.deepEqual(Object.keys(listing(trees[0]!)), ['f']);
    }
  });

  it('keeps nothing of a layer that fails at its end, and the layers before it', async () => {
    const home = await newHome(newFolder());
    const good = layer(file('good', ''));
    const bad = { ...layerOf(tar(file('bad', '')), 'layer 2'), diffId: layer(file('else', '')).diffId };
    await assert.rejects(unpackLayers(home, [good, bad], options), { code: 'damaged', message: /^layer 2 is not what the config/ });
    assert.deepEqual(
      (await unpackedLayers(home)).map(({ diffId }) => diffId),
      [good.diffId],
    );
    assert.deepEqual(readdirSync(home.layers), ['sha256']);
  });

  it('lets go of the file of a layer that it refuses in the middle', async () => {
    const bytes = gzipSync(tar(hardlink('evil', 'etc/passwd'), file('rest', noise(500_000))));
    let isOpen = false;
    const blob = {
      size: bytes.length,
      async *open() {
        isOpen = true;
        try {
          for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
        } finally {
          isOpen = false;
        }
      },
    };
    const refused = unpackLayers(await newHome(newFolder()), [{ ...layer(), blob }], options);
    await assert.rejects(refused, { code: 'damaged', message: /hard link/ });
    assert.equal(isOpen, false);
  });

  it('stops at limits and when it is interrupted, and leaves nothing', async () => {
    const home = await newHome(newFolder());
    const zeros = { ...layerOf(tar(file('zeros', Buffer.alloc(2 ** 21)))), blob: blobOf(gzipSync(tar(file('zeros', Buffer.alloc(2 ** 21))))) };
    await assert.rejects(unpackLayers(home, [zeros], { limits: { ...defaultLimits, layerBytes: 2 ** 20 } }), { code: 'limit', limit: 'layerBytes' });
    const controller = new AbortController();
    const slow = {
      ...layer(file('f', noise(200_000))),
      blob: {
        size: 200_000,
        async *open() {
          const bytes = tar(file('f', noise(200_000)));
          yield bytes.subarray(0, 100_000);
          controller.abort(new Error('enough'));
          yield bytes.subarray(100_000);
        },
      },
    };
    await assert.rejects(unpackLayers(home, [slow], { ...options, signal: controller.signal }), /enough/);
    assert.deepEqual(readdirSync(home.layers), []);
  });

  it('tells a disk that is full as what it is', async function () {
    const folder = newFolder();
    if (process.getuid!() !== 0 || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder]).status !== 0) this.skip();
    try {
      const home = await newHome(join(folder, 'home'));
      await assert.rejects(unpackLayers(home, [layer(file('large', noise(400_000)))], options), {
        code: 'io',
        message: /entry 0 \(\/large\) cannot be unpacked: ENOSPC/,
        hint: /make room/,
      });
      assert.deepEqual(readdirSync(home.layers), []);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  it('is used by several processes at once', async () => {
    const root = newFolder();
    const home = await newHome(root);
    const tars = [0, 1, 2].map((i) => written(tar(...Array.from({ length: 300 }, (_, n) => file(`d${i}/f${n}`, `${n}`)))));
    const run = () =>
      new Promise<string>((resolve) => {
        const process_ = spawn(process.execPath, [child, root, 'layer', 'lives', ...tars], { stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        process_.stdout.on('data', (chunk) => (said += chunk));
        process_.stderr.on('data', (chunk) => (said += chunk));
        process_.on('close', (code) => resolve(`${code} ${said}`));
      });
    const outcomes = await Promise.all([run(), run(), run()]);
    assert.equal(new Set(outcomes).size, 1, outcomes.join('\n'));
    assert.match(outcomes[0]!, /^0 /);
    assert.deepEqual(readdirSync(home.layers), ['sha256']);
    for (const { diffId } of await unpackedLayers(home)) assert.equal(Object.keys(listing(join(layerFolder(home, diffId), 'tree'))).length, 301);
    assert.equal((await unpackedLayers(home)).length, 3);
  });

  it('is as before when a process is killed in the middle, once it is swept', async () => {
    const root = newFolder();
    const home = await newHome(root);
    const tars = [
      written(tar(file('whole', ''))),
      written(tar(directory('d', { mode: 0 }), ...Array.from({ length: 100 }, (_, n) => file(`d/f${n}`, noise(3000))))),
    ];
    const { signal } = spawnSync(process.execPath, [child, root, 'layer', 'dies', ...tars]);
    assert.equal(signal, 'SIGKILL');
    const left = readdirSync(home.layers).filter((name) => name !== 'sha256');
    assert.equal(left.length, 1);
    assert.ok(existsSync(join(home.layers, left[0]!, 'tree/d/f1')), 'it was in the middle');
    assert.equal((await unpackedLayers(home)).length, 1);
    await sweepLayers(home);
    assert.deepEqual(readdirSync(home.layers), ['sha256']);
    const { trees } = await unpackLayers(
      home,
      tars.map((path) => layerOf(readFileSync(path))),
      options,
    );
    assert.equal(Object.keys(listing(trees[1]!)).length, 101);
  });

  it('sweeps only what the dead have left', async () => {
    const home = await newHome(newFolder());
    const { pid } = spawnSync('true');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    const start = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')[19];
    const alive = [`.new-0123456789ab-${process.pid}-${start}-${boot}`, 'sha256', 'notes'];
    const dead = [
      `.new-0123456789ab-${pid}-${start}-${boot}`,
      `.old-0123456789ab-${process.pid}-1-${boot}`,
      `.new-0123456789ab-${process.pid}-${start}-00000000`,
    ];
    for (const name of [...alive, ...dead]) mkdirSync(join(home.layers, name, 'tree'), { recursive: true });
    await sweepLayers(home);
    assert.deepEqual(readdirSync(home.layers).sort(), [...alive].sort());
  });

  it('does not care about the umask', async () => {
    const home = await newHome(newFolder());
    const before = process.umask(0o077);
    try {
      const { trees } = await unpackLayers(home, [layer(file('implied/f', '', { mode: 0o666 }), directory('d', { mode: 0o777 }))], options);
      const modes = ['', 'implied', 'implied/f', 'd'].map((name) => (lstatSync(join(trees[0]!, name)).mode & 0o7777).toString(8));
      assert.deepEqual(modes, ['755', '755', '666', '777']);
    } finally {
      process.umask(before);
    }
  });
});
