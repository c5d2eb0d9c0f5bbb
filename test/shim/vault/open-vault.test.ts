import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encrypter, generateIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { clean } from '../../../src/clean/clean.ts';
import { type Digest, digestOf } from '../../../src/model/digest.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import { openVault } from '../../../src/shim/vault/open-vault.ts';
import { placed } from '../../support/cleaning.ts';
import { exposedIn } from '../../support/exposed.ts';
import { archive, nestedLayout } from '../../support/forms.ts';
import { bodies, leakyImage, linkNames, owned, secrets } from '../../support/leaky.ts';
import { password } from '../../support/planted.ts';
import { scratch } from '../../support/scratch.ts';
import { tool } from '../../support/tool.ts';
import { cleanOptions } from '../../clean/cleaning.ts';

const nobody = { identities: [] };
const stranger = digestOf(Buffer.from('another image'));

/** Of the running container of the leaky image. */
const seen = new Map<string, Buffer>([
  ['/srv/app/.env', bodies['/srv/app/.env']],
  ['/srv/app/copy.txt', bodies['/srv/app/copy.txt']],
  ['/srv/app/program.bin', bodies['/srv/app/program.bin']],
  ...linkNames.map((name) => [name, bodies['/srv/app/key']] as const),
]);

const code =
  (wanted: string, told = /./) =>
  (thrown: unknown) => {
    assert.ok(thrown instanceof UnbakeError, String((thrown as Error).stack));
    assert.equal(thrown.code, wanted, thrown.message);
    assert.match(thrown.message, told);
    assert.deepEqual(exposedIn(`${thrown.message} ${thrown.hint} ${String(thrown.cause)}`, secrets), []);
    return true;
  };

describe('opening a vault', () => {
  const files = scratch();
  const keyFile = (key: string) =>
    files.file(Buffer.from(`# created: long ago\n# public key: age1...\n${key}\n`), `key-${readdirSync(files.folder).length}`);

  async function vaultOf(recipients: readonly string[] = [], form: Parameters<typeof placed>[0] = 'docker save before 25') {
    const folder = files.newFolder();
    const vault = join(folder, 'vault');
    const { report } = await clean(
      placed(form, leakyImage(), files),
      await cleanOptions({ output: join(folder, 'out.tar'), vault: { folder: vault, recipients } }),
    );
    return { vault, image: report.images[0]!.after };
  }

  it('gives what containers of the image saw, with owner, mode and time, and its variables', async () => {
    const { vault, image } = await vaultOf();
    const opened = await openVault(vault, image, nobody);
    assert.deepEqual(opened.files.map(({ target }) => target).toSorted(), [...seen.keys()].toSorted());
    for (const { target, path, read, ...rest } of opened.files) {
      const body = seen.get(target!)!;
      assert.equal(`/${path}`, target);
      assert.deepEqual(rest, { ...owned, size: body.length });
      assert.ok((await read()).equals(body), target);
    }
    assert.deepEqual([opened.variables, opened.notices], [[{ name: 'API_TOKEN', value: secrets.variable }], []]);
  });

  it('knows the image by its config where an engine has written another manifest', async () => {
    const { vault, image } = await vaultOf();
    const { notices } = await openVault(vault, { manifestDigest: stranger, configDigest: image.configDigest! }, nobody);
    assert.deepEqual(notices, []);
  });

  it('takes a vault of one image for another one, and tells it', async () => {
    const { vault } = await vaultOf();
    const opened = await openVault(vault, { manifestDigest: stranger, configDigest: stranger }, nobody);
    assert.match(opened.notices[0]!.detail, /leaky:1/);
    assert.equal(opened.files.length, seen.size);
  });

  it('chooses among several images, and names them when it is none of them', async () => {
    const folder = files.newFolder();
    const vault = join(folder, 'vault');
    const amd = leakyImage(undefined, { tags: [] });
    const other = password('of arm');
    const arm = leakyImage(undefined, { tags: [], platform: 'linux/arm64', config: { Env: [`DB_PASSWORD=${other}`] } });
    const { report } = await clean(
      files.file(archive(nestedLayout([amd, arm]))),
      await cleanOptions({ output: join(folder, 'out.tar'), vault: { folder: vault, recipients: [] } }),
    );
    const variablesOf = async (index: number) => (await openVault(vault, report.images[index]!.after, nobody)).variables;
    assert.deepEqual(await variablesOf(0), [{ name: 'API_TOKEN', value: secrets.variable }]);
    assert.deepEqual(await variablesOf(1), [{ name: 'DB_PASSWORD', value: other }]);
    await assert.rejects(openVault(vault, { manifestDigest: stranger }, nobody), code('usage', /linux\/arm64/));
  });

  it('masks every value, and what of a file could be told in a log', async () => {
    const { vault, image } = await vaultOf();
    const masked = (await (await openVault(vault, image, nobody)).masked()).map(String);
    for (const value of [secrets.variable, secrets.visible, secrets.key, `GITHUB_TOKEN=${secrets.visible}`]) assert.ok(masked.includes(value));
    assert.ok(masked.every((value) => value.length >= 8 && !value.includes('\u007f')));
    assert.deepEqual(
      masked.map(({ length }) => length),
      masked.map(({ length }) => length).toSorted((x, y) => y - x),
    );
  });

  describe('that is encrypted', () => {
    it('gives the same, with any of the keys, in memory', async () => {
      const keys = [await generateIdentity(), await generateX25519Identity()];
      const { vault, image } = await vaultOf(await Promise.all(keys.map((key) => identityToRecipient(key))), 'OCI archive');
      const before = tool('sh', ['-c', `find ${vault} -type f | sort | xargs sha256sum`]);
      for (const key of keys) {
        const identities = [keyFile(await generateIdentity()), keyFile(key)];
        const opened = await openVault(vault, image, { identities });
        for (const { target, read } of opened.files) assert.ok((await read()).equals(seen.get(target!)!));
        assert.deepEqual([opened.files.length, opened.variables], [seen.size, [{ name: 'API_TOKEN', value: secrets.variable }]]);
        assert.ok((await opened.masked()).some((value) => value.equals(Buffer.from(secrets.visible))));
      }
      assert.equal(tool('sh', ['-c', `find ${vault} -type f | sort | xargs sha256sum`]), before);
    });

    it('asks for a key, and refuses a wrong one at once, without telling it', async () => {
      const { vault, image } = await vaultOf([await identityToRecipient(await generateIdentity())]);
      await assert.rejects(openVault(vault, image, nobody), code('usage', /encrypted/));
      const wrong = await generateIdentity();
      await assert.rejects(openVault(vault, image, { identities: [keyFile(wrong)] }), code('usage', /none of the keys/));
      const bad = `${wrong.slice(0, -3)}QQQ`;
      const isSilent = (thrown: UnbakeError) =>
        code('usage', /line 3/)(thrown) && !`${thrown.message}${thrown.hint}${String(thrown.cause)}`.includes(wrong.slice(0, 30));
      await assert.rejects(openVault(vault, image, { identities: [keyFile(bad)] }), isSilent);
      await assert.rejects(
        openVault(vault, image, { identities: [files.file(Buffer.from('# nothing\n'), 'empty key')] }),
        code('usage', /no age key/),
      );
      await assert.rejects(openVault(vault, image, { identities: [join(files.folder, 'missing')] }), code('not-found', /missing/));
    });

    it('tells a file that was cut short, exchanged or made longer', async () => {
      const key = await generateIdentity();
      const recipient = await identityToRecipient(key);
      const { vault, image } = await vaultOf([recipient]);
      const name = readdirSync(join(vault, 'files')).find((each) => each.includes('.env'))!;
      const path = join(vault, 'files', name);
      const whole = readFileSync(path);
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const changes: readonly Buffer[] = [
        whole.subarray(0, whole.length - 1),
        whole.subarray(0, 20),
        Buffer.alloc(0),
        Buffer.from(whole.map((byte, index) => (index === whole.length - 5 ? byte ^ 1 : byte))),
        Buffer.from(await encrypter.encrypt('short')),
        Buffer.from(await encrypter.encrypt('x'.repeat(100_000))),
      ];
      for (const [index, bytes] of changes.entries()) {
        writeFileSync(path, bytes);
        const opened = await openVault(vault, image, { identities: [keyFile(key)] });
        const file = opened.files.find(({ target }) => target === '/srv/app/.env')!;
        await assert.rejects(file.read(), code('damaged'), `change ${index}`);
      }
    });
  });

  describe('that somebody has changed', () => {
    async function changed(change: (manifest: any, vault: string) => void) {
      const { vault, image } = await vaultOf();
      const path = join(vault, 'manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      change(manifest, vault);
      writeFileSync(path, JSON.stringify(manifest));
      return { vault, image };
    }
    const opening = async (change: Parameters<typeof changed>[0]) => {
      const { vault, image } = await changed(change);
      return openVault(vault, image, nobody);
    };
    const visible = (manifest: any) => manifest.files.find(({ path }: { path: string }) => path === '/srv/app/.env');

    it('names the field of the manifest that is wrong', async () => {
      const wrong: readonly (readonly [change: (manifest: any) => void, told: RegExp])[] = [
        [(manifest) => (manifest.format = 'vault'), /format/],
        [(manifest) => (manifest.files[0].file = 'files/../../etc/shadow'), /files\[0\]\.file/],
        [(manifest) => (manifest.files[0].file = 'files/..'), /files\[0\]\.file/],
        [(manifest) => (manifest.files[0].file = '/etc/shadow'), /files\[0\]\.file/],
        [(manifest) => (manifest.files[0].file = 'variables/API_TOKEN'), /files\[0\]\.file/],
        [(manifest) => (manifest.files[0].path = '/srv/../etc/passwd'), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].path = 'srv/app'), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].path = '/'), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].path = '/a\0b'), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].path = `/${'a'.repeat(256)}`), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].pathBytes = Buffer.from('/a//b').toString('base64')), /files\[0\]\.path/],
        [(manifest) => (manifest.files[0].mode = '08'), /files\[0\]\.mode/],
        [(manifest) => (manifest.files[0].size = -1), /files\[0\]\.size/],
        [(manifest) => (manifest.files[0].images = [1]), /files\[0\]\.images/],
        [(manifest) => (manifest.files = {}), /files/],
        [(manifest) => (manifest.images[0].newDigest = 'sha256:1'), /images\[0\]\.newDigest/],
        [(manifest) => (manifest.variables[0].file = 'variables/.hidden'), /variables\[0\]\.file/],
      ];
      for (const [change, told] of wrong) {
        await assert.rejects(
          opening((manifest) => {
            manifest.files[0].isMounted = true;
            change(manifest);
          }),
          code('damaged', told),
        );
      }
      await assert.rejects(
        opening((manifest) => (manifest.schemaVersion = 2)),
        code('unsupported', /version 2/),
      );
    });

    it('follows no link and waits for no pipe', async () => {
      const secret = files.file(Buffer.from(password('of the host')), 'a file of the host');
      const replaced = (make: (path: string, vault: string) => void) =>
        opening((manifest, vault) => {
          const path = join(vault, visible(manifest).file);
          rmSync(path);
          make(path, vault);
        });
      const links: readonly ((path: string, vault: string) => void)[] = [
        (path) => symlinkSync(secret, path),
        (path) => symlinkSync('0002-copy.txt', path),
        (path) => tool('mkfifo', [path]),
        (path) => mkdirSync(path),
        (_, vault) => {
          renameSync(join(vault, 'files'), join(vault, 'moved'));
          symlinkSync('moved', join(vault, 'files'));
        },
      ];
      for (const make of links) {
        const opened = await replaced(make);
        await assert.rejects(opened.files.find(({ target }) => target === '/srv/app/.env')!.read(), code('damaged', /link or no regular file/));
      }
      const missing = await replaced(() => undefined);
      await assert.rejects(missing.files.find(({ target }) => target === '/srv/app/.env')!.read(), code('not-found'));
    });

    it('tells a body of another size', async () => {
      for (const size of [0, 5, 100_000]) {
        const { vault, image } = await changed(() => undefined);
        const manifest = JSON.parse(readFileSync(join(vault, 'manifest.json'), 'utf8'));
        truncateSync(join(vault, visible(manifest).file), size);
        const opened = await openVault(vault, image, nobody);
        await assert.rejects(opened.files.find(({ target }) => target === '/srv/app/.env')!.read(), code('damaged', /bytes/));
      }
    });

    it('leaves out what cannot be put back, and tells why', async () => {
      const opened = await opening((manifest, vault) => {
        const file = visible(manifest);
        const variable = manifest.variables[0];
        file.uid = -1;
        manifest.files.push(
          { ...file, path: '/huge', uid: 0, size: 2 ** 40 },
          { ...file, path: '/\\xff', pathBytes: Buffer.from('2fff', 'hex').toString('base64'), uid: 0 },
          { ...file, path: '', isMounted: false, size: 'none' },
        );
        const add = (name: string, value: Buffer | string) => {
          const place = `variables/V${manifest.variables.length}`;
          writeFileSync(join(vault, place), value);
          manifest.variables.push({ ...variable, name, file: place });
        };
        add('A=B', 'fine');
        add('NUL', 'a\0b');
        add('LONG', 'x'.repeat(131_072));
        add('LATIN', Buffer.from('e9', 'hex'));
        add('FITS', 'x'.repeat(131_072 - 'FITS=\0'.length));
        add('EMPTY', '');
        add('API_TOKEN', 'the last one counts');
      });
      assert.deepEqual(
        opened.notices.map(({ place, detail }) => [place, /owner|held in memory|UTF-8|name|NUL|longer/.exec(detail)?.[0]]),
        [
          ['/srv/app/.env', 'owner'],
          ['/huge', 'held in memory'],
          ['/\\xff', 'UTF-8'],
          ['variable A=B', 'name'],
          ['variable NUL', 'NUL'],
          ['variable LONG', 'longer'],
          ['variable LATIN', 'UTF-8'],
        ],
      );
      assert.deepEqual(
        opened.variables.map(({ name, value }) => [name, value.length]),
        [
          ['API_TOKEN', 'the last one counts'.length],
          ['FITS', 131_066],
          ['EMPTY', 0],
        ],
      );
      const latin = opened.files.find(({ path }) => path === '\xff')!;
      assert.deepEqual([latin.target, opened.files.length], [undefined, seen.size]);
    });

    it('is calm, whatever the manifest says', async () => {
      const { vault, image } = await vaultOf();
      const path = join(vault, 'manifest.json');
      const good = readFileSync(path, 'utf8');
      const value = fc.oneof({ weight: 3, arbitrary: fc.jsonValue() }, fc.constantFrom('files/0001-.env', image.manifestDigest!, [0], [-1], 1e300));
      const entry = fc.record(
        {
          file: value,
          path: value,
          pathBytes: value,
          mode: value,
          uid: value,
          gid: value,
          mtime: value,
          size: value,
          images: value,
          isMounted: fc.boolean(),
        },
        { requiredKeys: [] },
      );
      const text = fc.oneof(
        fc.string(),
        fc.json(),
        fc.tuple(fc.nat(good.length), fc.string()).map(([at, insert]) => good.slice(0, at) + insert + good.slice(at + insert.length)),
        fc
          .record({ files: fc.array(entry), variables: fc.array(entry), images: value }, { requiredKeys: [] })
          .map((change) => JSON.stringify({ ...JSON.parse(good), ...change })),
      );
      await fc.assert(
        fc.asyncProperty(text, async (manifest) => {
          writeFileSync(path, manifest);
          try {
            const opened = await openVault(vault, image, nobody);
            await opened.masked();
          } catch (thrown) {
            assert.ok(thrown instanceof UnbakeError, String((thrown as Error).stack));
          }
        }),
        { numRuns: 200 },
      );
    });
  });

  it('that is not there, or no vault, is told', async () => {
    const image: { manifestDigest: Digest } = { manifestDigest: stranger };
    await assert.rejects(openVault(join(files.folder, 'nowhere'), image, nobody), code('not-found', /nowhere/));
    await assert.rejects(openVault(files.newFolder(), image, nobody), code('not-found', /manifest\.json/));
    await assert.rejects(openVault(files.file(Buffer.from('x'), 'plain'), image, nobody), code('damaged'));
  });
});
