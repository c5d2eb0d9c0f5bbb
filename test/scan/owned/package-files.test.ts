// The databases of package managers, in memory: which package owns a file, and whether the file is as the package had it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type BodyDigests, ownerOf } from '../../../src/scan/owned/claim.ts';
import { mostDatabaseBytes, PackageFiles } from '../../../src/scan/owned/package-files.ts';
import { skip } from '../../support/tool.ts';

const hash = (name: string, body: Buffer | string) => createHash(name).update(body).digest();
const digestsOf = (body: Buffer | string): BodyDigests => ({
  md5: hash('md5', body).toString('hex'),
  sha1: hash('sha1', body).toString('hex'),
  sha256: hash('sha256', body).toString('hex'),
});

function packageFiles(files: Readonly<Record<string, string | Buffer>>): PackageFiles {
  const all = new PackageFiles();
  for (const [path, text] of Object.entries(files)) {
    if (all.wants(path, text.length)) all.add(path, Buffer.from(text));
  }
  return all;
}

/** `kind package`, with `unchanged` where that is proved. */
function told(all: PackageFiles, path: string, body: string | Buffer): string | undefined {
  const owner = ownerOf(all.claimsOn(new Set([path])).get(path) ?? [], digestsOf(body));
  return owner && `${owner.kind} ${owner.package}${owner.isProved ? ' unchanged' : ''}`;
}

const md5 = (body: string) => hash('md5', body).toString('hex');

describe('PackageFiles', () => {
  it('reads dpkg: sums, versions, configuration files, merged /usr', () => {
    const all = packageFiles({
      'var/lib/dpkg/status': [
        'Package: adduser\nStatus: install ok installed\nArchitecture: all\nVersion: 3.134\nConffiles:',
        ` /etc/adduser.conf ${md5('conf')}\n /etc/old.conf ${md5('old')} obsolete\nDescription: add users\n longer text`,
        '\nPackage: libc6\nArchitecture: amd64\nVersion: 2.36-9\n',
      ].join('\n'),
      'var/lib/dpkg/info/libc6:amd64.md5sums': `${md5('so')}  lib/x86_64-linux-gnu/libc.so.6\n${md5('doc')}  usr/share/doc/a b/x\nnonsense\n`,
    });
    assert.equal(told(all, 'usr/lib/x86_64-linux-gnu/libc.so.6', 'so'), 'dpkg libc6 2.36-9 unchanged');
    assert.equal(told(all, 'lib/x86_64-linux-gnu/libc.so.6', 'so'), 'dpkg libc6 2.36-9 unchanged');
    assert.equal(told(all, 'usr/share/doc/a b/x', 'doc'), 'dpkg libc6 2.36-9 unchanged');
    assert.equal(told(all, 'usr/share/doc/a b/x', 'doc and a secret'), 'dpkg libc6 2.36-9');
    assert.equal(told(all, 'etc/adduser.conf', 'conf'), 'dpkg adduser 3.134 unchanged');
    assert.equal(told(all, 'etc/adduser.conf', 'edited'), 'dpkg adduser 3.134');
    assert.equal(told(all, 'etc/old.conf', 'old'), 'dpkg adduser 3.134 unchanged');
    assert.equal(told(all, 'srv/app/.env', 'so'), undefined);
    assert.deepEqual(all.problems, []);
  });

  it('reads what images without a shell have of dpkg', () => {
    const all = packageFiles({
      'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a-0\n',
      'var/lib/dpkg/status.d/tzdata.md5sums': `${md5('x')}  ./usr/share/zoneinfo/UTC\n`,
    });
    assert.equal(told(all, 'usr/share/zoneinfo/UTC', 'x'), 'dpkg tzdata 2024a-0 unchanged');
  });

  it('reads the database of the machine that runs the test', function () {
    const folder = '/var/lib/dpkg/info';
    if (!existsSync(folder)) skip(this, 'there is no dpkg');
    const all = new PackageFiles();
    const add = (path: string) => all.add(path.slice(1), readFileSync(path));
    add('/var/lib/dpkg/status');
    const lists = readdirSync(folder).filter((name) => name.endsWith('.md5sums'));
    // The first files of the first packages, that are there: documentation may be left out.
    const files: string[] = [];
    for (const name of lists.slice(0, 40)) {
      add(join(folder, name));
      const path = `/${/^[0-9a-f]{32} {2}(.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1]}`;
      if (existsSync(path) && statSync(path).isFile()) files.push(path);
    }
    const claims = all.claimsOn(new Set(files.map((path) => path.slice(1))));
    const proved = files.filter((path) => ownerOf(claims.get(path.slice(1)) ?? [], digestsOf(readFileSync(path)))?.isProved);
    assert.equal(claims.size, files.length);
    assert.ok(proved.length > files.length * 0.9, `${proved.length} of ${files.length} files are as their packages had them`);
    assert.deepEqual(all.problems, []);
  });

  it('reads apk', () => {
    const q1 = (body: string) => `Q1${hash('sha1', body).toString('base64')}`;
    const all = packageFiles({
      'lib/apk/db/installed': [
        'C:Q1pE2vq3oW0Xc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nT:the musl c library\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755',
        `Z:${q1('ld')}\nF:etc\nM:0:0:755\nR:a.conf\nZ:${q1('conf')}\nR:bare\nF:\nR:root`,
        `Z:Q2${hash('sha256', 'r').toString('base64')}\n\nP:zlib\nV:1.3-r2\nF:usr/share\nR:z\nZ:${q1('z')}\n`,
      ].join('\n'),
    });
    assert.equal(told(all, 'lib/ld-musl-x86_64.so.1', 'ld'), 'apk musl 1.2.4-r2 unchanged');
    assert.equal(told(all, 'etc/a.conf', 'conf'), 'apk musl 1.2.4-r2 unchanged');
    assert.equal(told(all, 'etc/a.conf', 'edited'), 'apk musl 1.2.4-r2');
    assert.equal(told(all, 'etc/bare', ''), undefined);
    assert.equal(told(all, 'root', 'r'), 'apk musl 1.2.4-r2 unchanged');
    assert.equal(told(all, 'usr/share/z', 'z'), 'apk zlib 1.3-r2 unchanged');
  });

  it('reads RECORD of Python packages, but not of what was installed from a folder of its own', () => {
    const row = (path: string, body: string) => `${path},sha256=${hash('sha256', body).toString('base64url')},${body.length}\n`;
    const site = 'usr/lib/python3/site-packages';
    const all = packageFiles({
      [`${site}/requests-2.31.0.dist-info/RECORD`]: [
        row('requests/api.py', 'api'),
        row('"requests/a,""b"".py"', 'odd'),
        row('../../../bin/normalizer', 'bin'),
        'requests/__pycache__/api.pyc,,\n',
      ].join(''),
      [`${site}/my_app-0.1.dist-info/RECORD`]: row('my_app/settings.py', 'set'),
      [`${site}/my_app-0.1.dist-info/direct_url.json`]: '{"url": "file:///src", "dir_info": {}}',
    });
    assert.equal(told(all, `${site}/requests/api.py`, 'api'), 'python requests 2.31.0 unchanged');
    assert.equal(told(all, `${site}/requests/api.py`, 'changed'), 'python requests 2.31.0');
    assert.equal(told(all, `${site}/requests/a,"b".py`, 'odd'), 'python requests 2.31.0 unchanged');
    assert.equal(told(all, 'usr/bin/normalizer', 'bin'), 'python requests 2.31.0 unchanged');
    assert.equal(told(all, `${site}/requests/__pycache__/api.pyc`, ''), undefined);
    assert.equal(told(all, `${site}/my_app/settings.py`, 'set'), undefined);
  });

  it('knows npm packages by their folders, with versions where npm wrote them down', () => {
    const lock = {
      packages: {
        'node_modules/tunnel': { version: '0.0.6', resolved: 'https://registry.example/tunnel.tgz', integrity: 'sha512-x' },
        'node_modules/mine': { resolved: 'packages/mine', link: true },
        'node_modules/ours': { version: '1.0.0', resolved: 'git+ssh://git@example.com/ours.git' },
        'node_modules/odd': null,
      },
    };
    const all = packageFiles({ 'srv/app/node_modules/.package-lock.json': JSON.stringify(lock) });
    assert.equal(told(all, 'srv/app/node_modules/tunnel/test/keys/a.pem', 'x'), 'npm tunnel 0.0.6');
    assert.equal(told(all, 'srv/app/node_modules/tunnel/node_modules/@a/b/x.js', 'x'), 'npm @a/b');
    assert.equal(told(all, 'node_modules/left-pad/index.js', 'x'), 'npm left-pad');
    assert.equal(told(all, 'srv/app/node_modules/mine/.env', 'x'), undefined);
    assert.equal(told(all, 'srv/app/node_modules/ours/.env', 'x'), undefined);
    assert.equal(told(all, 'srv/app/node_modules/.bin/x', 'x'), undefined);
    assert.equal(told(all, 'srv/app/src/x.js', 'x'), undefined);
  });

  it('tells what it could not read', () => {
    const all = packageFiles({
      'var/lib/rpm/Packages': 'Berkeley',
      'usr/lib/sysimage/rpm/Packages.db': 'RpmP',
      'var/lib/rpm/rpmdb.sqlite': 'no database',
      'app/node_modules/.package-lock.json': '{"packages": ',
    });
    assert.equal(all.claimsOn(new Set(['etc/passwd'])).size, 0);
    assert.equal(all.problems.length, 4);
    assert.match(all.problems[0], /^\/var\/lib\/rpm\/Packages is a database of rpm in an older form than SQLite/);
    const large = new PackageFiles();
    assert.ok(large.wants('lib/apk/db/installed', mostDatabaseBytes));
    assert.ok(!large.wants('var/lib/dpkg/status', 1));
    assert.deepEqual(large.problems, ['/var/lib/dpkg/status is left out: the databases of packages are larger than 64 MiB together']);
  });

  it('wants databases alone', () => {
    const all = new PackageFiles();
    for (const path of [
      '',
      'etc/passwd',
      'var/lib/dpkg/info/a.list',
      'srv/RECORD',
      'package-lock.json',
      'x/var/lib/dpkg/status',
      'var/lib/rpm/__db.001',
    ]) {
      assert.ok(!all.wants(path, 1), path);
    }
  });

  it('bears any bytes', () => {
    const paths = [
      'var/lib/dpkg/status',
      'var/lib/dpkg/info/a.md5sums',
      'lib/apk/db/installed',
      'a-1.dist-info/RECORD',
      'node_modules/.package-lock.json',
      'var/lib/rpm/rpmdb.sqlite',
    ];
    const line = fc.constantFrom(
      'Package: a',
      'Version: 1',
      'Conffiles:',
      ' /a ',
      'P:a',
      'F:',
      'R:a',
      'Z:Q1',
      'Z:',
      '{"packages":{"":1}}',
      'null',
      '"',
      'a,sha256=',
      '',
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.array(fc.oneof(line, fc.string())), (path, lines) => {
        const all = packageFiles({ [path]: lines.join('\n') });
        all.claimsOn(new Set(['a', 'etc/a', 'node_modules/a/b']));
      }),
    );
  });
});
