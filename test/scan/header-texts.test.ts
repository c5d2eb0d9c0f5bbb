// Secrets in the headers of entries: hundreds of headers are searched at once, and each is told as if it had been read alone.
import assert from 'node:assert/strict';
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { scanLayer } from '../../src/scan/scan-layer.ts';
import { githubToken, npmToken } from '../support/planted.ts';
import { directory, file, pax, tar } from '../support/raw-tar.ts';

const ruleset = await loadRuleset();

/** Where each secret was seen, in the order in which it was told. */
async function seenIn(archive: Buffer) {
  const { sightings } = await scanLayer(blobOf(archive), { ruleset, limits: defaultLimits });
  return sightings.map(({ origin, detection, position }) => [
    origin.kind,
    origin.kind === 'stray' ? origin.what : origin.entry.index,
    detection.secret.reveal(),
    position.offset,
  ]);
}

describe('secrets in headers', () => {
  it('are found in whichever of many headers they stand', async () => {
    const tokens = new Map([0, 1, 127, 128, 129, 499].map((index) => [index, githubToken(`header ${index}`)]));
    const names = Array.from({ length: 500 }, (_, index) => `srv/${index}/${tokens.get(index) ?? 'empty'}`);
    const seen = await seenIn(tar(...names.map((name) => file(name, ''))));
    assert.deepEqual(
      seen,
      [...tokens].map(([index, token]) => ['header', index, token, `srv/${index}/`.length]),
    );
  });

  it('come in the order of the archive, before the body of their entry and what no entry owns', async () => {
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((seed) => githubToken(seed));
    const padded = file(`x/${c}`, `TOKEN=${d}\n`);
    padded.write(` ${e} `, 600);
    const archive = tar(directory(`d/${a}`), file('body', `TOKEN=${b}\n`), padded);
    assert.deepEqual(
      (await seenIn(archive)).map(([kind, where, value]) => [kind, where, value]),
      [
        ['header', 0, a],
        ['body', 1, b],
        ['header', 2, c],
        ['body', 2, d],
        ['stray', 'padding of an entry', e],
      ],
    );
  });

  it('are found in records longer than what is searched at once', async () => {
    const token = npmToken('record');
    const archive = tar(pax([['comment', `${'x '.repeat(50_000)}${token}`]]), file('a', ''));
    assert.deepEqual(
      (await seenIn(archive)).map(([kind, index, value]) => [kind, index, value]),
      [['header', 0, token]],
    );
  });

  it('are none when they begin in one header and end in the next', async () => {
    // The last bytes of a header, behind the prefix, are in no field.
    const token = githubToken('cut');
    const [first, second] = [Buffer.from(token.slice(0, 12)), token.slice(12)];
    const archive = tar(file('a', '', { patches: [{ at: 500, bytes: first }] }), file(`${second} b`, ''));
    assert.deepEqual(await seenIn(archive), []);
  });
});
