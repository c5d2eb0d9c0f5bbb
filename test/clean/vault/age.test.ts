import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encrypted, encrypterFor } from '../../../src/clean/vault/age.ts';
import { vaultMembers } from '../../../src/clean/vault/vault.ts';
import { type Blob, blobOf } from '../../../src/model/blob.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import { password, privateKey } from '../../support/planted.ts';
import { scratch } from '../../support/scratch.ts';
import { isInstalled } from '../../support/tool.ts';
import { contentOf, hostileNames, variable, vaultContents, vaultFile, writeVault } from './sample-vault.ts';

async function decrypted(identity: string, bytes: Uint8Array): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(bytes));
}

// Where the age program is missing: as much of its command line as decrypt.sh uses, over the package.
const standIn = `#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { Decrypter } from ${JSON.stringify(import.meta.resolve('age-encryption'))};
const [d, i, key, o, output, input] = process.argv.slice(2);
if (d !== '-d' || i !== '-i' || o !== '-o') process.exit(2);
const decrypter = new Decrypter();
decrypter.addIdentity(readFileSync(key, 'utf8').trim());
writeFileSync(output, await decrypter.decrypt(readFileSync(input)));
`;

describe('an encrypted vault', () => {
  const files = scratch();
  const value = password('age');
  const contents = vaultContents({
    files: [...hostileNames.slice(0, 3).map((name) => vaultFile(name)), vaultFile('gone', { isVisible: false, text: '' })],
    variables: [variable('TOKEN', value), variable('KEY', privateKey('ed25519', 'age'))],
  });

  it('has bodies and values for each recipient, and for nobody else', async () => {
    const identities = [await generateX25519Identity(), await generateHybridIdentity()];
    const members = await vaultMembers(contents, await Promise.all(identities.map(identityToRecipient)));
    const plain = new Map((await vaultMembers(contents, [])).map(({ name, content }) => [name, content]));
    const stranger = await generateX25519Identity();
    let count = 0;
    for (const { name, content, mode } of members) {
      const bytes = await contentOf(content);
      assert.ok(!bytes.includes(value) && !bytes.includes('PRIVATE'), name);
      assert.equal(mode, name.endsWith('.sh') ? 0o700 : 0o600, name);
      if (!name.endsWith('.age')) continue;
      count++;
      for (const identity of identities) assert.deepEqual(await decrypted(identity, bytes), await contentOf(plain.get(name.slice(0, -4))!), name);
      await assert.rejects(decrypted(stranger, bytes));
    }
    // Beside them: env and the manifest of what decrypt.sh makes.
    assert.equal(count, contents.files.length + contents.variables.length + 2);
  });

  for (const program of [...(isInstalled('age') ? ['age'] : []), 'its stand-in']) {
    it(`becomes a plain vault by decrypt.sh with ${program}`, async () => {
      const identity = await generateX25519Identity();
      const [folder, plain, programs] = [files.newFolder(), files.newFolder(), files.newFolder()];
      const key = join(programs, 'my key');
      writeFileSync(key, `${identity}\n`);
      if (program !== 'age') writeFileSync(join(programs, 'age'), standIn, { mode: 0o755 });
      writeFileSync(join(programs, 'package.json'), '{"type":"module"}');
      await writeVault(await vaultMembers(contents, [await identityToRecipient(identity)]), folder);
      await writeVault(await vaultMembers(contents, []), plain);
      const env = { ...process.env, PATH: `${programs}:${process.env['PATH']}` };
      const sh = (...args: string[]) => spawnSync('sh', args, { cwd: programs, env, encoding: 'utf8' });

      for (const name of ['docker-run.sh', 'owners.sh', 'kubernetes.sh']) {
        const { status, stderr } = sh(join(folder, name), 'image');
        assert.deepEqual([status, stderr.includes('decrypt.sh')], [1, true], name);
      }

      const { stdout, stderr } = sh(join(folder, 'decrypt.sh'), key, '- out');
      assert.equal(stdout, `${join(programs, '- out')}\n`, stderr);
      const out = join(programs, '- out');
      const list = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
      assert.deepEqual(
        list(out),
        list(plain).filter((name) => name !== 'README.md'),
      );
      assert.equal(statSync(out).mode & 0o777, 0o700);
      for (const name of list(out).filter((name) => /^(?:files|variables)\/|^env$|^manifest/.test(name))) {
        assert.deepEqual(readFileSync(join(out, name)), readFileSync(join(plain, name)), name);
        assert.equal(statSync(join(out, name)).mode & 0o077, 0, name);
      }
      writeFileSync(join(programs, 'docker'), `#!/bin/sh\nprintf '%s' "$3"\n`, { mode: 0o755 });
      writeFileSync(join(programs, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
      assert.equal(sh(join(out, 'docker-run.sh')).stdout, join(out, 'env'));
    });
  }

  it('is decrypted into memory when no folder is given, and leaves nothing behind with a wrong key', async function () {
    if (!existsSync('/dev/shm')) this.skip();
    const identity = await generateX25519Identity();
    const [folder, programs] = [files.newFolder(), files.newFolder()];
    writeFileSync(join(programs, 'right'), identity);
    writeFileSync(join(programs, 'wrong'), await generateX25519Identity());
    writeFileSync(join(programs, 'age'), standIn, { mode: 0o755 });
    writeFileSync(join(programs, 'package.json'), '{"type":"module"}');
    await writeVault(await vaultMembers(vaultContents({ variables: [variable('A', 'b')] }), [await identityToRecipient(identity)]), folder);
    const decrypt = (...args: string[]) =>
      spawnSync('sh', [join(folder, 'decrypt.sh'), ...args], {
        cwd: programs,
        env: { ...process.env, PATH: `${programs}:${process.env['PATH']}` },
        encoding: 'utf8',
      });

    const made = decrypt('right').stdout.trimEnd();
    assert.match(made, /^\/dev\/shm\/unbake-vault\.\w{6}$/);
    assert.equal(readFileSync(join(made, 'variables/A'), 'utf8'), 'b');
    rmSync(made, { recursive: true });

    assert.notEqual(decrypt('wrong', 'folder').status, 0);
    assert.ok(!existsSync(join(programs, 'folder')));
    assert.notEqual(decrypt('right', '.').status, 0, 'the folder is a new one');
    assert.ok(existsSync(join(programs, 'right')));
    assert.equal(decrypt().status, 2);
  });

  it('refuses what is no recipient, without showing it', async () => {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const wrong = [
      '',
      'age1',
      'ssh-ed25519 AAAA',
      `${recipient}x`,
      ` ${recipient}`,
      recipient.toUpperCase(),
      identity,
      identity.toLowerCase(),
      await generateHybridIdentity(),
    ];
    for (const text of wrong) {
      await assert.rejects(vaultMembers(vaultContents(), [recipient, text]), (thrown) => {
        assert.ok(thrown instanceof UnbakeError && thrown.code === 'usage' && thrown.cause === undefined);
        assert.match(thrown.message, /^age recipient 2 of 2 /);
        assert.equal(thrown.message.includes('secret key'), /^age-secret-key/i.test(text));
        assert.ok(text.length < 6 || !`${thrown.message}${thrown.hint}`.includes(text));
        return true;
      });
    }
  });
});

describe('encryption of a body', () => {
  /** Tells how much of it was read, and whether its reader was let go. */
  function watched(pieces: number, fails?: Error): { blob: Blob; state: { read: number; isClosed: boolean } } {
    const state = { read: 0, isClosed: false };
    const piece = new Uint8Array(64 * 1024);
    return {
      state,
      blob: {
        size: pieces * piece.length,
        async *open() {
          try {
            for (; state.read < pieces; state.read++) yield piece;
            if (fails) throw fails;
          } finally {
            state.isClosed = true;
          }
        },
      },
    };
  }

  const encrypter = async () => encrypterFor([await identityToRecipient(await generateX25519Identity())]);

  it('reads nothing before it is asked, and no more than it gives', async () => {
    const { blob, state } = watched(10_000);
    const make = encrypted(await encrypter(), blob);
    assert.equal(state.read, 0);
    let bytes = 0;
    for await (const chunk of make()) {
      bytes += chunk.length;
      assert.ok(state.read * 64 * 1024 - bytes < 16 * 64 * 1024, `${state.read} pieces read for ${bytes} bytes`);
      if (bytes > 2 ** 20) break;
    }
    for (let round = 0; round < 100 && !state.isClosed; round++) await new Promise(setImmediate);
    assert.ok(state.isClosed && state.read < 40, 'a reader that leaves early lets the body go');
  });

  it('can be read again, each time with another key', async () => {
    const make = encrypted(await encrypter(), blobOf(Buffer.from('body')));
    const [one, two] = [await contentOf(make), await contentOf(make)];
    assert.equal(one.length, two.length);
    assert.notDeepEqual(one, two);
  });

  it('throws what reading the body throws', async () => {
    const damaged = new UnbakeError('damaged', 'the layer ends early');
    const { blob, state } = watched(3, damaged);
    await assert.rejects(contentOf(encrypted(await encrypter(), blob)), (thrown) => thrown === damaged);
    assert.ok(state.isClosed);
  });
});
