import assert from 'node:assert/strict';
import { argument, patchedLines, patchOf, remark, variable } from './unmasked.ts';

const syntax = '# syntax=docker/dockerfile:1';
const mount = (id: string, name = id) => `--mount=type=secret,id=${id},env=${name}`;

describe('a variable that holds a secret', () => {
  it('is no ARG any more, and is given to each RUN behind it that names it', () => {
    const lines = ['FROM node:20', 'RUN echo $TOKEN', 'ARG TOKEN', 'RUN npm ci --token=$TOKEN', 'RUN ls', 'run echo "${TOKEN:-none}"'];
    const patch = patchOf(lines, argument('TOKEN'));
    assert.deepEqual(patch.patched.trimEnd().split('\n'), [
      syntax,
      'FROM node:20',
      'RUN echo $TOKEN',
      `RUN ${mount('TOKEN')} npm ci --token=$TOKEN`,
      'RUN ls',
      `run ${mount('TOKEN')} echo "\${TOKEN:-none}"`,
    ]);
    assert.deepEqual(patch.buildFlags, ['--secret id=TOKEN,env=TOKEN']);
    assert.deepEqual(patch.remarks, [], 'a build argument was never there at run time');
  });

  it('goes from ENV and ARG alike, whichever it was found in', () => {
    const lines = ['FROM a', 'ARG TOKEN=default', 'ENV TOKEN=$TOKEN', 'RUN x $TOKEN'];
    for (const cause of [argument('TOKEN'), variable('TOKEN')])
      assert.deepEqual(patchedLines(lines, cause), [syntax, 'FROM a', `RUN ${mount('TOKEN')} x $TOKEN`]);
  });

  it('leaves the other variables of its instruction, their lines and comments', () => {
    const lines = [
      'FROM a',
      'ENV FIRST=1 \\',
      '    # what the registry wants',
      '    TOKEN=abc \\',
      '    # the last one',
      '    LAST="b c"',
      'ENV TOKEN=abc A=1',
      'ENV A=1 TOKEN="a b c"',
      "env TOKEN='x' \\",
      '  KEEP=2',
      'ARG A TOKEN B=2',
    ];
    assert.deepEqual(patchedLines(lines, variable('TOKEN')), [
      'FROM a',
      'ENV FIRST=1 \\',
      '    # the last one',
      '    LAST="b c"',
      'ENV A=1',
      'ENV A=1',
      'env \\',
      '  KEEP=2',
      'ARG A B=2',
    ]);
  });

  it('goes in the old form of ENV too, whose value is the rest of the line', () => {
    assert.deepEqual(patchedLines(['FROM a', 'ENV TOKEN a b=c \\', '  d', 'ENV OTHER TOKEN=1'], variable('TOKEN')), ['FROM a', 'ENV OTHER TOKEN=1']);
  });

  it('is read in the forms that commands have', () => {
    const commands = [
      '["sh", "-c", "echo $TOKEN"]',
      'python -c "import os; os.environ[\'TOKEN\']"',
      "node -e 'process.env.TOKEN'",
      'printenv TOKEN',
      '<<EOF\ncurl -H "$TOKEN" x\nEOF',
      '--network=none \\\n  # a comment\n  x $TOKEN',
    ];
    for (const command of commands) {
      const patch = patchOf(['FROM a', 'ARG TOKEN', `RUN ${command}`, 'LABEL x=1'], argument('TOKEN'));
      assert.equal(patch.patched, `${syntax}\nFROM a\nRUN ${mount('TOKEN')} ${command}\nLABEL x=1\n`);
    }
    for (const command of ['echo $TOKENS', 'echo $MY_TOKEN', 'echo TOKEN'])
      assert.doesNotMatch(patchOf(['FROM a', 'ARG TOKEN', `RUN ${command}`], argument('TOKEN')).patched, /mount/, command);
  });

  it('is seen in the stages that are built on its own, and in no other', () => {
    const lines = ['FROM a AS base', 'ARG TOKEN', 'FROM b AS other', 'RUN echo $TOKEN of a shell', 'FROM BASE', 'RUN echo $TOKEN'];
    assert.deepEqual(patchedLines(lines, argument('TOKEN')).slice(2), [
      'FROM b AS other',
      'RUN echo $TOKEN of a shell',
      'FROM BASE',
      `RUN ${mount('TOKEN')} echo $TOKEN`,
    ]);
  });

  it('before the first FROM is seen by FROM alone', () => {
    const patch = patchOf(['ARG TOKEN', 'FROM reg/$TOKEN', 'RUN x $TOKEN'], argument('TOKEN'));
    assert.equal(patch.patched, 'FROM reg/$TOKEN\nRUN x $TOKEN\n');
    assert.match(remark(patch, /^Line 2:/), /FROM uses TOKEN, which is empty now/);
  });

  it('under another name is the same secret', () => {
    const lines = ['FROM a', 'ARG NPM_TOKEN', 'ENV NODE_AUTH_TOKEN="${NPM_TOKEN}"', 'RUN npm ci # $NODE_AUTH_TOKEN', 'RUN x $NPM_TOKEN'];
    for (const cause of [argument('NPM_TOKEN'), variable('NODE_AUTH_TOKEN')]) {
      const patch = patchOf(lines, cause);
      assert.deepEqual(patch.patched.trimEnd().split('\n'), [
        syntax,
        'FROM a',
        `RUN ${mount('NPM_TOKEN', 'NODE_AUTH_TOKEN')} npm ci # $NODE_AUTH_TOKEN`,
        `RUN ${mount('NPM_TOKEN')} x $NPM_TOKEN`,
      ]);
      assert.deepEqual(patch.buildFlags, ['--secret id=NPM_TOKEN,env=NPM_TOKEN']);
    }
  });

  it('makes secret what it is put into, and stays out of a list that grows', () => {
    const lines = [
      'FROM a',
      'ARG TOKEN',
      'ENV URL=https://me:$TOKEN@host',
      "ENV LITERAL='$TOKEN' ESCAPED=\\$TOKEN",
      'ENV PATH=$TOKEN:$PATH',
      'RUN git clone $URL',
    ];
    const patch = patchOf(lines, argument('TOKEN'));
    assert.deepEqual(patch.patched.trimEnd().split('\n').slice(2), [
      "ENV LITERAL='$TOKEN' ESCAPED=\\$TOKEN",
      'ENV PATH=$TOKEN:$PATH',
      `RUN ${mount('URL')} git clone $URL`,
    ]);
    assert.match(remark(patch, /^Line 3:/), /URL holds TOKEN, so it goes too: give the whole of it/);
    assert.match(remark(patch, /^Line 5:/), /PATH is put together from itself and TOKEN/);
  });

  it('does not make secret what it is put together from: that may be the host', () => {
    const patch = patchOf(['FROM a', 'ARG HOST', 'ENV URL=https://me:secret@$HOST', 'RUN curl $URL $HOST'], variable('URL'));
    assert.equal(patch.patched, `${syntax}\nFROM a\nARG HOST\nRUN ${mount('URL')} curl $URL $HOST\n`);
    assert.match(remark(patch, /^Line 3:/), /URL is put together from HOST: if the secret is in there/);
  });

  it('that no RUN names is told with the commands that may read it', () => {
    const patch = patchOf(['FROM a', 'RUN one', 'ARG NPM_TOKEN', 'RUN npm ci', 'RUN npm test'], argument('NPM_TOKEN'));
    assert.equal(patch.patched, 'FROM a\nRUN one\nRUN npm ci\nRUN npm test\n');
    assert.equal(
      remark(patch, /No RUN names/),
      `No RUN names NPM_TOKEN. If one reads it all the same (lines 4, 5), put ${mount('NPM_TOKEN')} behind its RUN and build with --secret id=NPM_TOKEN,env=NPM_TOKEN.`,
    );
  });

  it('is told where the build put it in and RUN cannot help', () => {
    const lines = [
      'FROM a',
      'ARG TOKEN',
      'LABEL token=$TOKEN',
      'COPY --from=img:$TOKEN /x /x',
      'WORKDIR /$TOKEN',
      'RUN --mount=type=bind,source=$TOKEN,target=/x ls',
    ];
    const patch = patchOf(lines, argument('TOKEN'));
    assert.match(remark(patch, /^Line 3:/), /LABEL uses TOKEN/);
    assert.match(remark(patch, /^Line 4:/), /COPY uses TOKEN/);
    assert.match(remark(patch, /^Line 5:/), /WORKDIR uses TOKEN/);
    assert.match(remark(patch, /^Line 6:/), /a flag of RUN uses TOKEN/);
  });

  it('of the environment was there when a container ran', () => {
    const patch = patchOf(['FROM a', 'ENV TOKEN=1', 'CMD serve --token=$TOKEN', 'HEALTHCHECK CMD curl $TOKEN'], variable('TOKEN'));
    assert.match(remark(patch, /run time/), /TOKEN is not in the environment of the image any more.*\(lines 3, 4\).*docker run -e TOKEN/);
    const builder = patchOf(['FROM a AS b', 'ENV TOKEN=1', 'RUN x $TOKEN', 'FROM c'], variable('TOKEN'));
    assert.deepEqual(builder.remarks, [], 'the environment of a stage that is only copied from is in no image');
  });

  it('of ONBUILD goes likewise', () => {
    const lines = ['FROM a', 'ONBUILD ARG TOKEN', 'ONBUILD RUN x $TOKEN', 'RUN y $TOKEN'];
    const patch = patchOf(lines, argument('TOKEN'));
    assert.equal(patch.patched, `${syntax}\nFROM a\nONBUILD RUN ${mount('TOKEN')} x $TOKEN\nRUN y $TOKEN\n`);
    assert.match(remark(patch, /^Line 3:/), /needs the same --secret flags/);
  });

  it('that the file does not set comes from elsewhere', () => {
    const patch = patchOf(['FROM node:20 AS b', 'FROM b', 'RUN x $TOKEN'], variable('TOKEN'), argument('constructor'));
    assert.equal(patch.patch, '');
    assert.match(remark(patch, /TOKEN/), /^TOKEN, constructor are set by no ARG or ENV of this file: the base image \(node:20\)/);
  });

  it('is not mounted twice', () => {
    const lines = ['# syntax=docker/dockerfile:1', 'FROM a', 'ARG TOKEN', `RUN ${mount('mine', 'TOKEN')} x $TOKEN`];
    const patch = patchOf(lines, argument('TOKEN'));
    assert.equal(patch.patched, `# syntax=docker/dockerfile:1\nFROM a\nRUN ${mount('mine', 'TOKEN')} x $TOKEN\n`);
    assert.deepEqual(patch.buildFlags, []);
  });
});

describe('the syntax directive', () => {
  const lines = (first: string) => [first, 'FROM a', 'ARG TOKEN', 'RUN x $TOKEN'];
  const first = (line: string) => patchedLines(lines(line), argument('TOKEN'))[0];

  it('stays when its frontend knows secrets', () => {
    for (const tag of [
      'docker/dockerfile:1',
      'docker/dockerfile:1.10',
      'docker/dockerfile:1.12.0',
      'docker/dockerfile',
      'docker.io/docker/dockerfile:1-labs',
    ])
      assert.equal(first(`# syntax=${tag}`), `# syntax=${tag}`);
  });

  it('is raised when it is too old, and told', () => {
    assert.equal(first('#syntax = docker/dockerfile:1.4'), '#syntax = docker/dockerfile:1');
    assert.equal(first('# syntax=docker/dockerfile:1.3-labs'), '# syntax=docker/dockerfile:1-labs');
    assert.match(remark(patchOf(lines('# syntax=docker/dockerfile:1.4'), argument('TOKEN')), /^Line 1:/), /need docker\/dockerfile:1.10 or newer/);
  });

  it('is only told of when it is pinned to a digest or is somebody else’s', () => {
    for (const value of [`docker/dockerfile:1.4@sha256:${'0'.repeat(64)}`, 'example.org/frontend:1']) {
      assert.equal(first(`# syntax=${value}`), `# syntax=${value}`);
      assert.match(remark(patchOf(lines(`# syntax=${value}`), argument('TOKEN')), /^Line 1:/), /docker\/dockerfile:1.10/);
    }
  });

  it('stands first, behind a byte-order mark or a #! line, and makes no directive of a comment', () => {
    const patched = (text: string) => patchOf([text], argument('TOKEN')).patched;
    assert.equal(
      patched('\ufeff# escape=`\nFROM a\nARG TOKEN\nRUN x `\n $TOKEN'),
      `\ufeff${syntax}\n# escape=\`\nFROM a\nRUN ${mount('TOKEN')} x \`\n $TOKEN\n`,
    );
    assert.equal(
      patched('#!/usr/bin/env docker\nFROM a\nARG TOKEN\nRUN $TOKEN'),
      `#!/usr/bin/env docker\n${syntax}\nFROM a\nRUN ${mount('TOKEN')} $TOKEN\n`,
    );
    assert.equal(patched('ARG TOKEN\n# escape=`\nFROM a\nRUN x \\\n y'), '\n# escape=`\nFROM a\nRUN x \\\n y\n', 'the comment stays a comment');
  });
});
