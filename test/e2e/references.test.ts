// References: which image of a file, which platform of an image, and what is said of one that is not there.
import assert from 'node:assert/strict';
import { assertCalm, run, scan, told } from '../support/cli.ts';
import { archive, classicArchive, nestedLayout, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import * as planted from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('a file with several images', function () {
  this.timeout(60_000);
  const files = scratch();
  const tokens = { old: planted.githubToken('old'), new: planted.githubToken('new') };
  const shared = { entries: [file('base', 'base\n')] };
  const images = [
    assemble({ tags: ['app:1.0'], layers: [shared, { entries: [file('token', tokens.old)] }] }),
    assemble({ tags: ['app:2.0', 'app:latest'], layers: [shared, { entries: [file('token', tokens.new)] }] }),
  ];
  const forms: Record<string, string> = {
    'docker-archive': files.file(archive(classicArchive(...images)), 'docker.tar'),
    'oci-archive': files.file(archive(ociLayout(...images)), 'oci.tar'),
  };

  for (const [scheme, path] of Object.entries(forms)) {
    it(`${scheme}: all of them by default`, async () => {
      const { report } = await scan(path);
      assert.deepEqual(told(report, tokens), { old: ['1 /token:1 visible'], new: ['1 /token:1 visible'] });
      assert.equal(report.images.length, 2);
      assert.deepEqual(report.images.flatMap((image) => image.tags).length, 3);
    });
    it(`${scheme}: one by its tag`, async () => {
      const tag = scheme === 'oci-archive' ? '1.0' : 'app:1.0';
      const { report } = await scan(`${scheme}:${path}:${tag}`);
      assert.deepEqual(told(report, tokens), { old: ['1 /token:1 visible'], new: [] });
      assert.equal(report.images.length, 1);
    });
    it(`${scheme}: one by its place in the file`, async () => {
      const position = scheme === 'oci-archive' ? '@0' : '@1';
      const { report } = await scan(`${scheme}:${path}:${position}`);
      assert.deepEqual(Object.values(told(report, tokens)).flat(), ['1 /token:1 visible']);
      assert.equal(report.images.length, 1);
    });
    it(`${scheme}: a tag that is not there`, async () => {
      const outcome = await run(['scan', `${scheme}:${path}:app:3.0`]);
      assert.equal(outcome.code, 3);
      for (const tag of ['1.0', '2.0', 'latest']) assert.ok(outcome.stderr.includes(tag), outcome.stderr);
      assert.equal(outcome.stdout, '');
    });
    it(`${scheme}: a place that is not there`, async () => {
      assert.equal((await run(['scan', `${scheme}:${path}:@7`])).code, 3);
    });
  }

  it('a shared layer counts once', async () => {
    const { report } = await scan(forms['docker-archive']!);
    assert.equal(report.coverage.layers, 3);
  });
});

describe('an image for several platforms', function () {
  this.timeout(60_000);
  const files = scratch();
  const tokens = { amd: planted.githubToken('amd64'), arm: planted.githubToken('arm64'), both: planted.githubToken('both') };
  const shared = { entries: [file('etc/token', tokens.both)] };
  const path = files.file(
    archive(
      nestedLayout([
        assemble({ platform: 'linux/amd64', layers: [shared, { entries: [file('amd', tokens.amd)] }] }),
        assemble({ platform: 'linux/arm64/v8', layers: [shared, { entries: [file('arm', tokens.arm)] }] }),
      ]),
    ),
  );

  it('all of them by default and with --platform all', async () => {
    for (const args of [[], ['--platform', 'all']]) {
      const { report } = await scan(path, args);
      assert.deepEqual(told(report, tokens), { amd: ['1 /amd:1 visible'], arm: ['1 /arm:1 visible'], both: ['0 /etc/token:1 visible'] });
      assert.deepEqual(report.images.map((image) => image.platform).toSorted(), ['linux/amd64', 'linux/arm64/v8']);
      assert.equal(report.coverage.layers, 3);
    }
  });

  it('one of them, with or without its variant', async () => {
    for (const platform of ['linux/arm64', 'linux/arm64/v8']) {
      const { report } = await scan(path, ['--platform', platform]);
      assert.deepEqual(told(report, tokens), { amd: [], arm: ['1 /arm:1 visible'], both: ['0 /etc/token:1 visible'] });
    }
  });

  it('one that is not there: the error lists those that are', async () => {
    const outcome = await run(['scan', path, '--platform', 'linux/s390x']);
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /linux\/amd64/);
    assert.match(outcome.stderr, /linux\/arm64/);
  });

  it('something that is no platform is wrong usage', async () => {
    assert.equal((await run(['scan', path, '--platform', 'a b'])).code, 2);
  });
});

describe('a reference', function () {
  this.timeout(30_000);
  const files = scratch();

  it('to a file that is not there', async () => {
    const outcome = await run(['scan', `${files.folder}/nothing.tar`]);
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /nothing\.tar/);
  });

  it('missing, or with a flag that does not exist, is wrong usage', async () => {
    assert.equal((await run(['scan'])).code, 2);
    assert.equal((await run(['scan', files.folder, '--no-such-flag'])).code, 2);
    assert.equal((await run(['scan', files.folder, '--fail-on', 'catastrophic'])).code, 2);
  });

  it('to a registry or an engine ends calmly, and never as if nothing had been found', async () => {
    for (const typed of [
      'docker://example.invalid/app:1',
      'docker-daemon:app:1',
      'containers-storage:app:1',
      'registry:example.invalid/app:1',
      'podman:app',
    ]) {
      const outcome = await run(['scan', typed]);
      assertCalm(outcome.code === 2 ? { ...outcome, code: 3 } : outcome);
      assert.ok(outcome.code === 2 || outcome.code === 3, `${typed}: ${outcome.code}`);
    }
  });

  it('to a clean image: exit code 0', async () => {
    const { code, report } = await scan(files.file(archive(ociLayout(assemble({ layers: [{ entries: [file('etc/motd', 'hello\n')] }] })))));
    assert.equal(code, 0);
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.coverage.layers, 1);
  });
});
