// Plans that come from a file: whatever is wrong with one is named, and an image that is not the planned one is refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assertSameImages, parsePlan } from '../../../src/clean/plan/reconcile.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { githubToken, npmToken } from '../../support/planted.ts';
import { file } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { cleaned, contentOf } from '../cleaning.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const step = { kind: 'file', path: '/a', treatment: 'drop', findings: [], values: [], encodings: [], reason: '' };
const plan = { format: 'unbake-plan', schemaVersion: 1, version: '0', reference: 'x', images: [{ name: 'x', digest }], steps: [step], remarks: [] };

describe('a plan from a file', () => {
  const place = scratch();
  const problemOf = (value: unknown): string => {
    try {
      parsePlan(typeof value === 'string' ? value : JSON.stringify(value), 'plan.json');
      return 'none';
    } catch (thrown) {
      assert.ok(thrown instanceof UnbakeError && thrown.code === 'usage', String(thrown));
      return thrown.message;
    }
  };

  it('is refused with the name of what is wrong', () => {
    assert.equal(problemOf(plan), 'none');
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{', /not valid JSON/],
      ['null', /format/],
      [[], /format/],
      [{ ...plan, format: 'other' }, /format/],
      [{ ...plan, schemaVersion: 2 }, /schemaVersion/],
      [{ ...plan, images: undefined }, /"images"/],
      [{ ...plan, images: [{}] }, /"images"/],
      [{ ...plan, steps: {} }, /"steps"/],
      [{ ...plan, steps: [null] }, /steps\[0\] is no object/],
      [{ ...plan, steps: [{ ...step, kind: 'toString' }] }, /steps\[0\]\.kind/],
      [{ ...plan, steps: [step, { ...step, kind: 7 }] }, /steps\[1\]\.kind/],
      [{ ...plan, steps: [{ ...step, path: 1 }] }, /steps\[0\]\.path/],
      [{ ...plan, steps: [{ kind: 'metadata', document: digest, treatment: 'drop' }] }, /steps\[0\]\.pointer/],
      [{ ...plan, steps: [{ ...step, treatment: 'burn' }] }, /steps\[0\]\.treatment/],
      [{ ...plan, steps: [{ ...step, findings: [1] }] }, /steps\[0\]\.findings/],
    ];
    for (const [value, problem] of cases) assert.match(problemOf(value), problem);
  });

  it('ends in a sentence and never in a crash, whatever is in the file', async () => {
    const image = { layers: [{ entries: [file('a', `GITHUB_TOKEN=${githubToken('plan')}`)] }] };
    const { report } = await cleaned(place, image);
    const junk = fc.jsonValue();
    const member = fc.constantFrom('kind', 'layer', 'path', 'treatment', 'findings', 'values', 'encodings', 'reason', 'names', 'inside', 'places');
    await fc.assert(
      fc.asyncProperty(member, junk, async (name, value) => {
        const changed = { ...report.plan, steps: report.plan.steps.map((each) => ({ ...each, [name]: value })) };
        try {
          await cleaned(place, image, { plan: parsePlan(JSON.stringify(changed), 'plan.json') });
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, `${name} = ${JSON.stringify(value)}: ${String(thrown)}`);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is for the same images, in any order', () => {
    const images = (...digests: string[]) => digests.map((each) => ({ name: 'x', digest: each })) as unknown as Plan['images'];
    const of = (...digests: string[]) => ({ ...plan, images: images(...digests) }) as unknown as Plan;
    assert.doesNotThrow(() => assertSameImages(of('sha256:a', 'sha256:b'), images('sha256:b', 'sha256:a')));
    for (const others of [['sha256:a'], ['sha256:a', 'sha256:c'], ['sha256:a', 'sha256:b', 'sha256:b'], []])
      assert.throws(() => assertSameImages(of('sha256:a', 'sha256:b'), images(...others)), /another image/);
  });

  it('is carried out as it was changed: steps left out, treated otherwise, added by path', async () => {
    const [first, second] = [githubToken('first'), npmToken('second')];
    const image = {
      layers: [{ entries: [file('a', `GITHUB_TOKEN=${first}`), file('b', `NPM_TOKEN=${second}`), file('c/d', 'other')] }],
      config: { Env: [`GITHUB_TOKEN=${first}`] },
    };
    const { report } = await cleaned(place, image);
    const changed: Plan = {
      ...report.plan,
      steps: [
        ...report.plan.steps
          .filter(({ kind }) => kind !== 'metadata')
          .flatMap((each) => ('path' in each && each.path === '/b' ? [] : [{ ...each, treatment: 'empty' as const }])),
        { ...step, path: '/c' } as unknown as Plan['steps'][number],
      ],
    };
    const result = await cleaned(place, image, { plan: parsePlan(JSON.stringify(changed), 'plan.json') });
    const { bytes } = (await contentOf(result.output)).images[0].layers[0];
    assert.ok(!bytes.includes(first) && bytes.includes(second) && !bytes.includes('c/d'));
    assert.deepEqual(result.report.undone.map(({ kind }) => kind).toSorted(), ['metadata']);
    const nothing = { ...changed, steps: [{ ...step, path: '/none' }] };
    await assert.rejects(cleaned(place, image, { plan: parsePlan(JSON.stringify(nothing), 'p') }), /fits nothing/);
    const other = { layers: [{ entries: [file('a', 'x')] }] };
    await assert.rejects(cleaned(place, other, { plan: parsePlan(JSON.stringify(changed), 'p') }), /another image/);
  });
});
