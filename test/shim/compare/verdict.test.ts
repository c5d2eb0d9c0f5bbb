// From what two containers did to what is said of it.
import assert from 'node:assert/strict';
import type { HttpAnswer, Outcome, Trial } from '../../../src/model/comparison.ts';
import { judgeTrials } from '../../../src/shim/compare/compare.ts';

const running: Outcome = { kind: 'running' };
const exited = (exitCode: number): Outcome => ({ kind: 'exited', exitCode, isOutOfMemory: false });
const failed: Outcome = { kind: 'failed', why: 'exec: "app": not found' };
const answered = (status: number, body = 'same'): HttpAnswer => ({ probe: { port: 80, path: '/' }, status, fingerprint: body, length: 4 });
const silent: HttpAnswer = { probe: { port: 80, path: '/' }, error: 'ECONNREFUSED' };

const tried = (outcome: Outcome, answers: readonly HttpAnswer[] = [], output: readonly string[] = []) => {
  const trial: Trial = { image: 'app', digest: `sha256:${'a'.repeat(64)}`, outcome, answers, lines: output.length };
  return { trial, output };
};

describe('the verdict on two trials', () => {
  for (const [name, before, after, verdict] of [
    ['both end with 0', tried(exited(0)), tried(exited(0)), 'same'],
    ['both end with the same error', tried(exited(3)), tried(exited(3)), 'same'],
    ['both run', tried(running), tried(running), 'same'],
    ['both answer', tried(running, [answered(200)]), tried(running, [answered(200)]), 'same'],
    ['both answer with the same refusal', tried(running, [answered(401)]), tried(running, [answered(401)]), 'same'],
    ['bodies differ', tried(running, [answered(200, 'a')]), tried(running, [answered(200, 'b')]), 'works'],
    ['output differs', tried(exited(0), [], ['a']), tried(exited(0), [], ['b']), 'works'],
    ['the second fails', tried(exited(0)), tried(exited(1)), 'broken'],
    ['the second cannot be started', tried(running), tried(failed), 'broken'],
    ['the server ends', tried(running), tried(exited(0)), 'broken'],
    ['the second answers with an error', tried(running, [answered(200)]), tried(running, [answered(500)]), 'broken'],
    ['the second does not answer', tried(running, [answered(302)]), tried(running, [silent]), 'broken'],
    ['the second is unhealthy', tried({ kind: 'running', health: 'healthy' }), tried({ kind: 'running', health: 'unhealthy' }), 'broken'],
    ['the second never gets healthy', tried({ kind: 'running', health: 'healthy' }), tried({ kind: 'running', health: 'starting' }), 'broken'],
    ['neither can be started', tried(failed), tried(failed), 'unclear'],
    ['neither answers', tried(running, [silent]), tried(running, [silent]), 'unclear'],
    ['the first fails otherwise', tried(exited(1)), tried(exited(2)), 'unclear'],
    ['the first failed and the second does not', tried(exited(1)), tried(exited(0)), 'unclear'],
    ['one of two answers is lost', tried(running, [answered(200), answered(200)]), tried(running, [answered(200), silent]), 'broken'],
  ] as const) {
    it(`is "${verdict}" when ${name}`, () => assert.equal(judgeTrials(before, after).verdict, verdict));
  }

  it('names what differs, and how', () => {
    const { differences } = judgeTrials(
      tried(running, [answered(200, 'a')], ['ready', 'token ok']),
      tried(running, [answered(200, 'b')], ['ready', 'no token', 'guest mode']),
    );
    assert.deepEqual(differences, [
      { what: 'body of the answer of 80:/', before: '4 bytes', after: '4 bytes, other ones', isBreaking: false },
      { what: 'output', before: 'token ok', after: 'no token\nguest mode', isBreaking: false },
    ]);
  });

  it('shows a few lines of much output', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const { differences } = judgeTrials(tried(exited(0), [], lines), tried(exited(0)));
    assert.equal(differences[0].before, 'line 0\nline 1\nline 2\nline 3\nline 4\nand 35 more lines');
    assert.equal(differences[0].after, 'nothing that the other has not');
  });
});
