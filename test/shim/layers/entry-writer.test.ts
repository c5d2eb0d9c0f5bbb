import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { directory, entry, file, gnuSparse, hardlink, header, opaque, pad, pax, paxSparse, symlink } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, skip, tool } from '../../support/tool.ts';
import { isRoot, layer, layerOf, listing, newHome, unpack, ways } from './unpacking.ts';

const device = (name: string, type: '3' | '4', major: number, minor: number, mode: number) =>
  entry({
    name,
    type,
    mode,
    patches: [
      { at: 329, bytes: Buffer.from(`${major.toString(8).padStart(7, '0')}\0`) },
      { at: 337, bytes: Buffer.from(`${minor.toString(8).padStart(7, '0')}\0`) },
    ],
  });

for (const way of ways) {
  describe(`an unpacked entry (${way})`, () => {
    const { newFolder, file: written } = scratch();

    async function tree(...entries: readonly Buffer[]): Promise<string> {
      return (await unpack(way, await newHome(newFolder()), layer(...entries))).tree;
    }

    before(function () {
      if (!isRoot) skip(this, 'only root can make files of others');
    });

    it('has its owner, mode and time', async () => {
      const found = listing(
        await tree(
          directory('d', { mode: 0o2555, uid: 10, gid: 20, mtime: 1000 }),
          file('d/f', 'text', { mode: 0o6711, uid: 1000, gid: 2 ** 31, mtime: 1_700_000_000 }),
          symlink('d/l', '../nowhere', { uid: 7, gid: 8, mtime: 77 }),
          file('old', '', { mtime: -86_400n }),
          directory('sticky', { mode: 0o1777, mtime: 5 }),
          file('sticky/f', ''),
        ),
      );
      assert.deepEqual(found, {
        d: 'directory 2555 10:20 1000',
        'd/f': `file 6711 1000:${2 ** 31} 1700000000 4 982d9e3e`,
        'd/l': 'link 7:8 77 ../nowhere',
        old: 'file 644 0:0 -86400 0 e3b0c442',
        sticky: 'directory 1777 0:0 5',
        'sticky/f': 'file 644 0:0 0 0 e3b0c442',
      });
    });

    it('has its name byte by byte', async () => {
      const name = Buffer.from([0xff, 0x20, 0x0a, 0xe4, 0x5c, 0x22]);
      const root = await tree(
        file(Buffer.concat([Buffer.from('d/'), name]), 'x'),
        symlink('l', name),
        hardlink('h', Buffer.concat([Buffer.from('d/'), name])),
        opaque('d'),
      );
      assert.deepEqual(Object.keys(listing(root)), ['d', `d/${name.toString('latin1')}`, 'h', 'l']);
      assert.deepEqual(readlinkSync(join(root, 'l'), 'buffer'), name);
    });

    it('takes the place of what stood at its path', async () => {
      const root = await tree(
        directory('kept', { mode: 0o700 }),
        file('kept/inside', ''),
        directory('kept', { mode: 0o750, mtime: 9 }),
        directory('d'),
        file('d/deep/er', ''),
        file('d', 'now a file'),
        file('f', 'now a directory'),
        directory('f'),
        file('again', 'first, and longer'),
        file('again', 'second'),
        symlink('l', 'again'),
        file('l', 'now a file'),
        file('was', ''),
        symlink('was', 'l'),
      );
      assert.deepEqual(
        Object.entries(listing(root, { hasTimes: false })).map(([path, what]) => `${path} ${what.split(' ')[0]}`),
        ['again file', 'd file', 'f directory', 'kept directory', 'kept/inside file', 'l file', 'was link'],
      );
      assert.equal(readFileSync(join(root, 'again'), 'utf8'), 'second');
      assert.equal(listing(root)['kept'], 'directory 750 0:0 9');
    });

    it('is one file under all its names', async () => {
      const root = await tree(
        file('a', 'first'),
        symlink('to', 'dir'),
        file('to/c', 'third'),
        hardlink('b', './a'),
        hardlink('d', 'dir/c'),
        hardlink('e', 'to/c'),
        hardlink('e', 'e'),
      );
      const inode = (name: string) => statSync(join(root, name)).ino;
      assert.equal(inode('a'), inode('b'));
      assert.equal(inode('d'), inode('dir/c'));
      assert.equal(inode('e'), inode('dir/c'));
      assert.equal(statSync(join(root, 'e')).nlink, 3);
    });

    it('keeps the other names of a file when one is replaced', async () => {
      const root = await tree(file('a', 'first'), hardlink('b', 'a'), file('a', 'second'));
      assert.deepEqual([readFileSync(join(root, 'a'), 'utf8'), readFileSync(join(root, 'b'), 'utf8')], ['second', 'first']);
    });

    it('has its holes, in every form in which they are written', async () => {
      const segments = [
        { offset: 5000, data: Buffer.from('five') },
        { offset: 100_000, data: Buffer.alloc(600, 'x') },
      ];
      const many = Array.from({ length: 30 }, (_, i) => ({ offset: i * 10_000, data: Buffer.from(`${i}`) }));
      const forms = ['0.0', '0.1', '1.0'] as const;
      const root = await tree(
        gnuSparse('old', segments, 200_000),
        gnuSparse('many', many, 300_000),
        gnuSparse('empty', [], 70_000),
        ...forms.map((form) => paxSparse(form, form, segments, 200_000)),
      );
      const expected = Buffer.alloc(200_000);
      for (const { offset, data } of segments) data.copy(expected, offset);
      for (const name of ['old', ...forms]) assert.ok(readFileSync(join(root, name)).equals(expected), name);
      const long = Buffer.alloc(300_000);
      for (const { offset, data } of many) data.copy(long, offset);
      assert.ok(readFileSync(join(root, 'many')).equals(long));
      assert.equal(statSync(join(root, 'empty')).size, 70_000);
      assert.ok(statSync(join(root, 'old')).blocks * 512 < 100_000, 'the holes take no room');
    });

    it('is the link, not its body, when a hard link brings one', async () => {
      const withBody = Buffer.concat([header({ name: 'h', type: '1', linkName: 'f', size: 4 }), pad(Buffer.from('body'))]);
      const { tree: root, notices } = await unpack(way, await newHome(newFolder()), layer(file('f', 'text'), withBody));
      assert.equal(readFileSync(join(root, 'h'), 'utf8'), 'text');
      assert.match(notices.map(({ detail }) => detail).join(), /^the content of 1 hard link left out: .*\/h/);
    });

    it('is a device or a fifo', async function () {
      needs(this, 'mknod');
      const root = await tree(
        device('dev/null', '3', 1, 3, 0o666),
        device('dev/disk', '4', 8, 300, 0o660),
        entry({ name: 'p', type: '6', mode: 0o620, uid: 5, mtime: 50 }),
        hardlink('null', 'dev/null'),
      );
      const found = listing(root);
      assert.equal(found['dev/null'], 'device 666 0:0 0 1,3');
      assert.equal(found['null'], found['dev/null']);
      assert.equal(found['p'], 'fifo 620 5:0 50');
      const disk = lstatSync(join(root, 'dev/disk'));
      assert.ok(disk.isBlockDevice());
      assert.equal(tool('stat', ['-c', '%t:%T', join(root, 'dev/disk')]), '8:12c');
    });

    it('has its extended attributes, capabilities above all', async function () {
      needs(this, 'setfattr', 'getfattr');
      const capability = Buffer.from('AQAAAgAEAAAAAAAAAAAAAAAAAAA=', 'base64');
      const name = 'a\n# file: b="c" \\134 ä';
      const { tree: root, notices } = await unpack(
        way,
        await newHome(newFolder()),
        layer(
          pax([
            ['SCHILY.xattr.security.capability', capability],
            ['SCHILY.xattr.user.text', 'line\nline\0 "'],
            ['SCHILY.xattr.user.odd name \\', ''],
            ['SCHILY.xattr.security.selinux', 'label'],
            ['SCHILY.xattr.trusted.overlay.redirect', '/etc'],
          ]),
          file(name, 'x', { uid: 1000 }),
          hardlink('second', name),
          pax([['SCHILY.xattr.user.dir', 'd']]),
          directory('d', { mode: 0o500 }),
          pax([['SCHILY.xattr.user.gone', 'd']]),
          file('replaced', ''),
          file('replaced', ''),
          pax([['SCHILY.xattr.user.gone', 'd']]),
          file('moved/inside', ''),
          directory('other'),
          file('other/inside', ''),
          symlink('moved', 'other'),
        ),
      );
      const attributes = (path: string) =>
        tool('getfattr', ['--absolute-names', '-h', '-d', '-m', '-', '-e', 'hex', join(root, path)])
          .split('\n')
          .slice(1)
          .filter((line) => line !== '');
      const expected = [
        `security.capability=0x${capability.toString('hex')}`,
        'user.odd name\\040\\134=0x',
        `user.text=0x${Buffer.from('line\nline\0 "').toString('hex')}`,
      ];
      const spaceless = (lines: readonly string[]) => lines.map((line) => line.replace('\\040', ' ')).sort();
      assert.deepEqual(spaceless(attributes(name)), spaceless(expected));
      assert.deepEqual(attributes('second'), attributes(name));
      assert.deepEqual(attributes('d'), [`user.dir=0x${Buffer.from('d').toString('hex')}`]);
      for (const path of ['replaced', 'other/inside']) assert.deepEqual(attributes(path), []);
      assert.match(
        notices.map(({ detail }) => detail).join(),
        /^2 extended attributes left out that belong to overlays or the security of a machine \(first: [^)]*\)$/,
      );
    });

    it('is what GNU tar makes of it, for a tree with all kinds', async function () {
      needs(this, 'tar', 'find');
      const source = newFolder();
      const script = `cd "$1" && mkdir -p usr/lib/deep etc empty && cp -a /usr/share/zoneinfo/Etc usr/lib/ 2>/dev/null; cp -a /bin/ls /etc/passwd etc/
        ln -s ../etc usr/etc; ln etc/passwd usr/twin; mkfifo run; chmod 4711 etc/ls; chown -h 12:34 usr/etc; chmod 1777 empty; chown 5:6 empty
        truncate -s 3M usr/sparse; printf end >>usr/sparse; touch -d 1999-01-02 etc/passwd; touch -h -d 1988-01-02 usr/etc
        touch -d 2001-01-02 usr/lib; name=$(printf 'caf\\351'); echo x >"$name"`;
      assert.equal(spawnSync('sh', ['-c', script, 'sh', source]).status, 0);
      for (const format of [
        ['--format=gnu'],
        ['--format=pax', '--pax-option=delete=atime,delete=ctime'],
        ['--format=gnu', '--sparse'],
        ['--format=pax', '--sparse'],
        ['--format=ustar'],
      ]) {
        const archive = written(spawnSync('tar', ['-C', source, '-c', ...format, '.'], { maxBuffer: 2 ** 28 }).stdout);
        const reference = newFolder();
        tool('tar', ['-C', reference, '-x', '-p', '--same-owner', '-f', archive]);
        const { tree: root } = await unpack(way, await newHome(newFolder()), layerOf(readFileSync(archive)));
        const whole = (folder: string) =>
          Object.fromEntries(Object.entries(listing(folder)).map(([path, what]) => [path, what.replace(/ (-?\d+)\.\d+/, ' $1')]));
        assert.deepEqual(whole(root), whole(reference), format.join(' '));
      }
    });

    it('that nobody reads yet may lie in a directory that nobody may write to', async () => {
      const layers = [layer(directory('d', { mode: 0o555 }), file('d/a', '', { mode: 0 })), layer(file('d/b', ''), hardlink('d/c', 'd/b'))];
      const { tree: root } = await unpack(way, await newHome(newFolder()), ...layers);
      assert.equal((statSync(join(root, 'd')).mode & 0o7777).toString(8), '555');
    });
  });
}
