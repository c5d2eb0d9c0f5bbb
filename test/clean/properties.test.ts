// What cleaning must hold for every image: random ones, with secrets wherever bytes can stand, cleaned and looked at from outside.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { clean } from '../../src/clean/clean.ts';
import { encodedForms } from '../../src/clean/values/encodings.ts';
import { parsePlan } from '../../src/clean/plan/reconcile.ts';
import { removedValues } from '../../src/clean/values/removed-value.ts';
import { scratch } from '../support/scratch.ts';
import { cleaned, cleanOptions, contentOf, type Outcome, scanned } from './cleaning.ts';
import { randomImage } from './random-image.ts';

const images = 60;

/** Of a file name or another text of the report: no value may be in it. */
function assertNoValue(text: string, secrets: readonly string[], what: string): void {
  for (const secret of secrets) assert.ok(!text.includes(secret), `${what} holds a value`);
}

function uncompressed(bytes: Buffer): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  return bytes.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(bytes) : bytes;
}

/** The values that are looked for everywhere. */
async function tellingValuesOf({ source }: Outcome): Promise<readonly string[]> {
  const { report } = await scanned(source);
  return removedValues(report.findings).flatMap(({ isTelling, secret }) => (isTelling ? [secret.reveal()] : []));
}

describe('a cleaned image', () => {
  const place = scratch();

  it(`is proved, holds no value, is the old one where nothing was planned, and is not changed by cleaning again (${images} images)`, async function () {
    this.timeout(180_000);
    let changed = 0;
    for (let seed = 1; seed <= images; seed++) {
      const { plan } = randomImage(seed);
      const selection = { only: ['info'] };
      const first = await cleaned(place, plan, { selection });
      const { report } = first;
      assert.deepEqual(
        report.proof!.checks.map(({ isPassed }) => isPassed),
        [true, true, true, true, true],
      );
      const [before, after] = [await contentOf(first.source), await contentOf(first.output)];
      const values = await tellingValuesOf(first);

      const { report: rest } = await scanned(first.output);
      assert.deepEqual(
        rest.findings.map(({ ruleId }) => ruleId),
        [],
        `seed ${seed}`,
      );
      const plain = Buffer.concat([after.bytes, ...after.images.flatMap(({ layers }) => layers.map(({ bytes }) => uncompressed(bytes)))]);
      for (const value of values)
        for (const { bytes, encoding } of encodedForms(value)) assert.ok(!plain.includes(bytes), `seed ${seed}: a value is left as ${encoding}`);
      assertNoValue(JSON.stringify(report), values, `seed ${seed}: the report`);

      const [image] = report.images;
      assert.equal(after.images[0].layers.length, before.images[0].layers.length);
      for (const { index, isTouched } of image.layers)
        assert.equal(after.images[0].layers[index].bytes.equals(before.images[0].layers[index].bytes), !isTouched, `seed ${seed}: layer ${index}`);
      if (report.plan.steps.length === 0) assert.deepEqual(image.after, image.before);
      else changed++;

      const again = await cleaned(place, plan, { selection, plan: parsePlan(JSON.stringify(report.plan), 'plan.json') });
      assert.deepEqual((await contentOf(again.output)).bytes, after.bytes, `seed ${seed}: the plan, carried out`);
      assert.deepEqual(again.report.undone, [], `seed ${seed}`);

      const twice = join(place.newFolder(), 'twice.tar');
      await clean(first.output, await cleanOptions({ selection, output: twice }));
      assert.deepEqual((await contentOf(twice)).bytes, after.bytes, `seed ${seed}: cleaned twice`);
    }
    assert.ok(changed > images / 2);
  });
});
