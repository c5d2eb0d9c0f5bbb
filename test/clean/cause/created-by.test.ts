import assert from 'node:assert/strict';
import { instructionTold, tells } from '../../../src/clean/cause/created-by.ts';
import { readDockerfile } from '../../../src/clean/cause/dockerfile.ts';

describe('instructionTold', () => {
  it('reads the forms that builders write', () => {
    const cases: [string, string, string][] = [
      ['COPY --chown=a:b --link . /app # buildkit', 'COPY', '. /app'],
      ['RUN /bin/sh -c npm ci   && x # buildkit', 'RUN', 'npm ci && x'],
      ['RUN |2 A=******** B=2 /bin/sh -c npm ci # buildkit', 'RUN', 'npm ci'],
      ['RUN /bin/bash -o pipefail -c npm ci # buildkit', 'RUN', 'npm ci'],
      ['|1 A=******** /bin/sh -c npm ci', 'RUN', 'npm ci'],
      ['/bin/sh -c npm ci', 'RUN', 'npm ci'],
      ['/bin/sh -c #(nop) COPY file:0123 in /app/.env ', 'COPY', 'file:0123 in /app/.env'],
      ['/bin/sh -c #(nop)  ENV A=1', 'ENV', 'A=1'],
      ['LABEL a=********', 'LABEL', 'a=********'],
      ['RUN npm ci', 'RUN', 'npm ci'],
      ['', 'RUN', ''],
      ['|||', 'RUN', '|||'],
    ];
    for (const [createdBy, keyword, rest] of cases) assert.deepEqual(instructionTold(createdBy), { keyword, rest }, createdBy);
  });
});

describe('tells', () => {
  it('compares what is left of white space, continuations and secrets', () => {
    const { instructions } = readDockerfile('FROM a\nrun --network=none curl \\\n   -u me:hush  x\nCOPY --link . .\nONBUILD COPY . .\n', 'D');
    const mask = (text: string) => text.replaceAll('hush', '****');
    const told = (createdBy: string) => instructions.map((instruction) => tells(instructionTold(createdBy), instruction, mask));
    assert.deepEqual(told('RUN /bin/sh -c curl    -u me:****  x # buildkit'), [false, true, false, false]);
    assert.deepEqual(told('COPY . . # buildkit'), [false, false, true, false]);
    assert.deepEqual(told('ADD . .'), [false, false, false, false]);
    assert.deepEqual(told('RUN /bin/sh -c curl\\n\\t-u me:****  x'), [false, true, false, false], 'made printable');
    assert.deepEqual(told(''), [false, false, false, false]);
  });
});
