import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import fc from 'fast-check';
import type { Cause } from '../../../src/clean/cause/cause.ts';
import { patchDockerfile } from '../../../src/clean/cause/dockerfile-patch.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import { password } from '../../support/planted.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { argument, file, patchOf, remark, variable } from './unmasked.ts';

const secret = password('dockerfile');
const masked = (text: string) => text.replaceAll(secret, '********');
const causes: readonly Cause[] = [variable('TOKEN'), file('/app/.env'), file('/app/conf/key.pem')];

const everything = [
  '# the build',
  'FROM node:20 AS build',
  `ARG TOKEN=${secret}`,
  'ENV A=1 \\',
  `    TOKEN="${secret}" \\`,
  '    B=2',
  'WORKDIR /app',
  'COPY .env package.json ./',
  'RUN npm ci --token $TOKEN && . ./.env',
  'COPY . .',
  ...Array.from({ length: 12 }, (_, index) => `RUN step ${index}`),
  'FROM slim',
  'COPY --from=build /app /app',
  'COPY --from=build /app/.env /app/.env',
  'RUN cat /app/conf/key.pem',
].join('\n');

describe('patchDockerfile', () => {
  const { newFolder } = scratch();
  before(function () {
    needs(this, 'git', 'patch');
  });

  function appliedBy(program: 'git' | 'patch', name: string, text: string, patch: string): string {
    const folder = newFolder();
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    const input = Buffer.from(patch);
    // A folder inside a repository would be taken for a part of it.
    if (program === 'git')
      tool('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input, env: { GIT_CEILING_DIRECTORIES: dirname(folder) } });
    else tool('patch', ['-p1', '--binary', '--quiet'], { cwd: folder, input });
    return readFileSync(join(folder, name), 'utf8');
  }

  it('gives a patch that git and patch apply, whatever the lines end in and the file is called', () => {
    const crlf = everything.replaceAll('\n', '\r\n');
    const last = 'FROM a\nRUN x\nENV TOKEN=1';
    for (const text of [
      everything,
      `${everything}\n`,
      crlf,
      `${crlf}\r\n`,
      `\ufeff${everything}`,
      last,
      `FROM a\n${'ENV TOKEN=1\nRUN $TOKEN\n'.repeat(2000)}`,
    ]) {
      for (const name of text === everything ? ['Dockerfile', './docker/app.Dockerfile', 'my files/Dockerfile'] : ['Dockerfile']) {
        const { patch, patched } = patchDockerfile(text, name, causes, masked);
        assert.notEqual(patched, text);
        for (const program of ['git', 'patch'] as const) assert.equal(appliedBy(program, name, text, patch), patched, `${program} ${name}`);
      }
    }
  });

  it('shows the patch without the values of what goes, found or not', () => {
    const lines = [
      'FROM a',
      `ENV TOKEN=${secret} A=1`,
      'ARG TOKEN="not the one that was found"',
      'ENV TOKEN old form',
      `RUN curl -u me:${secret} x`,
      'RUN $TOKEN',
    ];
    const { patch, shownPatch, remarks } = patchDockerfile(lines.join('\n'), 'Dockerfile', [variable('TOKEN')], masked);
    assert.ok(patch.includes(`-ENV TOKEN=${secret} A=1\n`) && patch.includes('-ENV TOKEN old form\n'), 'the patch itself is exact');
    assert.deepEqual(
      shownPatch.split('\n').filter((line) => /^[-+ ]\w/.test(line)),
      [
        ' FROM a',
        '-ENV TOKEN=******** A=1',
        '-ARG TOKEN=********',
        '-ENV TOKEN ********',
        '+ENV A=1',
        ' RUN curl -u me:******** x',
        '-RUN $TOKEN',
        '+RUN --mount=type=secret,id=TOKEN,env=TOKEN $TOKEN',
      ],
    );
    assert.ok(!JSON.stringify([shownPatch, remarks]).includes(secret));
  });

  it('shows controls of the file as what they are', () => {
    const { shownPatch } = patchDockerfile('FROM a\n# \u001b[2J ::error::\tx\r\nENV TOKEN=1\n', 'Dockerfile', [variable('TOKEN')], masked);
    assert.match(shownPatch, /^ # \\x1b\[2J :\\x3aerror:\\x3a\tx$/m);
  });

  it('gives no patch when nothing is to be changed', () => {
    for (const none of [[], [variable('OTHER')], [{ kind: 'instruction', createdBy: 'RUN x' } as const]]) {
      const { patch, shownPatch, patched } = patchDockerfile(everything, 'Dockerfile', none, (text) => text);
      assert.deepEqual([patch, shownPatch, patched], ['', '', everything]);
    }
  });

  it('leaves what is written out in an instruction to a person, and names the line alone', () => {
    const lines = [
      'FROM a',
      'ARG TOKEN',
      `RUN curl -u me:${secret} \\`,
      '  x',
      `LABEL key=${secret}`,
      'ONBUILD RUN x',
      'CMD ["serve"]',
      `# ${secret}`,
    ];
    const createdBy = 'RUN |1 TOKEN=******** /bin/sh -c curl -u me:********   x # buildkit';
    const patch = patchDockerfile(lines.join('\n'), 'Dockerfile', [argument('TOKEN'), { kind: 'instruction', createdBy }], masked);
    assert.match(remark(patch, /^Line 3:/), /written out in this RUN.*--mount=type=secret,id=NAME,env=NAME/);
    assert.match(remark(patch, /^Line 5:/), /written out in this LABEL/);
    assert.ok(!JSON.stringify(patch.remarks).includes(secret));
    assert.ok(!patch.remarks.some((sentence) => /^Line [678]/.test(sentence)));

    const elsewhere = patchOf(['FROM a', 'RUN x'], { kind: 'instruction', createdBy: '/bin/sh -c curl -u me:******** x' });
    assert.match(remark(elsewhere, /history/), /written out in instructions \(RUN\).*base image/);
  });

  it('refuses what is no Dockerfile, with the place', () => {
    const cases: [string, RegExp][] = [
      ['', /Dockerfile has no FROM/],
      ['\n# nothing\n', /has no FROM/],
      ['FROM a\nNOTHING x\n', /no instruction of Dockerfiles in line 2/],
      ['RUN x\nFROM a\n', /before the first FROM, in line 1/],
      ['FROM a\nRUN x\nRUN cat <<EOF\nENV TOKEN=1\n', /here-document that does not end, in line 3/],
      [`FROM a\n${'RUN x\n'.repeat(10_000)}`, /more than .* instructions/],
      [`FROM a\n# ${'x'.repeat(2 ** 21)}`, /more than any Dockerfile/],
      ['FROM a\nENV A=\ufffd\n', /no text/],
      ['\u007fELF\0\0', /no text/],
    ];
    for (const [text, form] of cases) {
      assert.throws(
        () => patchDockerfile(text, 'Dockerfile', causes, masked),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage' && form.test(thrown.message) && thrown.hint !== undefined,
        text.slice(0, 50),
      );
    }
  });

  it('ends on hostile texts, in a result or an UnbakeError', () => {
    const hostile = [
      `FROM a\nENV TOKEN=1\n${'RUN echo $TOKEN\n'.repeat(4000)}`,
      `FROM a\nENV A=xxxxxxxx\n${'ENV A=$A$A$A\n'.repeat(4000)}WORKDIR $A\nCOPY $A $A\n`,
      `FROM a\nENV TOKEN=1\n${Array.from({ length: 2000 }, (_, index) => `ENV T${index}=$T${index + 1}\n`).join('')}ENV T2000=$TOKEN\n`,
      'ENV A=$B\nENV B=$A\n'.replace(/^/, 'FROM a\nENV TOKEN=$A\n'),
      `FROM a\nRUN ${'<<E '.repeat(20_000)}\n${'E\n'.repeat(20_000)}`,
      `FROM a\nENV TOKEN=1\nRUN ${'${'.repeat(200_000)}`,
      `FROM a\nENV TOKEN=1\nLABEL ${'"\\'.repeat(200_000)}`,
      `FROM a\nRUN ${' \\'.repeat(200_000)}`,
      `FROM a\nCOPY ${'*a'.repeat(400)} /${'a'.repeat(300)}`,
      Array.from(
        { length: 200 },
        (_, index) => `FROM s${index - 1} AS s${index}\nCOPY --from=s${index - 1} /a /\nCOPY --from=s${index - 1} / /\nCOPY . /a\n`,
      ).join(''),
    ];
    for (const text of hostile) assert.ok(patchDockerfile(text, 'Dockerfile', causes, masked).patched.length > 0, text.slice(0, 60));
    const many = Array.from({ length: 3000 }, (_, index) => [file(`/app/${index}`), variable(`T${index}`)]).flat();
    assert.ok(patchDockerfile(everything, 'Dockerfile', many, masked).remarks.length < 1000);
  });

  it('takes any text whatever, in a result or an UnbakeError', () => {
    const part = fc.constantFrom(
      'FROM a',
      'ENV',
      'ARG',
      'COPY',
      'RUN',
      'ONBUILD',
      ' ',
      '\n',
      '\r',
      '\\',
      '"',
      "'",
      '`',
      '<<E',
      'E',
      '#',
      '[',
      '$TOKEN',
      '=',
      '.env',
      '/app/',
      'x',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 40 }).map((parts) => `FROM a\n${parts.join('')}`),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          patchDockerfile(given, 'Dockerfile', causes, masked);
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, String(thrown));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing but what goes and what is given a secret', () => {
    const harmless = fc.constantFrom(
      'RUN ls \\\n  # a comment\n  -l',
      'LABEL a="b c"',
      'workdir /app',
      'USER me',
      'COPY src /app/src',
      'COPY ["a b", "/x/"]',
      '# TOKEN',
      '',
      'EXPOSE 80',
      'RUN <<EOF\nENV TOKEN=1\nEOF',
      'CMD x',
    );
    const concerned = fc.constantFrom(
      'ENV TOKEN=1',
      'ENV TOKEN a b',
      'ARG TOKEN',
      'ARG TOKEN=1',
      'env \\\n  TOKEN=1',
      'COPY .env /app/',
      'ADD ["/.env", "/app/.env"]',
    );
    const reading = fc.constantFrom(
      'RUN x $TOKEN',
      'RUN \\\n  --network=none x $TOKEN',
      'RUN ["x", "$TOKEN"]',
      'run cat /app/.env',
      'RUN <<EOF\n$TOKEN\nEOF',
    );
    const line = fc.oneof(harmless, concerned, reading);
    const mounts = / --mount=type=secret,id=(?:TOKEN,env=TOKEN|env,target=\/app\/.env)(?:,mode=0444)?/g;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), (lines, eol, isEnded) => {
        const all = ['FROM scratch', ...lines];
        const text = `${all.join('\n')}${isEnded ? '\n' : ''}`.replaceAll('\n', eol);
        const { patched, patch } = patchDockerfile(text, 'Dockerfile', [variable('TOKEN'), file('/app/.env')], masked);

        const gone = new Set([
          'ENV TOKEN=1',
          'ENV TOKEN a b',
          'ARG TOKEN',
          'ARG TOKEN=1',
          'env \\\n  TOKEN=1',
          'COPY .env /app/',
          'ADD ["/.env", "/app/.env"]',
        ]);
        const kept = all
          .filter((one) => !gone.has(one))
          .join('\n')
          .replaceAll('\n', eol);
        const left = patched.replace(/^# syntax=docker\/dockerfile:1\r?\n/, '').replaceAll(mounts, '');
        assert.equal(left.trimEnd(), kept.trimEnd());
        assert.equal(patch === '', patched === text);

        const keywords = (of: string) =>
          DockerfileParser.parse(of)
            .getInstructions()
            .map((instruction) => instruction.getKeyword());
        assert.deepEqual(keywords(patched), keywords(kept), 'another parser reads the same');
        assert.equal(patchDockerfile(patched, 'Dockerfile', [variable('TOKEN'), file('/app/.env')], masked).patch, '', 'patched once is patched');
      }),
      { numRuns: 500 },
    );
  });
});
