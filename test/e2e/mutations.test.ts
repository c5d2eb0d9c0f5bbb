// Valid archives of every form with random damage: whatever comes of it is a report or an UnbakeError, soon, and never a clean
// bill of health for what was damaged where a digest guards it.
import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { isReadError } from '../../src/model/report.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { scan } from '../../src/scan/scan.ts';
import {
  archive,
  classicArchive,
  docker25Archive,
  docker29Archive,
  legacyArchive,
  nestedLayout,
  ociLayout,
  skopeoArchive,
} from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

/** One to eight of: a byte changed, bytes zeroed, bytes left out, bytes repeated, the end cut off. */
function damaged(bytes: Buffer, seed: number): Buffer {
  const next = randomNumbers(seed);
  const upTo = (limit: number) => Math.floor(next() * limit);
  let result = Buffer.from(bytes);
  for (let count = 1 + upTo(8); count > 0; count--) {
    const at = upTo(result.length);
    const length = 1 + upTo(600);
    switch (upTo(5)) {
      case 0:
        result[at] ^= 1 + upTo(255);
        break;
      case 1:
        result.fill(0, at, Math.min(result.length, at + length));
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
        break;
      case 3:
        result = Buffer.concat([result.subarray(0, at), result.subarray(Math.max(0, at - length))]);
        break;
      default:
        if (next() < 0.3) result = result.subarray(0, at);
    }
    if (result.length === 0) return result;
  }
  return result;
}

describe('damaged archives', function () {
  this.timeout(120_000);
  const files = scratch();
  const secrets = [githubToken('mutation a'), githubToken('mutation c')];
  const image = assemble({
    tags: ['app:1'],
    layers: [
      { entries: [file('srv/a', `token ${githubToken('mutation a')}\n`), file('srv/b', 'nothing\n'.repeat(500))], compression: 'gzip' },
      { entries: [file('srv/c', `token ${githubToken('mutation c')}\n`)], compression: 'zstd' },
    ],
  });
  const forms: Record<string, Buffer> = {
    classic: archive(classicArchive(image)),
    skopeo: archive(skopeoArchive(image)),
    legacy: archive(legacyArchive(image)),
    'docker 25': archive(docker25Archive(image)),
    'docker 29': archive(docker29Archive(image, { buildType: 'x' })),
    oci: archive(ociLayout(image)),
    nested: archive(nestedLayout([image])),
    'oci.gz': gzipSync(archive(ociLayout(image))),
    'oci.zst': zstdCompressSync(archive(ociLayout(image))),
  };

  for (const [name, bytes] of Object.entries(forms)) {
    it(`${name}: a report or an UnbakeError`, async () => {
      const ruleset = await loadRuleset();
      for (let seed = 1; seed <= 40; seed++) {
        const path = files.file(damaged(bytes, seed), 'mutated.tar');
        const started = performance.now();
        try {
          const { report, problem } = await scan(path, { ruleset, limits: defaultLimits, platform: 'all', version: '0.0.0' });
          const found = new Set(report.findings.map((finding) => finding.secret.reveal()));
          const isTold = problem !== undefined || report.skipped.some(isReadError);
          // The oldest form has no digests that could tell.
          if (name !== 'legacy')
            assert.ok(isTold || secrets.every((secret) => found.has(secret)), `seed ${seed}: a secret is lost and nothing is said`);
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, `seed ${seed}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
        }
        assert.ok(performance.now() - started < 5000, `seed ${seed} took ${Math.round(performance.now() - started)} ms`);
      }
    });
  }
});
