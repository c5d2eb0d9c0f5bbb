// Each image described in `fixtures/`, in each form: every expected finding, and no other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFixture, formNames } from '../../fixtures/build.ts';
import { breakMark, fixtureNames, readFixture } from '../../fixtures/fixture.ts';
import { inWords, isAbout, line, type ReportedFinding, run, scan, told } from '../support/cli.ts';
import { scratch } from '../support/scratch.ts';

const builder = new URL('../../fixtures/build.ts', import.meta.url).pathname;

/** The line number of a finding means something in texts only: in a binary the description leaves it out. */
function withoutLines(lines: readonly string[], expected: readonly string[]): string[] {
  return lines.map((one) => (expected.includes(one) ? one : one.replace(/:\d+(?= )/, ''))).toSorted();
}

function assertExpected(name: string, findings: readonly ReportedFinding[]): void {
  const { secrets, expected } = readFixture(name);
  for (const [secret, places] of Object.entries(expected)) {
    const lines = findings.filter((finding) => isAbout(finding, secrets[secret]!)).map(line);
    assert.deepEqual([...new Set(withoutLines(lines, places))], [...places].toSorted(), secret);
  }
  const others = findings.filter((finding) => !Object.values(secrets).some((secret) => isAbout(finding, secret)));
  assert.deepEqual(
    others.map((finding) => `${finding.ruleId} at ${line(finding)}`),
    [],
  );
}

describe('fixtures', function () {
  this.timeout(60_000);
  const files = scratch();
  let count = 0;
  const newPath = (): string => join(files.folder, `fixture-${count++}`);

  for (const name of fixtureNames()) {
    it(name, async () => {
      const path = newPath();
      buildFixture(name, path);
      const { code, report } = await scan(path);
      assertExpected(name, report.findings);
      assert.deepEqual(report.skipped, []);
      assert.equal(code, report.findings.length > 0 ? 1 : 0);
    });
  }

  it('leaky-web-app in every form', async () => {
    for (const form of formNames) {
      const path = newPath();
      buildFixture('leaky-web-app', path, form);
      const { report } = await scan(path);
      if (form !== 'docker-archive-legacy') {
        const unique = report.findings.filter(({ place }) => place.kind !== 'metadata' || /^(?:config|history)/.test(place.pointer));
        assertExpected('leaky-web-app', unique);
      }
      assert.deepEqual(report.skipped, [], form);
    }
  });

  it('no output shows a secret, or more than a few characters of it, unless it is asked for', async () => {
    for (const name of fixtureNames()) {
      const path = newPath();
      buildFixture(name, path);
      const outputs = await Promise.all(['text', 'json', 'sarif'].map((format) => run(['scan', path, '-f', format])));
      const said = outputs.map(({ stdout, stderr }) => stdout + stderr).join('');
      for (const [secret, value] of Object.entries(readFixture(name).secrets)) {
        const core = value.includes('\n') ? value.split('\n')[1]! : value;
        for (let at = 0; at + 10 <= core.length; at++) assert.ok(!said.includes(core.slice(at, at + 10)), `${name}: ${secret}`);
      }
    }
  });

  it('hard-links: one finding that knows every name', async () => {
    const path = newPath();
    buildFixture('hard-links', path);
    const { report } = await scan(path);
    const names = report.findings.flatMap(({ place, fate, alsoAt }) => [
      ...(place.kind === 'file' ? [`${place.path} ${inWords(fate)}`] : []),
      ...alsoAt.map((other) => `${other.path} ${inWords(other.fate)}`),
    ]);
    assert.deepEqual([...new Set(names)].toSorted(), ['/opt/third visible', '/srv/copy visible', '/srv/token deleted by 2']);
  });

  it('the platform of build-arguments', async () => {
    const path = newPath();
    buildFixture('build-arguments', path, 'oci');
    const { report } = await scan(`oci:${path}`, ['--platform', 'linux/arm64']);
    assert.deepEqual(
      report.images.map((image) => image.platform),
      ['linux/arm64/v8'],
    );
    assert.notDeepEqual(told(report, readFixture('build-arguments').secrets)['buildKit'], []);
  });

  it('are the same bytes each time, by function and by command', () => {
    for (const form of formNames.filter((one) => one !== 'oci')) {
      const paths = [newPath(), newPath()];
      buildFixture('leaky-web-app', paths[0]!, form);
      const { status, stderr } = spawnSync(process.execPath, [builder, 'leaky-web-app', paths[1]!, '--form', form]);
      assert.equal(status, 0, stderr.toString());
      assert.ok(readFileSync(paths[0]!).equals(readFileSync(paths[1]!)), form);
    }
  });

  it('the command explains itself', () => {
    for (const args of [[], ['nothing', newPath()], ['leaky-web-app', newPath(), '--form', 'zip']]) {
      const { status, stderr } = spawnSync(process.execPath, [builder, ...args]);
      assert.equal(status, 2);
      assert.match(stderr.toString(), /Usage: .*leaky-web-app/s);
    }
  });

  it('no file holds a secret as it is: each has the break mark inside', () => {
    const root = new URL('../..', import.meta.url).pathname;
    const secrets = fixtureNames().flatMap((name) => Object.values(readFixture(name).secrets));
    const texts = ['fixtures', 'test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(?:ts|yml|md)$/.test(path))
        .map((path) => [path, readFileSync(join(root, folder, path), 'utf8')] as const),
    );
    for (const [path, text] of texts) {
      for (const secret of secrets) assert.ok(!text.includes(secret.trim()), path);
    }
    for (const name of fixtureNames()) {
      const written = readFileSync(join(root, 'fixtures', `${name}.yml`), 'utf8');
      assert.equal(Object.keys(readFixture(name).secrets).length <= written.split(breakMark).length - 1, true, name);
    }
  });
});
