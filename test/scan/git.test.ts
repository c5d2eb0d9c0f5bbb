// Repositories that git itself has made, copied into a layer: a finding names a commit that has the secret, and the path it has there.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from '../../src/model/finding.ts';
import { wordsForPlace } from '../../src/report/wording.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { noise } from '../support/hostile.ts';
import { assemble } from '../support/image.ts';
import { githubToken, npmToken, slackToken, stripeKey } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import type { ScannedStore } from '../../src/scan/scan.ts';
import { inAllFormats, scanned } from './cache/cached.ts';

type Found = ScannedStore['report'];

const secrets = {
  kept: githubToken('kept in git'),
  deleted: npmToken('deleted in git'),
  message: slackToken('in a message'),
  tag: stripeKey('in a tag'),
  base: githubToken('in a delta base'),
  delta: githubToken('in a delta'),
} as const;

const env = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

describe('a repository of git in a layer', function () {
  this.timeout(120_000);
  const place = scratch();
  let repository: string;
  const git = (...args: readonly string[]) => tool('git', args, { cwd: repository, env });
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), content);
  };

  before(function () {
    needs(this, 'git');
    repository = place.newFolder();
    git('init', '-q', '-b', 'main');
    const bulk = noise(20_000).toString('base64');
    write('config/app.env', `PORT=80\nGITHUB_TOKEN=${secrets.kept}\n`);
    write('.npmrc', `//registry.npmjs.org/:_authToken=${secrets.deleted}\n`);
    write('bulk.txt', `${bulk}\nGITHUB_TOKEN=${secrets.base}\n`);
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    git('rm', '-q', '.npmrc');
    write('bulk.txt', `${bulk}\nGITHUB_TOKEN=${secrets.delta}\n`);
    git('commit', '-q', '-a', '-m', `second\n\nThe bot is ${secrets.message}`);
    git('tag', '-a', 'v1', '-m', `released with ${secrets.tag}`);
  });

  /** The folder `.git` as a layer. */
  async function reportOf(folder = '.git', prefix = 'srv/app'): Promise<{ report: Found; formats: Record<string, string> }> {
    const entries = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
      .toSorted()
      .filter((name) => statSync(join(repository, folder, name)).isFile())
      .map((name) => file(`${prefix}/.git/${name}`, readFileSync(join(repository, folder, name))));
    const result = await scanned(place.file(archive(ociLayout(assemble({ layers: [{ entries }] })))));
    return { report: result.report, formats: await inAllFormats(result) };
  }

  const about = ({ findings }: Found, value: string): Finding[] => findings.filter(({ secret }) => secret.reveal() === value);
  /** Without the file that git keeps the last message in. */
  function objectsWith(report: Found, value: string): (string | undefined)[] {
    return about(report, value).flatMap(({ place: at }) => (at.kind === 'file' && at.way !== undefined ? [at.way.at(-1)] : []));
  }
  /** The commits that have this path with this text. */
  function commitsWith(path: string, text: string): string[] {
    return git('log', '--all', '--format=%H', `-S${text}`, '--', path).split('\n');
  }

  async function assertTold(): Promise<Found> {
    const { report, formats } = await reportOf();
    for (const [value, path, line] of [
      [secrets.kept, 'config/app.env', 2],
      [secrets.deleted, '.npmrc', 1],
      [secrets.base, 'bulk.txt', 2],
      [secrets.delta, 'bulk.txt', 2],
    ] as const) {
      const [finding, ...others] = about(report, value);
      assert.ok(finding?.place.kind === 'file', path);
      assert.deepEqual(
        others.map((other) => wordsForPlace(other.place)),
        [],
      );
      assert.equal(finding.place.git?.path, path);
      assert.ok(commitsWith(path, value).includes(finding.place.git.commit), `${path} in ${finding.place.git.commit}`);
      assert.equal(finding.place.position.line, line);
      assert.ok(finding.place.way!.at(-1)!.startsWith('git object '));
      assert.ok(formats['text'].includes(`(${path} in commit ${finding.place.git.commit.slice(0, 12)})`));
      assert.ok(JSON.parse(formats['json']).findings.some((each: Finding) => each.place.kind === 'file' && each.place.git?.path === path));
    }
    assert.deepEqual(objectsWith(report, secrets.message), [`git object ${git('rev-parse', 'v1^{commit}')}`]);
    assert.deepEqual(objectsWith(report, secrets.tag), [`git object ${git('rev-parse', 'v1')}`]);
    for (const value of Object.values(secrets)) for (const [format, text] of Object.entries(formats)) assert.ok(!text.includes(value), format);
    return report;
  }

  it('is read object by object', async () => {
    const report = await assertTold();
    assert.deepEqual(report.skipped, []);
  });

  it('is read from a pack with deltas, and has the same fingerprints in another pack', async () => {
    git('repack', '-q', '-a', '-d', '-f', '--depth=50', '--window=50');
    assert.ok(readdirSync(join(repository, '.git/objects/pack')).some((name) => name.endsWith('.pack')));
    const report = await assertTold();
    const fingerprints = new Set(report.findings.map(({ fingerprint }) => fingerprint));
    write('another.txt', 'one more\n');
    git('add', '.');
    git('commit', '-q', '-m', 'third');
    git('repack', '-q', '-a', '-d', '-f');
    const again = await assertTold();
    for (const { fingerprint } of again.findings) assert.ok(fingerprints.has(fingerprint));
  });

  it('tells blobs without a history by their names alone', async () => {
    const { report } = await reportOf('.git/objects/pack', 'opt');
    const [finding] = about(report, secrets.kept);
    assert.ok(finding?.place.kind === 'file');
    assert.match(finding.place.path, /^\/opt\/\.git\/pack-/);
  });

  it('is found in repositories that lie in an archive', async () => {
    const path = join(place.newFolder(), 'app.tgz');
    tool('tar', ['-czf', path, '-C', repository, '.git']);
    const layer = [file('app.tgz', readFileSync(path))];
    const { report } = await scanned(place.file(archive(ociLayout(assemble({ layers: [{ entries: layer }] })))));
    for (const value of Object.values(secrets)) assert.equal(objectsWith(report, value).filter((step) => step?.startsWith('git object')).length, 1);
    rmSync(path);
  });
});
