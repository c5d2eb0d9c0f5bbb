// A plan is looked at, changed and carried out later: it does what it says, for its own image alone, and holds no value.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan } from '../../src/clean/plan/reconcile.ts';
import { UnbakeError } from '../../src/model/error.ts';
import type { Plan, PlanStep } from '../../src/model/plan.ts';
import { clean, digestOfPath, inPairs, placed, refused } from '../support/cleaning.ts';
import { run } from '../support/cli.ts';
import { exposedAt, exposedIn } from '../support/exposed.ts';
import { bodies, harmless, leakyImage, secrets } from '../support/leaky.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';

const image = leakyImage();
type Steps = readonly (PlanStep | Record<string, unknown>)[];

describe('plans of a cleaning', () => {
  const files = scratch();
  let source: string;
  let plan: Plan;

  before(async function () {
    needs(this, 'tar');
    source = placed('OCI archive', image, files);
    const path = join(files.folder, 'plan.json');
    await clean(source, ['--plan', path]);
    plan = JSON.parse(readFileSync(path, 'utf8')) as Plan;
  });

  const written = (value: unknown): string =>
    files.file(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), `plan-${count++}.json`);
  let count = 0;
  const isFile = (step: PlanStep, path: string) => step.kind === 'file' && step.path === path;

  /** Carries out the plan with its steps changed, and gives the path of the result and what was left undone. */
  async function applied(change: (steps: readonly PlanStep[]) => Steps) {
    const to = join(files.newFolder(), 'out.tar');
    const { report } = await clean(source, ['--apply', written({ ...plan, steps: change(plan.steps) }), '-o', to]);
    return { to, report, exposed: exposedAt(to, secrets) };
  }

  /** The bytes of a file in the layer of the secrets; undefined when it is not there. */
  function fileIn(path: string, name: string): string | undefined {
    const folder = files.newFolder();
    tool('tar', ['-x', '-C', folder, '-f', path]);
    const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
    const blobAt = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'));
    const { layers } = JSON.parse(readFileSync(blobAt(manifests[0]!.digest), 'utf8')) as { layers: { digest: string }[] };
    const names = tool('tar', ['-tzf', blobAt(layers[1]!.digest)]).split('\n');
    return names.includes(name.slice(1)) ? tool('tar', ['-xzOf', blobAt(layers[1]!.digest), name.slice(1)]) : undefined;
  }

  it('--plan alone writes the plan and nothing else, to standard output too', async () => {
    const folder = files.newFolder();
    const before = digestOfPath(source);
    await clean(source, ['--plan', join(folder, 'plan.json')]);
    assert.deepEqual([namesIn(folder), digestOfPath(source)], [['plan.json'], before]);
    const { code, stdout } = await run(['clean', source, '--plan', '-']);
    assert.equal(code, 0);
    assert.deepEqual((JSON.parse(stdout) as Plan).steps, plan.steps);
  });

  it('applied as it is, it gives the same bytes as cleaning at once', async () => {
    await inPairs(
      (['docker save before 25', 'docker save of the containerd store, with an attestation', 'OCI layout'] as const).map((form) => async () => {
        const path = placed(form, image, files);
        const folder = files.newFolder();
        const name = form === 'OCI layout' ? 'out' : 'out.tar';
        await clean(path, ['-o', join(folder, `at-once-${name}`), '--plan', join(folder, 'plan.json')]);
        await clean(path, ['--apply', join(folder, 'plan.json'), '-o', join(folder, `applied-${name}`)]);
        assert.equal(digestOfPath(join(folder, `applied-${name}`)), digestOfPath(join(folder, `at-once-${name}`)), form);
      }),
    );
  });

  it('with a mode and a path of its own, it gives the same bytes too', async () => {
    const folder = files.newFolder();
    const flags = ['--mode', 'srv/app/.env=empty', '--mode', 'srv/app/key*=drop', '--path', harmless.path];
    await clean(source, [...flags, '-o', join(folder, 'a.tar'), '--plan', join(folder, 'plan.json')]);
    await clean(source, ['--apply', join(folder, 'plan.json'), '-o', join(folder, 'b.tar')]);
    assert.ok(readFileSync(join(folder, 'b.tar')).equals(readFileSync(join(folder, 'a.tar'))));
    assert.equal(fileIn(join(folder, 'a.tar'), '/srv/app/.env'), '');
    assert.equal(fileIn(join(folder, 'a.tar'), harmless.path), undefined);
  });

  it('a step that was taken out is not done, and told', async () => {
    const { to, report, exposed } = await applied((steps) => steps.filter((step) => !isFile(step, '/srv/app/program.bin')));
    assert.deepEqual(exposed, ['binary']);
    assert.equal(
      report.plan.steps.some((step) => isFile(step, '/srv/app/program.bin')),
      false,
    );
    assert.match(report.plan.remarks.join('\n'), /^1 other finding/);
    assert.equal((await run(['scan', to])).code, 1);
  });

  it('a step that was taken out although its value stands elsewhere too: the others are done', async () => {
    const { exposed, report } = await applied((steps) => steps.filter((step) => !isFile(step, '/srv/app/copy.txt')));
    assert.deepEqual(exposed, ['visible']);
    assert.deepEqual(
      report.undone.map((step) => step.kind === 'file' && step.path),
      ['/srv/app/copy.txt'],
    );
  });

  it('no steps at all: nothing is changed', async () => {
    const { exposed, report } = await applied(() => []);
    assert.deepEqual(exposed, Object.keys(secrets).toSorted());
    assert.deepEqual(report.images[0]!.after, report.images[0]!.before);
  });

  it('a treatment that was changed', async () => {
    const changed: Record<string, 'drop' | 'empty' | 'redact'> = {
      '/srv/app/.env': 'empty',
      '/srv/app/key': 'drop',
      '/srv/app/program.bin': 'redact',
    };
    const { to, exposed } = await applied((steps) =>
      steps.map((step) => (step.kind === 'file' && changed[step.path] ? { ...step, treatment: changed[step.path]! } : step)),
    );
    assert.deepEqual(exposed, []);
    assert.equal(fileIn(to, '/srv/app/.env'), '');
    for (const name of ['/srv/app/key', '/srv/app/key-link', '/srv/app/key-link-of-link']) assert.equal(fileIn(to, name), undefined, name);
    assert.ok(fileIn(to, '/srv/app/program.bin')!.includes(`key=${'x'.repeat(secrets.binary.length)}`));
  });

  it('a path that was added by hand, with as little as can be said', async () => {
    for (const [treatment, left] of [
      ['drop', undefined],
      ['empty', ''],
    ] as const) {
      const { to, exposed } = await applied((steps) => [...steps, { kind: 'file', path: harmless.path, treatment }]);
      assert.deepEqual([exposed, fileIn(to, harmless.path)], [[], left], treatment);
    }
  });

  it('a variable that is redacted instead of taken out', async () => {
    const { to, exposed } = await applied((steps) =>
      steps.map((step) => (step.kind === 'metadata' && /Env/.test(step.pointer) ? { ...step, treatment: 'redact' } : step)),
    );
    assert.deepEqual(exposed, []);
    assert.match(readFileSync(to, 'latin1'), new RegExp(`"API_TOKEN=x{${secrets.variable.length}}"`));
  });

  it('for another image it is refused, and nothing is written', async () => {
    const other = placed('OCI archive', leakyImage([], { config: { Labels: { another: 'image' } } }), files);
    const folder = files.newFolder();
    const { code, stderr } = await refused(other, ['--apply', written(plan), '-o', join(folder, 'out.tar')]);
    assert.equal(code, 2);
    assert.match(stderr, /the plan is for another image/);
    assert.deepEqual(namesIn(folder), []);
  });

  it('what is no plan is refused with the place that is wrong', async () => {
    const file = plan.steps.find((step) => isFile(step, '/srv/app/.env'))!;
    const withStep = (step: unknown) => ({ ...plan, steps: [plan.steps[0], step] });
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['', /not valid JSON/],
      ['{"format": ', /not valid JSON/],
      ['[]', /format/],
      ['null', /format/],
      [{ ...plan, format: 'other' }, /format/],
      [{ ...plan, schemaVersion: 99 }, /schemaVersion/],
      [{ ...plan, images: 'x' }, /"images"/],
      [{ ...plan, images: [null] }, /"images"/],
      [{ ...plan, steps: {} }, /"steps"/],
      [withStep(null), /steps\[1\] is no object/],
      [withStep({ ...file, kind: 'nothing' }), /steps\[1\]\.kind/],
      [withStep({ ...file, kind: 'constructor' }), /steps\[1\]\.kind/],
      [withStep({ ...file, path: 7 }), /steps\[1\]\.path/],
      [withStep({ ...file, treatment: 'burn' }), /steps\[1\]\.treatment/],
      [withStep({ ...file, findings: 'all' }), /steps\[1\]\.findings/],
      [withStep({ kind: 'metadata', treatment: 'redact', document: 'sha256:0' }), /steps\[1\]\.pointer/],
    ];
    for (const [value, words] of cases) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const says = (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === 'usage' && words.test(thrown.message);
      assert.throws(() => parsePlan(text, 'plan.json'), says, String(words));
    }
    const folder = files.newFolder();
    const { code, stderr } = await refused(source, ['--apply', written(cases.at(-1)![0]), '-o', join(folder, 'out.tar')]);
    assert.deepEqual([code, /plan-\d+\.json is no plan: steps\[1\]\.pointer is no text/.test(stderr), namesIn(folder)], [2, true, []], stderr);
  });

  it('a plan that does not fit is refused, and nothing is written', async () => {
    const file = plan.steps.find((step) => isFile(step, '/srv/app/.env'))!;
    const metadata = plan.steps.find(({ kind }) => kind === 'metadata')!;
    const more = (step: unknown) => written({ ...plan, steps: [...plan.steps, step] });
    const folder = files.newFolder();
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--apply', more({ ...file, path: '/not/there' })], /fits nothing.*\/not\/there/],
      [['--apply', more({ ...file, layer: `sha256:${'0'.repeat(64)}` })], /fits nothing/],
      [['--apply', more({ ...metadata, treatment: 'empty' })], /"empty".*not possible/],
      [['--apply', more({ ...file, findings: ['0'.repeat(16)] })], /no finding 0000/],
      [['--apply', join(folder, 'missing.json')], /missing\.json/],
      [['--apply', written(plan), '--only', 'high'], /--only/],
    ];
    await inPairs(
      cases.map(([args, words]) => async () => {
        const { code, stderr } = await refused(source, [...args, '-o', join(folder, 'out.tar')]);
        assert.deepEqual([code, words.test(stderr)], [2, true], `${words}: ${stderr}`);
      }),
    );
    assert.deepEqual(namesIn(folder), []);
  });

  it('nothing that is written or printed about the cleaning holds a value, raw or in base64', async () => {
    const folder = files.newFolder();
    const dockerfile = files.file(
      Buffer.from(`FROM scratch\nENV API_TOKEN=${secrets.variable}\nARG GITHUB_TOKEN=${secrets.argument}\nCOPY . /srv\n`),
      'Dockerfile',
    );
    for (const format of ['text', 'json']) {
      const at = (name: string) => join(folder, `${format}-${name}`);
      const args = [
        '-f',
        format,
        '-o',
        at('out.tar'),
        '--plan',
        at('plan.json'),
        '--attest',
        at('statement'),
        '--report',
        at('report'),
        '--dockerfile',
        dockerfile,
      ];
      const outcome = await run(['clean', source, ...args], { env: { UNBAKE_DEBUG: '1' } });
      assert.equal(outcome.code, 0, outcome.stderr);
      const told = await run(['clean', source, '-f', format, '-o', at('again.tar')]);
      for (const text of [outcome.stdout, outcome.stderr, told.stdout, told.stderr]) assert.deepEqual(exposedIn(text, secrets), []);
      for (const name of namesIn(folder)) assert.deepEqual([...exposedAt(join(folder, name), secrets), ...exposedIn(name, secrets)], [], name);
      assert.ok(readFileSync(at('report')).length > 500 && readFileSync(at('statement')).length > 500);
    }
    assert.ok(exposedIn(bodies['/srv/app/copy.txt'], secrets).includes('visible'), 'it would be seen');
  });
});
