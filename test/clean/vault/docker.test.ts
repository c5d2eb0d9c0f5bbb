// docker-run.sh and owners.sh, run by the shells of this machine beside programs that tell what they were given.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vaultMembers } from '../../../src/clean/vault/vault.ts';
import { password, privateKey } from '../../support/planted.ts';
import { scratch } from '../../support/scratch.ts';
import { needs } from '../../support/tool.ts';
import { hostileNames, textOf, variable, vaultContents, vaultFile, writeVault } from './sample-vault.ts';

/** Writes down what it was given: its arguments, and the variables of these names in its environment. */
const recorder = (output: string, names: readonly string[]) =>
  [
    '#!/bin/sh',
    `printf '%s\\0' "$@" > '${output}'`,
    ...names.map((name) => `printf '%s\\0' "\${${name}-unset}" >> '${output}.environment'`),
    '',
  ].join('\n');

/** A line of CSV, taken apart as Go's encoding/csv does (RFC 4180). */
function csvFields(line: string): string[] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;
  const fields: string[] = [];
  for (;;) {
    const match = field.exec(line);
    assert.ok(match, `not CSV: ${line}`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '') return fields;
  }
}

describe('docker-run.sh of a vault', () => {
  const files = scratch();

  /** Runs a script with docker, id and chown replaced, from another folder than its own. */
  function run(script: string, args: readonly string[], { uid = '1000', variables = [] as readonly string[], shell = 'sh' } = {}) {
    const programs = files.newFolder();
    const output = join(programs, 'output');
    const program = (name: string, text: string) => writeFileSync(join(programs, name), text, { mode: 0o755 });
    program('docker', recorder(output, variables));
    program('id', `#!/bin/sh\necho ${uid}\n`);
    program('chown', `#!/bin/sh\necho "$@" >> '${output}.owners'\n`);
    const { status, stderr } = spawnSync(shell, [script, ...args], {
      cwd: programs,
      env: { ...process.env, CDPATH: '/', PATH: `${programs}:${process.env['PATH']}` },
    });
    const read = (name: string) => (existsSync(name) ? readFileSync(name, 'utf8') : '');
    return {
      status,
      stderr: stderr.toString(),
      args: read(output).split('\0').slice(0, -1),
      environment: read(`${output}.environment`).split('\0').slice(0, -1),
      owners: read(`${output}.owners`).split('\n').slice(0, -1),
    };
  }

  const mountsOf = (args: readonly string[]) =>
    args
      .flatMap((arg, index) => (args[index - 1] === '--mount' ? [csvFields(arg)] : []))
      .map(([type, source, target, access, ...more]) => {
        assert.deepEqual([type, access, more], ['type=bind', 'readonly', []]);
        return { source: source!.replace(/^source=/, ''), target: target!.replace(/^target=/, '') };
      });

  it('puts files and variables back, and runs the image by its name', async () => {
    const folder = files.newFolder();
    const contents = vaultContents({ files: [vaultFile('srv/.env')], variables: [variable('DB_PASSWORD', password('docker'))] });
    await writeVault(await vaultMembers(contents, []), folder);
    const { status, args } = run(join(folder, 'docker-run.sh'), []);
    assert.equal(status, 0);
    assert.deepEqual(args, [
      'run',
      '--env-file',
      `${folder}/env`,
      '--mount',
      `type=bind,"source=${folder}/files/0001-.env",target=/srv/.env,readonly`,
      'registry.example/team/Web_App:clean',
    ]);
    assert.deepEqual(run(join(folder, 'docker-run.sh'), ['-p', '80:80', 'other:1', 'sh', '-c', 'echo "$HOME"']).args.slice(5), [
      '-p',
      '80:80',
      'other:1',
      'sh',
      '-c',
      'echo "$HOME"',
    ]);
  });

  for (const shell of ['sh', 'bash']) {
    it(`mounts what has any name, from a folder with any name, in ${shell}`, async () => {
      const parent = files.newFolder();
      const folder = join(parent, `a "b", $c\n\`d\` 'e' %s =`);
      mkdirSync(folder);
      await writeVault(await vaultMembers(vaultContents({ files: hostileNames.map((name) => vaultFile(name)) }), []), folder);
      const { status, args, stderr } = run(join(folder, 'docker-run.sh'), [], { shell });
      assert.equal(status, 0, stderr);
      const mounts = mountsOf(args);
      assert.deepEqual(
        mounts.map(({ target }) => target),
        hostileNames.map((name) => `/${name}`),
      );
      assert.deepEqual(
        mounts.map(({ source }) => readFileSync(source, 'utf8')),
        hostileNames.map((name) => `body of ${name}`),
      );
      assert.ok(!existsSync('pwned') && !existsSync(join(folder, 'pwned')));
    });
  }

  it('is understood by docker itself', async function () {
    needs(this, 'docker');
    const asked: {
      Env: string[];
      Image: string;
      Cmd: string[];
      HostConfig: { Mounts: { Source: string; Target: string; ReadOnly: boolean; Type: string }[] };
    }[] = [];
    // As much of the engine's API as `docker run --detach` needs.
    const daemon = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('API-Version', '1.41').setHeader('OSType', 'linux').setHeader('Content-Type', 'application/json');
        if (request.url!.includes('/containers/create')) {
          asked.push(JSON.parse(Buffer.concat(chunks).toString()));
          response.writeHead(201).end('{"Id":"abc","Warnings":[]}');
        } else if (request.url!.endsWith('/start')) {
          response.writeHead(204).end();
        } else {
          response.end(request.url!.endsWith('/_ping') ? 'OK' : '{}');
        }
      });
    });
    const socket = join(files.newFolder(), 'socket');
    await new Promise<void>((resolve) => daemon.listen(socket, resolve));
    try {
      const folder = join(files.newFolder(), 'a "b", c');
      mkdirSync(folder);
      const values: Record<string, string> = {
        PLAIN: password('client'),
        ODD: ` '"$x\` # `,
        KEY: `${privateKey('ed25519', 'client')}\n\n`,
        RETURN: 'x\r',
      };
      const variables = Object.entries(values).map(([name, value]) => variable(name, value));
      await writeVault(
        await vaultMembers(vaultContents({ files: hostileNames.map((name) => vaultFile(name, { uid: 0, gid: 0 })), variables }), []),
        folder,
      );
      const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, HOME: folder };
      await promisify(execFile)('sh', [join(folder, 'docker-run.sh'), '--detach', 'image:tag', 'command', '--flag'], { env });

      assert.equal(asked.length, 1);
      const { Env, Image, Cmd, HostConfig } = asked[0]!;
      assert.deepEqual([Image, Cmd], ['image:tag', ['command', '--flag']]);
      assert.deepEqual(
        Env.filter((line) => Object.hasOwn(values, line.slice(0, line.indexOf('=')))).sort(),
        Object.entries(values)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
      assert.deepEqual(
        HostConfig.Mounts.map(({ Target }) => Target),
        hostileNames.map((name) => `/${name}`),
      );
      for (const [index, { Source, ReadOnly, Type }] of HostConfig.Mounts.entries()) {
        assert.deepEqual([readFileSync(Source, 'utf8'), ReadOnly, Type], [`body of ${hostileNames[index]}`, true, 'bind']);
      }
    } finally {
      daemon.close();
    }
  });

  it('hands on through the environment what no env file can hold, and never in a command line', async () => {
    const folder = files.newFolder();
    const values = { SIGNING_KEY: `${privateKey('ed25519', 'docker')}\n\n`, RETURN: 'x\r', SMALL: password('small') };
    const variables = Object.entries(values).map(([name, value]) => variable(name, value));
    await writeVault(await vaultMembers(vaultContents({ variables }), []), folder);
    const { args, environment } = run(join(folder, 'docker-run.sh'), ['image'], { variables: Object.keys(values) });
    assert.deepEqual(args, ['run', '--env-file', `${folder}/env`, '--env', 'SIGNING_KEY', '--env', 'RETURN', 'image']);
    assert.deepEqual(environment, [values.SIGNING_KEY, values.RETURN, 'unset']);
  });

  it('says what it leaves out, and why', async () => {
    const lines = 'one\ntwo';
    const names = ['PATH', 'LD_PRELOAD', 'DOCKER_HOST', 'https_proxy', 'IFS', 'BASH_ENV', 'vault', 'with space', 'a.b', 'x;touch pwned', 'ü'];
    const possible = ['SSH_PRIVATE_KEY', 'GOOGLE_CREDENTIALS', 'SSL_KEY', 'path'];
    const contents = vaultContents({
      files: [
        vaultFile('srv/space '),
        vaultFile('srv/cr\r\nlf'),
        vaultFile(Buffer.from('a/\xff\n$(touch pwned)', 'latin1')),
        vaultFile('gone', { isVisible: false }),
      ],
      variables: [...[...names, ...possible].map((name) => variable(name, lines)), variable('NUL', '\0')],
    });
    const members = await vaultMembers(contents, []);
    const script = textOf(members, 'docker-run.sh');
    const omitted = [...script.matchAll(/^# Left out: (.*?): /gm)].map(([, what]) => what);
    assert.deepEqual(omitted, ['files/0003-_touch_pwned_', 'NUL', '/srv/space ', '/srv/cr\\r\\nlf', ...names]);
    assert.doesNotMatch(script, /one|two|gone/);

    const folder = files.newFolder();
    await writeVault(members, folder);
    assert.deepEqual(run(join(folder, 'docker-run.sh'), ['image']).args, ['run', ...possible.flatMap((name) => ['--env', name]), 'image']);
  });

  it('asks for the image when it has no name that engines take', async () => {
    for (const name of ['', '--privileged', 'a b', '$(id)', 'x\n']) {
      const folder = files.newFolder();
      await writeVault(await vaultMembers(vaultContents({ images: [{ ...vaultContents().images[0]!, name }] }), []), folder);
      const { status, args, stderr } = run(join(folder, 'docker-run.sh'), []);
      assert.deepEqual([status, args], [2, []]);
      assert.match(stderr, /^usage: /);
      assert.deepEqual(run(join(folder, 'docker-run.sh'), ['mine']).args, ['run', 'mine']);
    }
  });

  it('gives the files their owners and modes when it is root, and says what is missing when not', async () => {
    const folder = files.newFolder();
    const list = [
      vaultFile('a', { mode: 0o100444 }),
      vaultFile('b', { mode: 0o104755, uid: 0, gid: 7 }),
      vaultFile('hidden', { isVisible: false }),
      vaultFile(Buffer.from('ff', 'hex'), { mode: 0o600 }),
      vaultFile('other', { images: [1], uid: 5 }),
      vaultFile('huge', { uid: 2 ** 40, gid: -1, mode: 0o100400 }),
    ];
    await writeVault(await vaultMembers(vaultContents({ files: list }), []), folder);
    const before = run(join(folder, 'docker-run.sh'), []);
    assert.deepEqual([before.status, before.owners], [0, []]);
    assert.match(before.stderr, /not root/);

    const after = run(join(folder, 'docker-run.sh'), [], { uid: '0' });
    assert.deepEqual([after.status, after.stderr], [0, '']);
    assert.deepEqual(after.owners, ['1234:2345 files/0001-a', '0:7 files/0002-b', '1234:2345 files/0004-_', '5:2345 files/0005-other']);
    const modes = ['0001-a', '0002-b', '0003-hidden', '0006-huge'].map((name) => (statSync(join(folder, 'files', name)).mode & 0o7777).toString(8));
    assert.deepEqual(modes, ['444', '755', '600', '400'], 'set-user-ID stays out of the host');
  });

  it('does not run the image when a value cannot be read', async () => {
    const folder = files.newFolder();
    await writeVault(await vaultMembers(vaultContents({ variables: [variable('KEY', 'a\nb')] }), []), folder);
    rmSync(join(folder, 'variables/KEY'));
    const { status, args } = run(join(folder, 'docker-run.sh'), []);
    assert.notEqual(status, 0);
    assert.deepEqual(args, []);
  });

  it('is for the first of several images', async () => {
    const images = ['linux/amd64', 'linux/arm64'].map((platform) => ({ ...vaultContents().images[0]!, platform }));
    const contents = vaultContents({
      images,
      files: [vaultFile('srv/key', { images: [1], text: 'arm' }), vaultFile('srv/key', { text: 'amd' }), vaultFile('srv/only-arm', { images: [1] })],
      variables: [variable('A', 'arm', [1]), variable('A', 'amd', [0])],
    });
    const folder = files.newFolder();
    const members = await vaultMembers(contents, []);
    await writeVault(members, folder);
    const { args } = run(join(folder, 'docker-run.sh'), []);
    assert.deepEqual(
      mountsOf(args).map(({ source, target }) => [target, readFileSync(source, 'utf8')]),
      [['/srv/key', 'amd']],
    );
    assert.equal(readFileSync(join(folder, 'env'), 'utf8'), 'A=amd\n');
    assert.match(textOf(members, 'docker-run.sh'), /For the first of 2 images, linux\/amd64;/);
  });
});
