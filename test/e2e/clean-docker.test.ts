// docker loads and runs cleaned images of every form, its own builds among them, and what a vault puts back is there again.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clean, type Form, formNames, placed } from '../support/cleaning.ts';
import { run } from '../support/cli.ts';
import { type Dockerd, startDockerd } from '../support/dockerd.ts';
import { exposedAt, exposedIn } from '../support/exposed.ts';
import { type Asked, bodies, harmless, leakyImage, linkNames, modeFlags, redactedEnv, secrets, seenAfter, treatments } from '../support/leaky.ts';
import * as planted from '../support/planted.ts';
import { programEntries, writePrograms } from '../support/programs.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { program } from '../support/program.ts';

/** Prints a line for each path, whether the names of the key are one file, and the variables. */
const lookAround = (paths: readonly string[]): string =>
  [
    ...paths.map((path) => `if [ -e ${path} ]; then echo "${path} $(stat -c '%u:%g %a %Y %s' ${path})"; else echo ${path} missing; fi`),
    `[ ! -e ${linkNames[0]} ] || { [ ${linkNames[0]} -ef ${linkNames[1]} ] && [ ${linkNames[0]} -ef ${linkNames[2]} ]; } || echo links are lost`,
    `echo "API_TOKEN \${API_TOKEN-unset}"`,
    `echo "MODE $MODE"`,
  ].join('\n');

describe('docker, and images that were cleaned', function () {
  this.timeout(180_000);
  const files = scratch();
  let dockerd: Dockerd | undefined;
  let image: ReturnType<typeof leakyImage>;
  const docker = (...args: readonly string[]): string => dockerd!.docker(...args);
  const runIn = (name: string, script: string): string => docker('run', '--rm', '--network', 'none', name, 'sh', '-c', script);

  before(async function () {
    needs(this, 'ldd', 'tar');
    dockerd = await startDockerd(this);
    image = leakyImage(programEntries('sh', 'cat', 'stat', 'rm'));
  });
  after(() => dockerd?.stop());

  async function cleanedAndLoaded(form: Form, asked: Asked, ...flags: readonly string[]): Promise<string> {
    const path = join(files.newFolder(), 'cleaned.tar');
    const output = form.startsWith('OCI') ? `docker-archive:${path}:leaky:1` : path;
    await clean(placed(form, image, files), ['-o', output, ...modeFlags(asked), ...flags]);
    assert.deepEqual(exposedAt(path, secrets), []);
    if (docker('images', '-q') !== '') docker('rmi', '-f', ...new Set(docker('images', '-q').split('\n')));
    assert.match(docker('load', '-i', path), /leaky:1/);
    return path;
  }

  for (const form of formNames) {
    for (const asked of treatments) {
      if (asked === 'default' && form !== formNames[0]) continue;
      it(`${form}, ${asked}`, async () => {
        await cleanedAndLoaded(form, asked);
        const seen = seenAfter(asked);
        const bodiesOf = [harmless.path, ...(asked === 'redact' ? ['/srv/app/.env'] : [])];
        const lines = runIn('leaky:1', `${lookAround(Object.keys(seen))}\ncat ${bodiesOf.join(' ')}`);
        const told = Object.entries(seen)
          .map(([path, each]) => `${path} ${each}\n`)
          .join('');
        const bodiesTold = `${harmless.body}${asked === 'redact' ? redactedEnv : ''}`;
        assert.equal(lines, `${told}API_TOKEN unset\nMODE production\n${bodiesTold}`.trim());
        assert.deepEqual(exposedIn(docker('inspect', 'leaky:1') + docker('history', '--no-trunc', 'leaky:1'), secrets), []);
      });
    }
  }

  for (const asked of ['default', 'drop'] as const) {
    it(`docker-run.sh of a vault puts files and variables back, ${asked}`, async () => {
      const vault = join(files.newFolder(), 'vault');
      await cleanedAndLoaded('docker save before 25', asked, '--vault', vault);
      const told = tool(
        'sh',
        [join(vault, 'docker-run.sh'), '--rm', '--network', 'none', 'leaky:1', 'sh', '-c', 'cat /srv/app/.env; cat /srv/app/key; echo $API_TOKEN'],
        {
          env: dockerd!.env,
        },
      );
      assert.equal(told, `${bodies['/srv/app/.env'].toString()}${bodies['/srv/app/key'].toString()}${secrets.variable}`);
      const owners = tool(
        'sh',
        [join(vault, 'docker-run.sh'), '--rm', '--network', 'none', 'leaky:1', 'stat', '-c', '%u:%g %a', '/srv/app/.env', '/srv/app/program.bin'],
        {
          env: dockerd!.env,
        },
      );
      assert.equal(owners, '1000:1001 640\n1000:1001 640');
    });
  }

  describe('built by docker', () => {
    const built = {
      copied: planted.githubToken('built copied'),
      kept: planted.slackToken('built kept'),
      replaced: planted.stripeKey('built replaced'),
      environment: planted.githubToken('built environment'),
      argument: planted.npmToken('built argument'),
      label: planted.githubToken('built label'),
    };
    let saved: string;

    before(() => {
      const { folder } = dockerd!;
      writePrograms(join(folder, 'root'), 'sh', 'cat', 'stat', 'rm', 'mv', 'ln');
      tool('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'root.tar'), '.']);
      docker('import', join(folder, 'root.tar'), 'base:1');
      const context = join(folder, 'context');
      mkdirSync(join(context, 'app'), { recursive: true });
      writeFileSync(join(context, 'app/.env'), `PORT=80\nGITHUB_TOKEN=${built.copied}\n`);
      writeFileSync(join(context, 'app/notify.yml'), `slack: ${built.kept}\n`);
      writeFileSync(join(context, 'app/config.json'), `{"key": "${built.replaced}"}\n`);
      writeFileSync(join(context, 'clean.json'), '{}\n');
      writeFileSync(
        join(context, 'Dockerfile'),
        [
          'FROM base:1',
          `ENV API_TOKEN=${built.environment} MODE=production`,
          `LABEL note="with ${built.label}"`,
          'COPY app /srv/app',
          'ARG NPM_TOKEN',
          'RUN echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > /srv/.npmrc && ln /srv/.npmrc /srv/.npmrc-link',
          'RUN rm /srv/app/.env /srv/.npmrc && mv /srv/app/notify.yml /srv/notify.yml',
          'COPY clean.json /srv/app/config.json',
          'CMD ["sh", "-c", "cat /srv/app/config.json"]',
        ].join('\n'),
      );
      docker('build', '--network', 'none', '-q', '-t', 'built:1', '--build-arg', `NPM_TOKEN=${built.argument}`, context);
      saved = join(folder, 'built.tar');
      docker('save', '-o', saved, 'built:1');
      assert.deepEqual(exposedAt(saved, built), Object.keys(built).sort(), 'all of them are in the image');
    });

    for (const asked of treatments) {
      it(`COPY, ENV, ARG, LABEL, rm, mv and links: ${asked}`, async () => {
        const path = join(files.newFolder(), 'cleaned.tar');
        await clean(saved, ['-o', path, ...modeFlags(asked)], { values: built });
        assert.deepEqual(exposedAt(path, built), []);
        assert.equal((await run(['scan', path])).code, 0);
        docker('rmi', '-f', 'built:1');
        docker('load', '-i', path);
        assert.equal(docker('run', '--rm', '--network', 'none', 'built:1'), '{}');
        const seen = runIn(
          'built:1',
          'for file in /srv/notify.yml /srv/.npmrc-link /srv/app/.env; do stat -c %s $file || echo missing; done 2>/dev/null; echo ${API_TOKEN-unset} $MODE',
        );
        const sizes = [`slack: ${built.kept}\n`, `//registry.npmjs.org/:_authToken=${built.argument}\n`].map(({ length }) =>
          asked === 'drop' ? 'missing' : asked === 'empty' ? '0' : String(length),
        );
        assert.deepEqual(seen.split('\n'), [...sizes, 'missing', 'unset production']);
      });
    }

    it('standard input and output between docker save and docker load', () => {
      docker('load', '-i', saved);
      tool('sh', ['-c', `docker save built:1 | '${process.execPath}' '${program}' clean - -o - --tag piped:1 --report /dev/null | docker load`], {
        env: dockerd!.env,
      });
      assert.equal(runIn('piped:1', 'cat /srv/app/config.json; echo ${API_TOKEN-unset}'), '{}\nunset');
    });
  });
});
