import assert from 'node:assert/strict';
import { adviceFor } from '../../../src/clean/cause/advice.ts';
import type { Cause } from '../../../src/clean/cause/cause.ts';
import { argument, file, variable } from './unmasked.ts';

describe('adviceFor', () => {
  it('says for a copied file what to write instead', () => {
    assert.deepEqual(adviceFor([file('/app/.env', 'COPY . . # buildkit', false)]), [
      '/app/.env came in with "COPY . . # buildkit": copy it no more, put .env into .dockerignore, and give the file to the RUN that needs it: RUN --mount=type=secret,id=env,target=/app/.env ..., built with --secret id=env,src=.env. Deleting it later leaves it in its layer.',
    ]);
  });

  it('says for what RUN made that RUN must leave nothing behind', () => {
    const [advice] = adviceFor([file('/root/.netrc', 'RUN /bin/sh -c echo x > /root/.netrc # buildkit')]);
    assert.match(advice, /^\/root\/.netrc came in with "RUN .*": let that RUN leave nothing behind, .*id=netrc,target=\/root\/.netrc/);
    assert.doesNotMatch(advice, /dockerignore|Deleting/);
  });

  it('tells files of one instruction together, and no more than a few of many', () => {
    const some = Array.from({ length: 8 }, (_, index) => file(`/app/${index}/.env`, 'COPY . .'));
    const advice = adviceFor([...some, ...some, file('/x/.env')]);
    assert.equal(advice.length, 2);
    assert.match(advice[0], /^\/app\/0\/.env, .*\/app\/4\/.env and 3 more came in with "COPY . ."/);
    assert.match(advice[1], /^\/x\/.env: copy it no more/);
  });

  it('tells variables together, with run time for those that had it', () => {
    assert.deepEqual(adviceFor([variable('TOKEN'), argument('TOKEN'), argument('OTHER')]), [
      'Take ENV and ARG of TOKEN, OTHER out of the Dockerfile, and give the value to the RUN that needs it: RUN --mount=type=secret,id=TOKEN,env=TOKEN ..., built with --secret id=TOKEN,env=TOKEN. At run time give it to the container: docker run -e TOKEN, or the secrets of your platform.',
    ]);
    assert.doesNotMatch(adviceFor([argument('TOKEN')])[0], /run time/);
  });

  it('says for an instruction what is to be taken out of it', () => {
    const instructions: Cause[] = [
      { kind: 'instruction', createdBy: 'RUN /bin/sh -c curl -u me:******** x # buildkit' },
      { kind: 'instruction', createdBy: 'LABEL key=********' },
    ];
    const [run, label] = adviceFor(instructions);
    assert.match(run, /^A secret is written out in "RUN .*": give it to that RUN with --mount=type=secret,id=NAME,env=NAME/);
    assert.match(label, /^A secret is written out in "LABEL key=\*{8}": take it out/);
  });

  it('is printable and short, whatever the image says', () => {
    const hostile = `\u001b[2J::error::\n${'x'.repeat(5000)}`;
    const advice = adviceFor([variable(hostile), argument(hostile), file('/a b,\\x1b', hostile), { kind: 'instruction', createdBy: hostile }]);
    assert.equal(advice.length, 3);
    for (const line of advice) {
      assert.doesNotMatch(line, /[\u0000-\u001f]|::/);
      assert.ok(line.length < 1000, `${line.length}`);
    }
    assert.deepEqual(adviceFor([]), []);
  });
});
