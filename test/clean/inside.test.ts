// What is packed into files, encoded or kept by git is taken out where it stands and nowhere else; other tools still read what is left.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import type { CleanOptions } from '../../src/clean/clean.ts';
import { parseMode } from '../../src/clean/plan/treatment.ts';
import { blobOf, bytesOf } from '../../src/model/blob.ts';
import { readBodies } from '../../src/scan/read-bodies.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { gzipMember } from '../support/compressed.ts';
import type { ImagePlan } from '../support/image.ts';
import { jks } from '../support/key-stores.ts';
import { githubToken, privateKey } from '../support/planted.ts';
import { file, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { isInstalled, tool } from '../support/tool.ts';
import { ar } from '../view/nested/raw-archives.ts';
import { rawZip } from '../view/nested/raw-zip.ts';
import { apartOf } from '../view/nested/walked.ts';
import { cleaned, contentOf, scanned } from './cleaning.ts';

/** Short, and a word: it is not looked for anywhere. */
const short = ['hunter', '2'].join('');
const marks = 'x'.repeat(short.length);
const token = githubToken('cleaned inside');
const properties = `spring.datasource.url=jdbc:postgresql://db/app\nspring.datasource.username=app\nspring.datasource.password=${short}\n`;
const readme = `The word ${short} is no secret here: ${short}.\n`;

describe('what stands inside of files', function () {
  this.timeout(120_000);
  const place = scratch();

  interface After {
    /** Bodies by path. */
    readonly bodies: ReadonlyMap<string, Buffer>;
    readonly treatments: Readonly<Record<string, string>>;
    readonly reasons: Readonly<Record<string, string>>;
    readonly result: Awaited<ReturnType<typeof cleaned>>;
  }

  /** Cleans one layer with these files; the proof is part of the cleaning. */
  async function after(files: Readonly<Record<string, Buffer | string>>, changes: Partial<CleanOptions> = {}): Promise<After> {
    const image: ImagePlan = { layers: [{ entries: Object.entries(files).map(([name, body]) => file(name, body)), compression: 'gzip' }] };
    const result = await cleaned(place, image, changes);
    const [{ layers }] = (await contentOf(result.output)).images;
    const scan = await scanned(result.output);
    const { entries } = [...scan.layers.values()][0];
    const blobs = await readBodies(blobOf(layers[0].bytes), entries, defaultLimits, async (chunks) => {
      const all: Uint8Array[] = [];
      for await (const chunk of chunks) all.push(Buffer.from(chunk));
      return blobOf(Buffer.concat(all));
    });
    const bodies = new Map<string, Buffer>();
    for (const entry of entries) bodies.set(entry.path, await bytesOf(blobs.get(entry.index) ?? blobOf(Buffer.alloc(0))));
    const steps = result.report.plan.steps.flatMap((step) => (step.kind === 'file' ? [step] : []));
    assert.deepEqual(
      scan.report.findings.map(({ place: at }) => at),
      [],
    );
    assert.ok(result.report.proof!.checks.every(({ isPassed }) => isPassed));
    return {
      bodies,
      treatments: Object.fromEntries(steps.map(({ path, treatment }) => [path, treatment])),
      reasons: Object.fromEntries(steps.map(({ path, reason }) => [path, reason])),
      result,
    };
  }

  const only = (documents: ReadonlyMap<string, Buffer>) => Object.fromEntries([...documents].map(([way, bytes]) => [way, bytes.toString('latin1')]));

  it('is a short password in a jar: written over in its place and nowhere else', async () => {
    const members = [
      { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' },
      { name: 'application.properties', data: properties },
      { name: 'README', data: readme },
      { name: 'stored.txt', data: readme, method: 0 },
    ];
    const { bodies, treatments } = await after({ 'app.jar': rawZip({ members }), README: readme });
    assert.deepEqual(treatments, { '/app.jar': 'rewrite' });
    assert.equal(bodies.get('README')!.toString(), readme);
    assert.deepEqual(only(await apartOf(bodies.get('app.jar')!)), {
      'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n',
      'application.properties': properties.replace(short, marks),
      README: readme,
      'stored.txt': readme,
    });
    const path = place.file(bodies.get('app.jar')!, 'app.jar');
    if (isInstalled('unzip')) tool('unzip', ['-tq', path]);
    if (isInstalled('python3'))
      assert.match(tool('python3', ['-c', 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())', path]), /None/);
    if (isInstalled('jar')) assert.match(tool('jar', ['tf', path]), /application\.properties/);
  });

  it('is the same in a jar in a war, and in a tgz, where tar still reads all', async () => {
    const jar = rawZip({
      members: [
        { name: 'application.properties', data: properties },
        { name: 'README', data: readme },
      ],
    });
    const war = rawZip({
      members: [
        { name: 'WEB-INF/lib/x.jar', data: jar, method: 0 },
        { name: 'index.html', data: readme },
      ],
    });
    const tgz = gzipSync(tar(file('conf/application.properties', properties), file('README', readme), file('lib/x.jar', jar)));
    const { bodies, treatments } = await after({ 'app.war': war, 'app.tgz': tgz });
    assert.deepEqual(treatments, { '/app.war': 'rewrite', '/app.tgz': 'rewrite' });
    const redacted = properties.replace(short, marks);
    assert.deepEqual(only(await apartOf(bodies.get('app.war')!)), {
      'WEB-INF/lib/x.jar > application.properties': redacted,
      'WEB-INF/lib/x.jar > README': readme,
      'index.html': readme,
    });
    assert.deepEqual(only(await apartOf(bodies.get('app.tgz')!)), {
      'gunzip > conf/application.properties': redacted,
      'gunzip > README': readme,
      'gunzip > lib/x.jar > application.properties': redacted,
      'gunzip > lib/x.jar > README': readme,
    });
    const folder = place.newFolder();
    tool('tar', ['-xzf', place.file(bodies.get('app.tgz')!, 'app.tgz'), '-C', folder]);
    assert.equal(readFileSync(join(folder, 'conf/application.properties'), 'utf8'), redacted);
  });

  it('stands in a plain tar: its place is that in the layer, and its neighbours stay', async () => {
    const archive = tar(file('conf/application.properties', properties), file('README', readme));
    const { bodies, treatments } = await after({ 'app.tar': archive });
    assert.deepEqual(treatments, { '/app.tar': 'redact' });
    assert.equal(bodies.get('app.tar')!.toString('latin1'), archive.toString('latin1').replace(`password=${short}`, `password=${marks}`));
  });

  it('stands in a zip behind a script, which still runs', async () => {
    for (const filler of ['', '#'.repeat(10_000)]) {
      const prefix = Buffer.from(`#!/bin/sh\nDB_PASSWORD=${short}\necho ${short}\n${filler}\nexit 0\n`);
      const members = [
        { name: 'application.properties', data: properties },
        { name: 'README', data: readme },
      ];
      const { bodies, treatments } = await after({ 'run.sh': rawZip({ members, prefix }) });
      assert.deepEqual(treatments, { '/run.sh': 'rewrite' }, filler.slice(0, 1));
      const documents = only(await apartOf(rawZipBehind(bodies.get('run.sh')!)));
      assert.equal(documents['application.properties'], properties.replace(short, marks));
      assert.equal(documents['README'], readme);
      if (isInstalled('python3'))
        tool('python3', [
          '-c',
          'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)',
          place.file(bodies.get('run.sh')!, 'run.sh'),
        ]);
    }
  });

  /** From the first member on. */
  const rawZipBehind = (bytes: Buffer) => bytes.subarray(bytes.indexOf('PK\x03\x04', 0, 'latin1'));

  it('stands in a tar, plain in one member and packed in another: both are written over', async () => {
    const jar = rawZip({ members: [{ name: 'application.properties', data: properties }] });
    const { bodies, treatments } = await after({
      'app.tar': tar(file('conf/application.properties', properties), file('README', readme), file('x.jar', jar), file('notes.txt', `t=${token}\n`)),
    });
    assert.deepEqual(treatments, { '/app.tar': 'rewrite' });
    const redacted = properties.replace(short, marks);
    assert.deepEqual(only(await apartOf(bodies.get('app.tar')!)), {
      'conf/application.properties': redacted,
      README: readme,
      'x.jar > application.properties': redacted,
      'notes.txt': `t=${'x'.repeat(token.length)}\n`,
    });
  });

  it('stands beside the members of an archive: in names, comments and headers', async () => {
    const members = [{ name: `keys/${token}.txt`, data: `token=${token}\n`, comment: `was ${token}` }];
    const gz = gzipMember(Buffer.from(`token=${token}\n`), { name: `${token}.txt`, comment: token });
    const { bodies, treatments } = await after({ 'a.zip': rawZip({ members, comment: token }), 'a.gz': gz });
    assert.deepEqual(treatments, { '/a.zip': 'rewrite', '/a.gz': 'rewrite' });
    for (const body of bodies.values()) assert.ok(!body.includes(token));
    assert.equal(only(await apartOf(bodies.get('a.zip')!))[`keys/${'x'.repeat(token.length)}.txt`], `token=${'x'.repeat(token.length)}\n`);
    assert.equal(gunzipSync(bodies.get('a.gz')!).toString(), `token=${'x'.repeat(token.length)}\n`);
  });

  it('is a key store, alone and in an archive: the whole of it goes', async () => {
    const store = jks({ keys: ['mine'], password: 'changeit' });
    const files = {
      'alone.jks': store,
      'app.jar': rawZip({
        members: [
          { name: 'conf/app.jks', data: store },
          { name: 'README', data: readme },
        ],
      }),
      'app.tgz': gzipSync(tar(file('conf/app.jks', store), file('README', readme))),
    };
    const { bodies, treatments } = await after(files);
    assert.deepEqual(treatments, { '/alone.jks': 'empty', '/app.jar': 'rewrite', '/app.tgz': 'rewrite' });
    for (const [name, way] of [
      ['app.jar', ''],
      ['app.tgz', 'gunzip > '],
    ]) {
      const documents = await apartOf(bodies.get(name)!);
      assert.equal(String(documents.get(`${way}README`)), readme);
      const left = documents.get(`${way}conf/app.jks`)!;
      assert.equal(left.length, store.length);
      assert.match(left.toString('latin1'), /^[x\0\t\n\r \\]*$/);
    }
  });

  it('is encoded in a file: the encoded text is written over, what surrounds it stays', async () => {
    const secret = Buffer.from(token).toString('base64');
    const yaml = `apiVersion: v1\nkind: Secret\ndata:\n  token: ${secret}\n  name: ${Buffer.from('the-name-of-the-app').toString('base64')}\n`;
    const hex = `key = ${Buffer.from(`token=${token};`).toString('hex')} # token\n`;
    const query = `GET /?next=${encodeURIComponent(`https://example.org/?a=b c&token=${token}&d=e`)}\n`;
    const { bodies, treatments } = await after({ 'secret.yaml': yaml, 'hex.txt': hex, 'query.txt': query });
    assert.deepEqual(treatments, { '/secret.yaml': 'redact', '/hex.txt': 'redact', '/query.txt': 'redact' });
    const left = bodies.get('secret.yaml')!.toString();
    assert.equal(left.length, yaml.length);
    assert.match(left, /^apiVersion: v1\nkind: Secret\ndata:\n {2}token: x{50,}=*\n {2}name: dGhlLW5hbWUtb2YtdGhlLWFwcA==\n$/);
    assert.match(bodies.get('hex.txt')!.toString(), /^key = [0-9a-f]*x{80}[0-9a-f]* # token\n$/);
    assert.match(bodies.get('query.txt')!.toString(), /^GET \/\?next=https%3A%2F%2Fexample\.org%2F%3Fa%3Db%20c%26token%3Dx{40}%26d%3De\n$/);
  });

  it('is encoded in a member of an archive', async () => {
    const yaml = `kind: Secret\ndata:\n  token: ${Buffer.from(token).toString('base64')}\n`;
    const { bodies, treatments } = await after({ 'a.tgz': gzipSync(tar(file('secret.yaml', yaml), file('README', readme))) });
    assert.deepEqual(treatments, { '/a.tgz': 'rewrite' });
    const documents = only(await apartOf(bodies.get('a.tgz')!));
    assert.match(documents['gunzip > secret.yaml'], /^kind: Secret\ndata:\n {2}token: x{50,}=*\n$/);
    assert.equal(documents['gunzip > README'], readme);
  });

  it('is compressed and encoded: such a file cannot be written over in its place, and is emptied or written over as a whole', async () => {
    const body = `release: ${Buffer.from(gzipSync(`some words in front of it, so that it is long enough: token=${token}\n`)).toString('base64')}\n`;
    const { bodies } = await after({ 'release.txt': body });
    assert.ok(!bodies.get('release.txt')!.includes('H4sI'));
  });

  it('is a key of several lines in a member', async () => {
    const pem = privateKey('ed25519', 'cleaned inside');
    const { bodies } = await after({
      'a.zip': rawZip({
        members: [
          { name: 'tls/key.pem', data: pem },
          { name: 'README', data: readme },
        ],
      }),
    });
    const documents = only(await apartOf(bodies.get('a.zip')!));
    assert.equal(documents['README'], readme);
    assert.ok(!documents['tls/key.pem'].includes(pem.split('\n')[1]));
    assert.equal(documents['tls/key.pem'].length, pem.length);
  });

  it('is kept by git: the object is emptied, and the report says why', async () => {
    const text = `GITHUB_TOKEN=${token}\n`;
    const content = Buffer.from(`blob ${text.length}\0${text}`);
    const id = createHash('sha1').update(content).digest('hex');
    const path = `srv/.git/objects/${id.slice(0, 2)}/${id.slice(2)}`;
    const { bodies, treatments, reasons } = await after({ [path]: deflateSync(content), 'srv/.git/HEAD': 'ref: refs/heads/main\n' });
    assert.deepEqual(treatments, { [`/${path}`]: 'empty' });
    assert.match(reasons[`/${path}`], /an object of git, whose name is the hash of its content/);
    assert.equal(bodies.get(path)!.length, 0);
  });

  it('is in a package with checksums: the package is emptied, and the report says why', async () => {
    const deb = ar(['debian-binary', '2.0\n'], ['data.tar.gz', gzipSync(tar(file('etc/application.properties', properties)))]);
    const { bodies, treatments, reasons } = await after({ 'a.deb': deb });
    assert.deepEqual(treatments, { '/a.deb': 'empty' });
    assert.match(reasons['/a.deb'], /checksums and signatures/);
    assert.equal(bodies.get('a.deb')!.length, 0);
  });

  it('is treated as --mode says', async () => {
    const jar = rawZip({ members: [{ name: 'application.properties', data: properties }] });
    const { bodies, treatments } = await after(
      { 'a.jar': jar, 'b.jar': jar, 'c.jar': jar },
      { modes: ['a.jar=drop', 'b.jar=empty', 'c.jar=redact'].map(parseMode) },
    );
    assert.deepEqual(treatments, { '/a.jar': 'drop', '/b.jar': 'empty', '/c.jar': 'rewrite' });
    assert.deepEqual([...bodies.keys()], ['b.jar', 'c.jar']);
    assert.equal(bodies.get('b.jar')!.length, 0);
    assert.equal(only(await apartOf(bodies.get('c.jar')!))['application.properties'], properties.replace(short, marks));
  });

  it('is left as it is where it was not asked for', async () => {
    const jar = rawZip({
      members: [
        { name: 'application.properties', data: properties },
        { name: 'b.txt', data: `GITHUB_TOKEN=${token}\n` },
      ],
    });
    const image: ImagePlan = { layers: [{ entries: [file('a.jar', jar)] }] };
    const result = await cleaned(place, image, { selection: { only: ['github-token'] } });
    assert.ok(result.report.proof!.checks.every(({ isPassed }) => isPassed));
    const { report } = await scanned(result.output);
    assert.deepEqual(
      report.findings.map(({ secret }) => secret.reveal()),
      [short],
    );
  });

  it('is given back by the vault as it was', async () => {
    const jar = rawZip({ members: [{ name: 'application.properties', data: properties }] });
    const vault = join(place.newFolder(), 'vault');
    await after({ 'a.jar': jar }, { vault: { folder: vault, recipients: [] } });
    const files = readdirSync(join(vault, 'files'));
    assert.ok(readFileSync(join(vault, 'files', files[0])).equals(jar));
  });

  it('is as it was when it is compressed anew: time and name of a gzip stay', async () => {
    const packed = gzipSync(Buffer.from(properties));
    packed.writeUInt32LE(1_700_000_000, 4);
    const { bodies } = await after({ 'a.properties.gz': packed });
    assert.equal(bodies.get('a.properties.gz')!.readUInt32LE(4), 1_700_000_000);
    assert.equal(gunzipSync(bodies.get('a.properties.gz')!).toString(), properties.replace(short, marks));
  });
});
