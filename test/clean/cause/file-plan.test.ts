import assert from 'node:assert/strict';
import { ignoreLine } from '../../../src/clean/cause/secret-id.ts';
import { file, patchedLines, patchOf, remark } from './unmasked.ts';

const mount = (id: string, target: string) => `--mount=type=secret,id=${id},target=${target}`;
const syntax = '# syntax=docker/dockerfile:1';

describe('a file that holds a secret', () => {
  it('is copied no more, is kept out of the context, and is given to each RUN that names it', () => {
    const lines = ['FROM a', 'WORKDIR /app', 'RUN cat .env', 'COPY .env .', 'RUN . ./.env && build', 'RUN ls', 'RUN source /app/.env'];
    const patch = patchOf(lines, file('/app/.env', 'COPY .env . # buildkit', false));
    assert.deepEqual(patch.patched.trimEnd().split('\n'), [
      syntax,
      'FROM a',
      'WORKDIR /app',
      'RUN cat .env',
      `RUN ${mount('env', '/app/.env')} . ./.env && build`,
      'RUN ls',
      `RUN ${mount('env', '/app/.env')} source /app/.env`,
    ]);
    assert.deepEqual(patch.dockerignore, ['.env']);
    assert.deepEqual(patch.buildFlags, ['--secret id=env,src=.env']);
    assert.deepEqual(patch.remarks, []);
  });

  it('is one source of several', () => {
    const lines = [
      'FROM a',
      'COPY --chown=me:me package.json .npmrc ./config/x.json /app/',
      'COPY .npmrc \\',
      '     # the lock',
      '     package-lock.json \\',
      '     /app/',
      'COPY [".npmrc", "a b.json", "/app/"]',
      'ADD ["a", ".npmrc", "/app/"]',
      'COPY [".npmrc", "/app/"]',
    ];
    assert.deepEqual(patchedLines(lines, file('/app/.npmrc')), [
      'FROM a',
      'COPY --chown=me:me package.json ./config/x.json /app/',
      'COPY \\',
      '     # the lock',
      '     package-lock.json \\',
      '     /app/',
      'COPY ["a b.json", "/app/"]',
      'ADD ["a", "/app/"]',
    ]);
  });

  it('is known by where it arrives, whatever it is called in the context', () => {
    const lines = [
      'FROM a',
      'ARG ROOT=/srv',
      'WORKDIR $ROOT/web',
      'COPY conf/prod.env ./.env',
      'COPY .env /elsewhere/.env',
      'RUN cat "$ROOT"/web/.env',
    ];
    const patch = patchOf(lines, file('/srv/web/.env'));
    assert.deepEqual(patch.patched.trimEnd().split('\n').slice(4), [
      'COPY .env /elsewhere/.env',
      `RUN ${mount('prod.env', '/srv/web/.env')} cat "$ROOT"/web/.env`,
    ]);
    assert.deepEqual(patch.dockerignore, ['conf/prod.env']);
    assert.deepEqual(patch.buildFlags, ['--secret id=prod.env,src=conf/prod.env']);
  });

  it('is known by its name where the working directory is that of the base image', () => {
    const patch = patchOf(['FROM node:20', 'COPY .env ./', 'RUN cat .env'], file('/usr/src/app/.env'));
    assert.deepEqual(patch.patched.trimEnd().split('\n').slice(2), [`RUN ${mount('env', '/usr/src/app/.env')} cat .env`]);
    assert.deepEqual(patch.dockerignore, ['.env']);
  });

  it('that a folder brings stays out by .dockerignore alone', () => {
    const cases: [string, string, string][] = [
      ['COPY . .', '/app/.env', '.env'],
      ['COPY . .', '/app/deploy/key.pem', 'deploy/key.pem'],
      ['COPY ./src/ /app/lib/', '/app/lib/a/b.json', 'src/a/b.json'],
      ['COPY config /app/config', '/app/config/x.yml', 'config/x.yml'],
      ['COPY conf.d /app/conf.d', '/app/conf.d/x', 'conf.d/x'],
      ['COPY .ssh .ssh', '/app/.ssh/id_rsa', '.ssh/id_rsa'],
      ['COPY keys/*.pem ./', '/app/key.pem', 'keys/key.pem'],
      ['COPY .npmrc* package*.json ./', '/app/.npmrc', '.npmrc'],
      ['COPY --parents a/b /app/', '/app/a/b/c', 'a/b/c'],
    ];
    for (const [copy, path, ignored] of cases) {
      const patch = patchOf(['FROM a', 'WORKDIR /app', copy, `RUN cat ${path}`], file(path));
      assert.equal(patch.patched.split('\n')[3], copy);
      assert.deepEqual(patch.dockerignore, [ignored], copy);
      assert.match(patch.patched, new RegExp(`target=${path} cat`));
    }
  });

  it('does not come from a file of another name, a folder elsewhere, or a pattern that does not fit', () => {
    for (const copy of ['COPY package.json ./', 'COPY . /srv', 'COPY *.json ./', 'COPY --from=nginx /app/.env /app/other', 'COPY .env /app/env/']) {
      const patch = patchOf(['FROM base:1', 'WORKDIR /app', copy], file('/app/.env'));
      assert.equal(patch.patch, '', copy);
      assert.deepEqual(patch.dockerignore, []);
      assert.match(remark(patch, /no instruction of this file names it/), /^\/app\/.env: .*base image \(base:1\)/);
    }
    const namesake = patchOf(['FROM a', 'COPY .env /tmp/', 'RUN mv /tmp/.env /app/'], file('/app/.env'));
    assert.match(remark(namesake, /^Line 2:/), /copies a .env to another place than \/app\/.env/);
  });

  it('of which the place in the context cannot be told is left out by name', () => {
    const patch = patchOf(['FROM node:20', 'COPY . .', 'RUN cat .env'], file('/usr/src/app/.env'));
    assert.deepEqual(patch.dockerignore, ['**/.env']);
    assert.match(remark(patch, /^Line 2:/), /cannot be told/);
    assert.match(patch.patched, /RUN --mount=type=secret,id=env,target=\/usr\/src\/app\/.env cat/);
  });

  it('is believed to come from where the history says', () => {
    const lines = ['FROM a', 'WORKDIR /app', 'COPY web ./', 'COPY api ./', 'RUN make secret.json'];
    const ignored = (createdBy?: string) => patchOf(lines, file('/app/secret.json', createdBy)).dockerignore;
    assert.deepEqual(ignored('COPY api ./ # buildkit'), ['api/secret.json']);
    assert.deepEqual(ignored('COPY web ./'), ['web/secret.json']);
    assert.deepEqual(ignored(), ['web/secret.json', 'api/secret.json']);
    assert.match(remark(patchOf(lines, file('/app/secret.json')), /any of/), /web\/secret.json, api\/secret.json/);
    const made = patchOf(lines, file('/app/secret.json', 'RUN /bin/sh -c make secret.json # buildkit'));
    assert.deepEqual(made.dockerignore, []);
    assert.match(remark(made, /^Line 5:/), /this RUN makes or changes \/app\/secret.json/);
  });

  it('that RUN only chmods in a later layer is still the one that was copied', () => {
    const chmod = file('/app/key', 'RUN /bin/sh -c chmod 600 /app/key # buildkit');
    const patch = patchOf(['FROM a', 'COPY key /app/', 'RUN chmod 600 /app/key'], file('/app/key', 'COPY key /app/ # buildkit'), chmod);
    assert.doesNotMatch(patch.patched, /COPY/);
    assert.match(remark(patch, /^Line 3:/), /changes or removes \/app\/key, which cannot be done to a mounted secret/);
  });

  it('that RUN writes is told with the form to use instead', () => {
    const patch = patchOf(['FROM a', 'ARG T', 'RUN echo "machine x password $T" > /root/.netrc && git clone x'], file('/root/.netrc'));
    assert.equal(patch.patch, '');
    assert.match(
      remark(patch, /^Line 3:/),
      /this RUN makes or changes \/root\/.netrc.*RUN --mount=type=secret,id=netrc,target=\/root\/.netrc \.\.\., built with --secret id=netrc,src=.netrc/,
    );
  });

  it('is followed from stage to stage', () => {
    const lines = [
      'FROM node AS build',
      'WORKDIR /src',
      'COPY . .',
      'COPY config/prod.env .env',
      'RUN . ./.env && build',
      'FROM build AS test',
      'RUN cat /src/.env',
      'FROM slim',
      'USER node',
      'COPY --from=build /src /app',
      'COPY --from=0 /src/.env /etc/app.env',
      'RUN cat /app/.env /etc/app.env',
    ];
    const patch = patchOf(lines, file('/app/.env'), file('/etc/app.env'));
    assert.deepEqual(patch.patched.trimEnd().split('\n'), [
      syntax,
      'FROM node AS build',
      'WORKDIR /src',
      'COPY . .',
      `RUN ${mount('prod.env', '/src/.env')} . ./.env && build`,
      'FROM build AS test',
      `RUN ${mount('prod.env', '/src/.env')} cat /src/.env`,
      'FROM slim',
      'USER node',
      'COPY --from=build /src /app',
      `RUN ${mount('prod.env', '/app/.env')},mode=0444 ${mount('prod.env', '/etc/app.env')},mode=0444 cat /app/.env /etc/app.env`,
    ]);
    assert.deepEqual(patch.dockerignore, ['config/prod.env']);
    assert.deepEqual(patch.buildFlags, ['--secret id=prod.env,src=config/prod.env']);
  });

  it('is gone for every instruction that copies it, as .dockerignore holds for all', () => {
    const lines = ['FROM a AS one', 'COPY .env /one/', 'RUN cat /one/.env', 'FROM b', 'COPY .env a /two/'];
    assert.deepEqual(patchedLines(lines, file('/two/.env')), [
      syntax,
      'FROM a AS one',
      `RUN ${mount('env', '/one/.env')} cat /one/.env`,
      'FROM b',
      'COPY a /two/',
    ]);
  });

  it('is found in another stage when the last one does not have it', () => {
    assert.deepEqual(patchedLines(['FROM a AS dev', 'COPY .env /app/', 'FROM b', 'RUN ls'], file('/app/.env')), [
      'FROM a AS dev',
      'FROM b',
      'RUN ls',
    ]);
  });

  it('of another image is to be taken out there', () => {
    const patch = patchOf(['FROM a', 'COPY --from=registry/secrets:1 /keys/ /app/'], file('/app/key.pem'), file('/app/b.pem'));
    assert.equal(patch.patch, '');
    assert.match(remark(patch, /^Line 2:/), /\/app\/key.pem, \/app\/b.pem: copied from registry\/secrets:1/);
  });

  it('that is removed later would be missed', () => {
    const lines = [
      'FROM a',
      'WORKDIR /app',
      'COPY .env .',
      'RUN rm .env',
      'RUN rm -f /app/.env',
      'RUN build --env-file=.env && rm -f .env',
      'RUN mv .env /tmp',
    ];
    const patch = patchOf(lines, file('/app/.env'));
    assert.deepEqual(patch.patched.trimEnd().split('\n').slice(3), [
      'RUN rm .env',
      'RUN rm -f /app/.env',
      `RUN ${mount('env', '/app/.env')} build --env-file=.env && rm -f .env`,
      `RUN ${mount('env', '/app/.env')} mv .env /tmp`,
    ]);
    assert.match(remark(patch, /^Line 4:/), /removes \/app\/.env, which is not there any more, so it will fail/);
    assert.match(remark(patch, /^Line 6:/), /cannot be done to a mounted secret/);
    assert.match(remark(patch, /^Line 7:/), /cannot be done to a mounted secret/);
    assert.ok(!patch.remarks.some((sentence) => sentence.startsWith('Line 5:')), 'rm -f does not mind');
  });

  it('that no RUN names is told with the commands that may read it', () => {
    const patch = patchOf(['FROM a', 'WORKDIR /app', 'COPY .npmrc package.json ./', 'RUN npm ci'], file('/app/.npmrc', undefined, false));
    assert.deepEqual(patch.remarks, [
      'No RUN uses /app/.npmrc by name. If one reads it all the same (line 4), put --mount=type=secret,id=npmrc,target=/app/.npmrc behind its RUN and build with --secret id=npmrc,src=.npmrc.',
    ]);
  });

  it('that is visible was there when a container ran', () => {
    const patch = patchOf(['FROM a', 'COPY .env b.env /app/'], file('/app/.env'), file('/app/b.env', undefined, false));
    assert.deepEqual(patch.remarks, [
      '/app/.env is not in the image any more: what needs it at run time has to be given it there, as a mounted file.',
    ]);
  });

  it('written out in the Dockerfile goes with its here-document', () => {
    const patch = patchOf(
      ['FROM a', 'COPY <<.env /app/', 'TOKEN=x', '.env', 'COPY <<EOF /app/b', 'y', 'EOF', 'RUN cat /app/.env'],
      file('/app/.env'),
    );
    assert.deepEqual(patch.patched.trimEnd().split('\n'), [
      syntax,
      'FROM a',
      'COPY <<EOF /app/b',
      'y',
      'EOF',
      `RUN ${mount('env', '/app/.env')} cat /app/.env`,
    ]);
    assert.deepEqual(patch.dockerignore, []);
  });

  it('that a RUN binds from the context is missed there', () => {
    const lines = [
      'FROM a',
      'COPY .env /app/',
      'RUN --mount=type=bind,source=.env,target=/x ls',
      'RUN --mount=type=bind,from=a,source=.env,target=/x ls',
    ];
    const patch = patchOf(lines, file('/app/.env', undefined, false));
    assert.match(remark(patch, /^Line 3:/), /binds .env of the build context/);
    assert.equal(patch.remarks.filter((sentence) => sentence.startsWith('Line 4')).length, 0);
  });

  it('with a name that cannot stand in a flag is left to a person', () => {
    const patch = patchOf(['FROM a', 'COPY ["my key,1", "/app/"]', 'RUN cat "/app/my key,1"'], file('/app/my key,1'));
    assert.equal(patch.patched, 'FROM a\nRUN cat "/app/my key,1"\n');
    assert.deepEqual(patch.dockerignore, ['my key,1']);
    assert.deepEqual(patch.buildFlags, []);
  });

  it('has its own id', () => {
    const patch = patchOf(['FROM a', 'COPY a/.env /one/', 'COPY c/.env /two/', 'RUN cat /one/.env /two/.env'], file('/one/.env'), file('/two/.env'));
    assert.deepEqual(patch.buildFlags, ['--secret id=env,src=a/.env', '--secret id=env-2,src=c/.env']);
    assert.deepEqual(patch.dockerignore, ['a/.env', 'c/.env']);
  });
});

describe('a line of .dockerignore', () => {
  it('means one path, whatever characters it has', () => {
    assert.equal(ignoreLine('a/b.env', false), 'a/b.env');
    assert.equal(ignoreLine('[x]*?.env', false), String.raw`\[x\]\*\?.env`);
    assert.equal(ignoreLine('#a', false), String.raw`\#a`);
    assert.equal(ignoreLine('!a', false), String.raw`\!a`);
    assert.equal(ignoreLine(' a\n!b ', false), '?a?!b?');
    assert.equal(ignoreLine('.env', true), '**/.env');
  });
});
