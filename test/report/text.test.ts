// The text report tells where each secret is, what became of it and what to do, and says nothing in silence.
import assert from 'node:assert/strict';
import { Secret } from '../../src/model/secret.ts';
import type { Report } from '../../src/model/report.ts';
import { textReport } from '../../src/report/text.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import { file, finding, image, layer, position, report, rule, tokenValue } from './sample-report.ts';

const title = 'app.tar (registry.example:5000/team/app:1.0, linux/amd64)';

function linesOf(report: Report, options: ReportOptions = {}): string[] {
  const text = [...textReport(report, options)].join('');
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
  return text.slice(0, -1).split('\n');
}

describe('the text report', () => {
  it('of a clean image has three lines', () => {
    assert.deepEqual(linesOf(report()), [
      `${title}: no secrets found`,
      'Looked at 1 image, 3 layers, 12,345 entries (2.3 MB) and 14 values of metadata.',
      'PASS: no finding at or above low.',
    ]);
  });

  it('tells of a secret what, where, by whom, and what to do', () => {
    const lines = linesOf(report({ findings: [finding({ proved: ['checksum valid'], alsoRules: ['generic-token'], inherited: true })] }));
    assert.equal(lines[0], `${title}: 1 secret in 1 place (1 critical)`);
    assert.match(lines[2]!, /^CRITICAL {2}GitHub token {2}ghp_\*{8}\w{3}$/);
    assert.ok(lines.includes('  high confidence; checksum valid; rule github-token; also found by generic-token'));
    assert.ok(lines.includes('  /app/.env:3:12'));
    assert.ok(lines.includes(`      layer 2 (${layer(2).digest.slice(7, 19)})`));
    assert.ok(lines.includes('      inherited from the base image'));
    assert.ok(lines.includes('      brought in by: COPY . /app # buildkit'));
    assert.ok(lines.includes('      visible'));
    assert.ok(lines.includes('      fingerprint 0123456789abcdef'));
    assert.ok(lines.includes('  To do: Revoke it in the settings of the account, then issue a new one.'));
    assert.equal(lines.at(-1), 'FAIL: 1 finding at or above low.');
  });

  it('says of a deleted file that it is still in the image', () => {
    const lines = linesOf(report({ findings: [finding({ fate: { kind: 'deleted', byLayer: 4, byInstruction: 'RUN rm /app/.env' } })] }));
    assert.ok(lines.includes('      deleted by layer 4: RUN rm /app/.env; still in the image'));
  });

  it('names hard links with the fate of each', () => {
    const lines = linesOf(report({ findings: [finding({ alsoAt: [{ path: '/b', fate: { kind: 'overwritten', byLayer: 5 } }] })] }));
    assert.ok(lines.includes('      also at /b: overwritten by layer 5; still in the image'));
  });

  it('puts the worst first and each secret in one group, with its advice once', () => {
    const findings = [
      finding({ secretId: 's2', severity: 'low', place: file('/low') }),
      finding({ secretId: 's1', severity: 'medium', place: file('/medium') }),
      finding({ secretId: 's2', severity: 'high', place: file('/high') }),
    ];
    const lines = linesOf(report({ findings }));
    assert.equal(lines[0], `${title}: 2 secrets in 3 places (1 high, 1 medium)`);
    const places = lines.filter((line) => /^ {2}\//.test(line));
    assert.deepEqual(places, ['  /high:1:1', '  /low:1:1', '  /medium:1:1']);
    assert.equal(lines.filter((line) => line.includes('To do:')).length, 2);
  });

  it('tells a place once that several platforms share', () => {
    const images = [image(), image({ platform: 'linux/arm64' }), image({ name: 'app:2.0' })];
    const lines = linesOf(report({ images, findings: [0, 1, 2].map((image) => finding({ image })) }));
    assert.equal(lines.filter((line) => line.includes('/app/.env')).length, 1);
    assert.ok(lines.includes('      in registry.example:5000/team/app:1.0 (linux/amd64, linux/arm64), app:2.0 (linux/amd64)'));
  });

  it('keeps a place apart whose fate differs between the images', () => {
    const findings = [finding(), finding({ image: 1, fate: { kind: 'deleted', byLayer: 3 } })];
    const lines = linesOf(report({ images: [image(), image({ name: 'app:2.0' })], findings }));
    assert.equal(lines.filter((line) => line === '  /app/.env:3:12').length, 2);
  });

  it('names metadata by its pointer and what stands around the images as such', () => {
    const metadata = finding({ layer: undefined, place: { kind: 'metadata', pointer: 'config.Env[3]', position: position() } });
    const stray = finding({
      layer: undefined,
      image: undefined,
      place: { kind: 'stray', what: 'bytes behind the end of layer 2', position: position() },
      fate: { kind: 'unreachable', why: 'no entry owns it' },
    });
    const lines = linesOf(report({ findings: [metadata, stray] }));
    assert.ok(lines.includes('  config.Env[3]'));
    assert.ok(lines.includes('  bytes behind the end of layer 2'));
    assert.ok(lines.includes('      not part of the file system (no entry owns it); still in the image'));
    assert.ok(lines.includes('      around the images, in none of them'));
  });

  it('counts what is suppressed, and lists it when asked', () => {
    const findings = [finding({ suppression: { by: 'baseline' } }), finding({ suppression: { by: 'ignorefile', reason: 'a sample' } })];
    const quiet = linesOf(report({ findings }));
    assert.equal(quiet[0], `${title}: no new secrets found`);
    assert.ok(quiet.includes('Suppressed: 2 findings (1 by the baseline, 1 by the ignore file), not listed.'));
    assert.equal(quiet.at(-1), 'PASS: no finding at or above low.');
    const full = linesOf(report({ findings }), { showSuppressed: true });
    assert.ok(full.includes('      suppressed by the ignore file: a sample'));
  });

  it('lists what was not read, names the limit, and does not call the image clean', () => {
    const lines = linesOf(
      report({ skipped: [{ reason: 'limit', limit: 'max-entry-size', place: 'layer 1, /var/log/big', detail: '5 GB, the first 1 GB were read.' }] }),
    );
    assert.equal(lines[0], `${title}: no secrets found in what was read`);
    assert.ok(lines.includes('NOT READ: limit (max-entry-size): layer 1, /var/log/big: 5 GB, the first 1 GB were read.'));
    assert.equal(lines.at(-1), 'INCOMPLETE: no finding at or above low in what was read.');
  });

  it('names the image in its title once, and not when there are several', () => {
    assert.equal(linesOf(report({ images: [image({ name: 'app.tar' })] }))[0], 'app.tar (linux/amd64): no secrets found');
    assert.equal(linesOf(report({ images: [image(), image()] }))[0], 'app.tar: no secrets found');
  });

  it('says so when nothing at all could be read', () => {
    const lines = linesOf(report({ images: [], skipped: [{ reason: 'damaged', place: 'index.json', detail: 'is not JSON.' }] }));
    assert.ok(lines.includes('NOT READ: damaged: index.json: is not JSON.'));
  });

  it('wraps long advice and shortens long instructions, after masking them', () => {
    const findings = [finding({ createdBy: `RUN ${'x'.repeat(140)} ${tokenValue} ${'y'.repeat(5000)}` })];
    const lines = linesOf(report({ findings, rules: [rule({ advice: 'Rotate the key. '.repeat(40) })] }));
    assert.ok(lines.every((line) => line.length <= 190));
    assert.ok(lines.filter((line) => line.includes('Rotate')).every((line) => line.length <= 100));
    assert.ok(!lines.join('\n').includes('ghp_Zq7'));
  });

  it('has no colour at level 0, and the same words with colour', () => {
    const sample = report({ findings: [finding()], skipped: [{ reason: 'damaged', place: 'a', detail: 'b' }] });
    const plain = linesOf(sample, { colorLevel: 0 }).join('\n');
    const coloured = linesOf(sample, { colorLevel: 1 }).join('\n');
    assert.doesNotMatch(plain, /\u001b/);
    assert.match(coloured, /\u001b\[/);
    assert.equal(coloured.replace(/\u001b\[\d+(?:;\d+)*m/g, ''), plain);
  });

  it('names the rule even if the secret is a word of its name', () => {
    const findings = [
      finding({ ruleId: 'generic-password', secret: new Secret('password') }),
      finding({ ruleId: 'env-password', severity: 'low', secret: new Secret('password') }),
    ];
    const lines = linesOf(report({ findings }));
    assert.ok(lines.includes('  high confidence; rule generic-password'));
    assert.ok(lines.includes('      low; rule env-password'));
  });

  it('does not end lines with blanks', () => {
    for (const line of linesOf(report({ findings: [finding({ secret: new Secret('short') })] }))) assert.equal(line, line.trimEnd());
  });
});
