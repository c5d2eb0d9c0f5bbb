// Plans and reports of cleaning keep to their schemas: made from images that have a secret in every kind of place.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fixtureNames, readFixture } from '../../fixtures/fixture.ts';
import type { CleanOptions } from '../../src/clean/clean.ts';
import { parsePlan } from '../../src/clean/plan/reconcile.ts';
import { parseMode } from '../../src/clean/plan/treatment.ts';
import type { CleanReport } from '../../src/model/clean-report.ts';
import { type PlanStep, planFormat } from '../../src/model/plan.ts';
import { cleanJsonReport } from '../../src/report/clean-json.ts';
import { cleaned } from '../clean/cleaning.ts';
import { gzipMember } from '../support/compressed.ts';
import { blobMembers, docker29Archive, type Member } from '../support/forms.ts';
import { blob } from '../support/image.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { end, file, pax } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const schemaOf = (name: string): object => JSON.parse(readFileSync(new URL(`../../docs/${name}.schema.json`, import.meta.url), 'utf8')) as object;

const ajv = () => new Ajv2020({ allErrors: true, strict: true, formats: { 'date-time': true } });
const isPlan = ajv().compile(schemaOf('plan'));
/** As published: readers let pass what they do not know. */
const isReport = ajv().addSchema(schemaOf('plan')).addSchema(schemaOf('report')).compile(schemaOf('report-clean'));
/** What we write has no member that the schema does not know. */
const isReportExactly = ajv()
  .addSchema(schemaOf('plan'))
  .addSchema(closed(schemaOf('report')))
  .compile(closed(schemaOf('report-clean')));

function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member as unknown)]));
  return ('properties' in copy ? { ...copy, additionalProperties: false } : copy) as T;
}

function assertValid(validate: ValidateFunction, value: unknown): void {
  assert.ok(validate(value), JSON.stringify(validate.errors, undefined, 1));
}

/** As a program reads them. */
const written = (report: CleanReport): any => JSON.parse([...cleanJsonReport(report)].join(''));

/** The leaky image, and beside it a secret in an archive, in a header, behind the archive, in a gzip header, an attestation, and a loose blob. */
function everywhere(): Member[] {
  const token = `GITHUB_TOKEN=${secrets.visible}\n`;
  const image = leakyImage([
    file('srv/notes.gz', gzipSync(token)),
    pax([['comment', `token=${secrets.visible}`]]),
    file('srv/with-a-comment', 'nothing\n'),
  ]);
  const [base, ...others] = image.plan.layers;
  const behind = Buffer.concat([...base!.entries, end(), Buffer.from(token)]);
  const leaky = leakyImage([], {
    layers: [{ ...base!, raw: true, entries: [behind], compression: (bytes) => gzipMember(bytes, { comment: token }) }, ...others],
  });
  return [...docker29Archive(leaky, { buildArgs: { GITHUB_TOKEN: secrets.argument } }), ...blobMembers(blob(token))];
}

describe('plans and reports of cleaning', () => {
  const place = scratch();

  async function made(image: Parameters<typeof cleaned>[1], changes: Partial<CleanOptions> = {}): Promise<CleanReport> {
    const { report } = await cleaned(place, image, changes);
    assertValid(isPlan, JSON.parse(JSON.stringify(report.plan)));
    assertValid(isReport, written(report));
    assertValid(isReportExactly, written(report));
    return report;
  }

  it('every fixture', async () => {
    for (const name of fixtureNames()) {
      const { plan } = readFixture(name);
      const { proof } = await made(plan);
      assert.equal(proof?.checks.length, 5, name);
    }
  });

  it('a step of every kind and treatment, with everything that can come with a cleaning', async () => {
    const report = await made(everywhere(), {
      vault: { folder: join(place.newFolder(), 'vault'), recipients: [] },
      statement: join(place.newFolder(), 'statement.json'),
      dockerfile: { name: 'Dockerfile', text: `FROM scratch\nENV API_TOKEN=${secrets.variable}\nCOPY . /srv\nRUN make\n` },
      modes: ['srv/app/.env=empty'].map(parseMode),
    });
    const kinds = new Set(report.plan.steps.map(({ kind, treatment }) => `${kind} ${treatment}`));
    assert.deepEqual([...kinds].toSorted(), [
      'attached drop',
      'compression drop',
      'file drop',
      'file empty',
      'file redact',
      'file rewrite',
      'header redact',
      'loose drop',
      'metadata drop',
      'metadata redact',
      'stray redact',
    ]);
    assert.ok(report.vault !== undefined && report.statement !== undefined && report.cause.patch !== undefined);
    assert.ok(report.invalidated.length > 0 && report.rotate.length > 0 && report.revoke.length > 0 && report.proof!.untouched.length > 0);
  });

  it('a plan that leaves a step out: the report lists it as undone', async () => {
    const { plan } = await made(everywhere());
    const steps = plan.steps.filter(({ kind }) => kind !== 'stray');
    const { undone } = await made(everywhere(), { plan: { ...plan, steps } });
    assert.deepEqual(
      undone.map(({ kind }) => kind),
      ['stray'],
    );
  });

  it('nothing to clean', async () => {
    const { plan } = await made({ layers: [{ entries: [file('etc/motd', 'welcome\n')] }] });
    assert.deepEqual(plan.steps, []);
  });

  describe('what a person writes', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const by = (...steps: unknown[]): unknown => ({ format: planFormat, schemaVersion: 1, images: [{ digest }], steps });
    const parses = (plan: unknown): boolean => {
      try {
        parsePlan(JSON.stringify(plan), 'plan.json');
        return true;
      } catch {
        return false;
      }
    };

    it('a step of the few members that it needs', () => {
      const steps: unknown[] = [
        { kind: 'file', path: '/root/.aws', treatment: 'drop' },
        { kind: 'header', layer: digest, path: '/a', treatment: 'redact' },
        { kind: 'metadata', document: digest, pointer: 'config.Env[0]', treatment: 'drop', findings: [] },
        { kind: 'loose', name: 'blobs/sha256/0', treatment: 'drop' },
      ];
      assertValid(isPlan, by(...steps));
      assert.ok(parses(by(...steps)));
    });

    it('what --apply refuses is no plan by the schema either', () => {
      const step = { kind: 'file', path: '/a', treatment: 'drop' } satisfies Partial<PlanStep>;
      const wrong: unknown[] = [
        [],
        { ...(by(step) as object), format: 'unbake-report' },
        { ...(by(step) as object), schemaVersion: 2 },
        { format: planFormat, schemaVersion: 1, steps: [] },
        { ...(by() as object), images: [{ name: 'app' }] },
        { ...(by() as object), steps: step },
        by('drop'),
        by({ ...step, kind: 'folder' }),
        by({ ...step, treatment: 'burn' }),
        by({ ...step, path: 1 }),
        by({ ...step, findings: ['a', 1] }),
        by({ kind: 'header', path: '/a', treatment: 'redact' }),
        by({ kind: 'stray', layer: digest, treatment: 'redact' }),
        by({ kind: 'attached', what: 'signature', treatment: 'drop' }),
      ];
      for (const plan of wrong) {
        assert.ok(!isPlan(plan), JSON.stringify(plan));
        assert.ok(!parses(plan), JSON.stringify(plan));
      }
    });

    it('a misspelt member and a treatment that a kind does not have are no plan', () => {
      for (const step of [
        { kind: 'file', path: '/a', treatment: 'drop', findigns: [] },
        { kind: 'metadata', document: digest, pointer: 'config.Env[0]', treatment: 'empty' },
        { kind: 'attached', digest, treatment: 'redact' },
      ])
        assert.ok(!isPlan(by(step)), JSON.stringify(step));
    });
  });
});
