// Microsoft's validator, with its own rules and GitHub's, has nothing to say about our SARIF, however odd the image.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '../../src/model/finding.ts';
import type { Report } from '../../src/model/report.ts';
import { sarifReport } from '../../src/report/sarif.ts';
import { file, finding, hostileReport, image, layer, position, report, rule, tokenValue } from './sample-report.ts';

const oddPaths = [
  '/with space/a b.txt',
  '/100%/x%20y',
  '/a#b?c',
  '/new\nline',
  '/größe/日本/🔑.pem',
  '/\u202etxt.exe',
  '../../etc/passwd',
  '/../../etc/shadow',
  '/a/./b//c/',
  '',
  '/',
  '/C:\\Windows\\x',
  '/[a](b){0}',
  '/SARIF_BUILDER_INVALID',
  '/...',
  '/%2e%2e/x',
  'http://evil.example/x',
  '/a:b',
  "/(x)'!*~",
  '/\ud800',
];

const findingsOf = (paths: readonly string[]): Finding[] =>
  paths.map((path, index) =>
    finding({ place: file(path, index + 1), fingerprint: index.toString(16).padStart(16, '0'), createdBy: `COPY ${path} {0}` }),
  );

const reports: Readonly<Record<string, Report>> = {
  empty: report(),
  'no image at all': report({ images: [], skipped: [{ reason: 'damaged', place: 'index.json', detail: 'is not JSON' }] }),
  'odd paths': report({ findings: findingsOf(oddPaths) }),
  'odd names of images': report({
    reference: '../a b/ü%.tar',
    images: oddPaths.slice(0, 12).map((name) => image({ name, platform: `linux/${name}` })),
    findings: oddPaths.slice(0, 12).map((_, image) => finding({ image })),
  }),
  'hundreds of findings, of all severities, in all kinds of places': report({
    findings: Array.from({ length: 600 }, (_, index) =>
      finding({
        severity: (['info', 'low', 'medium', 'high', 'critical'] as const)[index % 5]!,
        ruleId: `rule-${index % 40}`,
        layer: index % 3 === 0 ? undefined : layer(index % 7),
        image: index % 11 === 0 ? undefined : 0,
        place: (
          [
            file(`/f${index}`),
            { kind: 'metadata', pointer: `config.Env[${index}]`, position: position() },
            { kind: 'stray', what: 'end of layer', position: position() },
            { kind: 'header', path: `/h${index}`, position: position() },
          ] as const
        )[index % 4]!,
        fate: (
          [{ kind: 'visible' }, { kind: 'deleted', byLayer: 3, byInstruction: 'RUN rm {0}' }, { kind: 'unreachable', why: 'no entry' }] as const
        )[index % 3]!,
        fingerprint: index.toString(16).padStart(16, '0'),
      }),
    ),
    rules: Array.from({ length: 38 }, (_, index) =>
      rule({
        id: `rule-${index}`,
        name: `Rule ${index}`,
        references: index % 2 === 0 ? [] : ['not a link', 'https://example.org/a b'],
        description: index % 3 === 0 ? '' : 'Long. '.repeat(400),
      }),
    ),
  }),
  'suppressed and skipped': report({
    findings: [finding({ suppression: { by: 'baseline' } }), finding({ suppression: { by: 'ignorefile', reason: 'a sample: {0}' } })],
    skipped: [
      { reason: 'limit', limit: 'max-entry-size', place: 'a {0}', detail: 'b [c](1)', image: 0 },
      { reason: 'encrypted', place: 'x', detail: 'y' },
    ],
    notices: [{ place: 'manifest', detail: 'odd {1}' }],
  }),
  'an empty region and one that runs backwards': report({
    findings: [file('/a'), file('/b')].map((place, index) =>
      finding({ place: { ...place, position: { ...position(5, 7), endLine: 5 - index, endColumn: 7 } } as typeof place }),
    ),
  }),
  'thirty images': report({
    images: Array.from({ length: 30 }, (_, index) => image({ name: `app${index}:1` })),
    findings: Array.from({ length: 30 }, (_, image) => finding({ image })),
  }),
  hostile: hostileReport(tokenValue),
};

describe("Microsoft's SARIF validator", function () {
  this.timeout(120_000);
  let folder: string;
  let multitool: string;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'unbake-sarif-'));
    try {
      const home = dirname(createRequire(import.meta.url).resolve('@microsoft/sarif-multitool-linux/package.json'));
      multitool = join(home, 'Sarif.Multitool');
      // Its install script does this, and install scripts may be off.
      await chmod(multitool, 0o755);
      await validated(report());
    } catch (error) {
      if (process.env.CI) throw error;
      console.error(
        `      The validator of @microsoft/sarif-multitool-linux does not run here: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
      );
      this.skip();
    }
  });

  after(async () => rm(folder, { recursive: true, force: true }));

  async function validated(sample: Report): Promise<unknown[]> {
    const input = join(folder, 'report.sarif');
    const output = join(folder, 'validated.sarif');
    await writeFile(input, [...sarifReport(sample, {})].join(''));
    // Its exit code is 0 whatever it found; without ICU it needs to be told.
    await promisify(execFile)(
      multitool,
      ['validate', input, '--output', output, '--log', 'ForceOverwrite', '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning'],
      { env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' } },
    );
    const [run] = JSON.parse(await readFile(output, 'utf8')).runs;
    assert.equal(run.invocations[0].executionSuccessful, true, 'the validator read the file');
    assert.deepEqual(run.invocations[0].toolConfigurationNotifications ?? [], []);
    return run.results ?? [];
  }

  it('does see errors', async () => {
    const bad = report({ findings: [finding({ place: file('/x', 0) })] });
    assert.notDeepEqual(await validated(bad), []);
  });

  for (const [name, sample] of Object.entries(reports)) {
    it(`has nothing to say: ${name}`, async () => assert.deepEqual(await validated(sample), []));
  }
});
