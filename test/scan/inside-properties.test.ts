// Whatever stands in whatever: each secret is told once, at its innermost place, with the line and column that it has there.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import { printablePath } from '../../src/model/entry.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { scanLayer } from '../../src/scan/scan-layer.ts';
import { compressed } from '../support/compressed.ts';
import { whileOverwriting } from '../support/lent.ts';
import { file, tar } from '../support/raw-tar.ts';
import { inChunks } from '../view/nested/walked.ts';
import { type Nesting, nestings } from './nestings.ts';
import { smallRuleset, token, tokenPattern, tokenRule } from './small-rules.ts';

const words = fc.constantFrom(
  'key',
  ' = ',
  '\n',
  'ü',
  token(1),
  `${token(2)}\n`,
  ' ',
  Buffer.from(`the token is ${token(3)} here`).toString('base64'),
);
const texts = fc.array(words, { minLength: 1, maxLength: 12 }).map((all) => all.join(' '));

/** By the letter: tokens as they are and in base64, each at its place. */
function expected(path: string, text: string): string[] {
  const plain = [...text.matchAll(tokenPattern)].map(({ index }) => index);
  const encoded = [...text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)].map(({ index }) => index + 16);
  return [...plain, ...encoded].map((at) => {
    const before = text.slice(0, at);
    return `${path}:${before.split('\n').length}:${at - before.lastIndexOf('\n')}`;
  });
}

describe('files in files, at random', function () {
  this.timeout(120_000);

  const nested = fc.array(nestings(texts), { minLength: 1, maxLength: 3 });

  async function assertSearched(all: readonly Nesting[], blobs: (layer: Buffer) => readonly Blob[]): Promise<void> {
    const layer = tar(...all.map(({ bytes }, index) => file(`f${index}`, bytes)));
    for (const blob of blobs(layer)) {
      const { sightings, skipped } = await scanLayer(blob, { ruleset: smallRuleset(tokenRule), limits: { ...defaultLimits, nestedDepth: 20 } });
      assert.deepEqual(skipped, []);
      const found = sightings.map(({ origin, position: { line, column } }) => {
        assert.ok(origin.kind === 'body' || origin.kind === 'nested');
        return `${[printablePath(origin.entry.path), ...(origin.kind === 'nested' ? origin.way : [])].join('!/')}:${line}:${column}`;
      });
      const told = all.flatMap((nesting, index) =>
        [...nesting.texts].flatMap(([way, text]) => expected(`/f${index}${way === '' ? '' : `!/${way}`}`, text)),
      );
      assert.deepEqual(found.sort(), told.sort());
    }
  }

  it('are searched each once, however the layer is cut', async () => {
    await fc.assert(
      fc.asyncProperty(nested, fc.integer({ min: 1, max: 5000 }), (all, chunk) =>
        assertSearched(all, (layer) => [blobOf(layer), inChunks(layer, chunk)]),
      ),
      { numRuns: 150 },
    );
  });

  it('are searched each once, whatever becomes of memory that was lent', async () => {
    await fc.assert(
      fc.asyncProperty(nested, fc.integer({ min: 1, max: 5000 }), (all, piece) =>
        whileOverwriting(piece, () => assertSearched(all, (layer) => [compressed(layer, 'gzip'), compressed(layer, 'zstd')].map(blobOf))),
      ),
      { numRuns: 100 },
    );
  });
});
