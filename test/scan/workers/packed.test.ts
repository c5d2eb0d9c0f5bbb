// What goes from one thread to another arrives as it was: entries, scans with their secrets, errors.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blobOf } from '../../../src/model/blob.ts';
import type { Entry } from '../../../src/model/entry.ts';
import { isSystemError, UnbakeError } from '../../../src/model/error.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import type { LayerScan } from '../../../src/scan/layer-scan.ts';
import { scanLayer } from '../../../src/scan/scan-layer.ts';
import { packEntries, unpackEntries } from '../../../src/scan/workers/packed-entries.ts';
import { packError, unpackError } from '../../../src/scan/workers/packed-error.ts';
import { packScan, unpackScan } from '../../../src/scan/workers/packed-scan.ts';
import { gzipMember } from '../../support/compressed.ts';
import { directory, file, hardlink, symlink, tar } from '../../support/raw-tar.ts';
import { smallRuleset, token, tokenRule } from '../small-rules.ts';

const names = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const numbers = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double());

const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc
    .record({
      path: names,
      raw: fc.option(names, { nil: undefined }),
      kind: fc.constantFrom('file', 'directory', 'symlink', 'hardlink', 'device', 'fifo', 'other'),
      size: numbers,
      mode: numbers,
      uid: numbers,
      gid: numbers,
      mtime: numbers,
      index: numbers,
      linkTarget: fc.option(names, { nil: undefined }),
      span: fc.record({ start: numbers, end: numbers }, { noNullPrototype: true }),
      isBehindEnd: fc.boolean(),
      isSparse: fc.boolean(),
    })
    .map(({ raw, isSparse, ...rest }) => ({ ...rest, rawPath: raw ?? rest.path, ...(isSparse ? { isSparse: true as const } : {}) })),
);

/** As the other thread gets it. */
function sent(scan: LayerScan): LayerScan {
  const { packed, moved } = packScan(scan);
  return unpackScan(structuredClone(packed, { transfer: [...moved] }));
}

const withValues = ({ sightings, ...rest }: LayerScan) => ({
  ...rest,
  sightings: sightings.map((sighting) => ({ ...sighting, value: sighting.detection.secret.reveal() })),
});

describe('what one thread gives another', () => {
  it('is every entry with all of its fields, whatever numbers and names a stranger has written', () => {
    fc.assert(fc.property(entries, (all) => assert.deepEqual(unpackEntries(structuredClone(packEntries(all))), all)));
  });

  it('is the scan of a layer, its secrets with their values', async () => {
    const layer = gzipMember(
      Buffer.concat([
        tar(
          directory('etc'),
          file('etc/one', Buffer.from(`a ${token(1)} b\n${token(2)}`)),
          symlink('etc/two', `../${token(3)}`),
          hardlink('etc/\xff', './etc/one'),
          file(`etc/${token(4)}`, Buffer.from(Buffer.from(`key: ${token(5)} and more of it`).toString('base64'))),
        ),
        Buffer.from(`behind the end ${token(6)}`.padEnd(600, '.')),
      ]),
      { name: `${token(7)}.tar` },
    ).subarray(0, -3);
    const scan = await scanLayer(blobOf(layer), { ruleset: smallRuleset(tokenRule), limits: defaultLimits });
    assert.ok(scan.sightings.length >= 7 && scan.skipped.length >= 1, `${scan.sightings.length} sightings, ${scan.skipped.length} skipped`);
    const arrived = sent(scan);
    assert.deepEqual(withValues(arrived), withValues(scan));
    for (const { origin } of arrived.sightings) assert.ok(origin.kind === 'stray' || arrived.entries.includes(origin.entry));
  });

  it('is an error of ours with its code, its hint and what caused it', () => {
    const cause = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
    const error = new UnbakeError('io', 'a file cannot be read', { hint: 'look for it', limit: 'layerBytes', cause });
    const arrived = unpackError(structuredClone(packError(error)));
    assert.ok(arrived instanceof UnbakeError);
    assert.deepEqual([arrived.code, arrived.message, arrived.hint, arrived.limit], ['io', 'a file cannot be read', 'look for it', 'layerBytes']);
    assert.ok(isSystemError(arrived.cause, 'ENOENT'));
    assert.equal((arrived.cause as Error).message, cause.message);
  });

  it('is any other error as what it was, even one that is no error, and one that is its own cause', () => {
    const wrong = unpackError(structuredClone(packError(new TypeError('wrong'))));
    assert.deepEqual([wrong.name, wrong.message, wrong instanceof UnbakeError], ['TypeError', 'wrong', false]);
    assert.equal(unpackError(packError('a word')).message, 'a word');
    const circle = new Error('round');
    circle.cause = circle;
    assert.equal(unpackError(structuredClone(packError(circle))).message, 'round');
  });
});
