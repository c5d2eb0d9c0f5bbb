// What every report says of a secret that is packed into a file: its way, its fate, its names, and that nothing of it shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseIgnoreFile } from '../../src/judge/ignorefile.ts';
import { judge, type Policy } from '../../src/judge/judge.ts';
import { type Finding, wholePath } from '../../src/model/finding.ts';
import type { Report } from '../../src/model/report.ts';
import { reporterFor } from '../../src/report/format.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import { run } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { noise } from '../support/hostile.ts';
import { assemble, type ImagePlan, type LayerPlan } from '../support/image.ts';
import { githubToken, password, privateKey } from '../support/planted.ts';
import { file, hardlink, opaque, tar, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { rawZip } from '../view/nested/raw-zip.ts';
import { scanned } from './cache/cached.ts';

const token = githubToken('in a jar');
const properties = `${'# nothing\n'.repeat(11)}github.token=${token}\n`;
const jarWith = (text: string) => rawZip({ members: [{ name: 'application.properties', data: text }] });
const warWith = (text: string) => rawZip({ members: [{ name: 'WEB-INF/lib/x.jar', data: jarWith(text) }] });
const war = warWith(properties);
const way = ['WEB-INF/lib/x.jar', 'application.properties'];

const layers = (...entries: readonly (readonly Buffer[])[]): ImagePlan => ({
  tags: ['app:1'],
  layers: entries.map((each): LayerPlan => ({ entries: each })),
});

const withoutDigest = (text: string): string => text.replace(/ \(sha256:[0-9a-f]{64}\)/, '');

describe('a report of what is packed into files', function () {
  this.timeout(60_000);
  const place = scratch();
  const imageOf = (plan: ImagePlan): string => place.file(archive(ociLayout(assemble(plan))));

  async function judged(plan: ImagePlan, policy: Partial<Policy> = {}): Promise<Report> {
    const { report } = await scanned(imageOf(plan));
    return judge(report, { failOn: 'low', now: new Date(0), ...policy });
  }

  async function inFormat(report: Report, format: 'json' | 'text' | 'sarif', options: ReportOptions = {}): Promise<string> {
    return [...(await reporterFor(format))(report, { showSuppressed: true, colorLevel: 0, ...options })].join('');
  }

  const about = (report: Report, value: string): Finding[] => report.findings.filter(({ secret }) => secret.reveal() === value);
  const inOneLine = ({ place: at, fate }: Finding): string => `${at.kind === 'file' ? wholePath(at) : at.kind}: ${fate.kind}`;

  it('names the way, the line and the column in every format, and the schema knows it', async () => {
    const report = await judged(layers([file('srv/app.war', war)]));
    const [finding, ...others] = about(report, token);
    assert.deepEqual(others, []);
    assert.ok(finding.place.kind === 'file');
    assert.deepEqual(
      [finding.place.path, finding.place.way, finding.place.position.line, finding.place.position.column],
      ['/srv/app.war', way, 12, 14],
    );

    assert.match(await inFormat(report, 'text'), /^ {2}\/srv\/app\.war!\/WEB-INF\/lib\/x\.jar!\/application\.properties:12:14$/m);
    const json = JSON.parse(await inFormat(report, 'json'));
    assert.deepEqual(json.findings[0].place.way, way);
    const schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8')) as object;
    const validate = new Ajv2020({ allErrors: true, strict: true, formats: { 'date-time': true } }).compile(schema);
    assert.ok(validate(json), JSON.stringify(validate.errors));
    const [result] = JSON.parse(await inFormat(report, 'sarif')).runs[0].results;
    assert.match(result.message.text, /\/srv\/app\.war!\/WEB-INF\/lib\/x\.jar!\/application\.properties:12:14/);
    assert.equal(result.locations[0].physicalLocation.region.startLine, 12);
  });

  it('tells what later layers made of the archive', async () => {
    const report = await judged(
      layers(
        [file('deleted.war', war), file('over.war', war), file('dir/hidden.war', war), file('seen.war', war)],
        [whiteout('deleted.war'), file('over.war', 'x'), opaque('dir')],
      ),
    );
    const inside = way.join('!/');
    assert.deepEqual(about(report, token).map(inOneLine).sort(), [
      `/deleted.war!/${inside}: deleted`,
      `/dir/hidden.war!/${inside}: hidden`,
      `/over.war!/${inside}: overwritten`,
      `/seen.war!/${inside}: visible`,
    ]);
  });

  it('lists the other names of an archive, and tells the one that is seen', async () => {
    const report = await judged(layers([file('a.war', war), hardlink('b.war', 'a.war')], [whiteout('a.war')]));
    const [finding, ...others] = about(report, token);
    assert.deepEqual(others, []);
    assert.equal(inOneLine(finding), `/b.war!/${way.join('!/')}: visible`);
    assert.deepEqual(
      finding.alsoAt.map(({ path, fate }) => `${path}: ${fate.kind}`),
      ['/a.war: deleted'],
    );
  });

  it('has the same fingerprint after a rebuild, and another for another way', async () => {
    const first = await judged(layers([file('a.war', war)]));
    const rebuilt = await judged(layers([file('etc/base', 'x')], [file('a.war', warWith(`# moved\n\n${properties}`), { mtime: 5 })]));
    const others = await judged(layers([file('b.war', war), file('a.jar', jarWith(properties)), file('a.war', properties)]));
    const [fingerprint] = about(first, token).map((finding) => finding.fingerprint);
    assert.deepEqual(
      about(rebuilt, token).map((finding) => finding.fingerprint),
      [fingerprint],
    );
    const different = about(others, token).map((finding) => finding.fingerprint);
    assert.equal(new Set([...different, fingerprint]).size, 4);
  });

  it('leaves out what the ignore file names: by the archive, by the way, by a glob over both', async () => {
    const rule = about(await judged(layers([file('srv/app.war', war)])), token)[0].ruleId;
    const entries: Readonly<Record<string, boolean>> = {
      '/srv/app.war': true,
      'srv/*.war': true,
      '/srv/app.war!/WEB-INF/lib/x.jar!/application.properties': true,
      '**/application.properties': true,
      '/srv/app.war!/**/*.properties': true,
      '/srv/app.war!/WEB-INF/lib/y.jar!/**': false,
      '/application.properties': false,
    };
    for (const [target, isLeftOut] of Object.entries(entries)) {
      const ignoreFile = parseIgnoreFile(`${rule} ${target}\n`, '.unbakeignore');
      const report = await judged(layers([file('srv/app.war', war)]), { ignoreFile });
      assert.equal(about(report, token)[0].suppression !== undefined, isLeftOut, target);
    }
  });

  it('masks a value wherever it stands in a way, unless it was asked for', async () => {
    const zip = rawZip({ members: [{ name: `${token}.env`, data: `GITHUB_TOKEN=${token}\n` }] });
    const report = await judged(layers([file('a.zip', zip), file(`b.tgz`, gzipSync(tar(file(`keys/${token}`, `token: ${token}`))))]));
    assert.ok(about(report, token).length >= 2);
    for (const format of ['json', 'text', 'sarif'] as const) {
      assert.ok(!(await inFormat(report, format)).includes(token), format);
      assert.ok((await inFormat(report, format, { showSecrets: true })).includes(token), format);
    }
  });

  it('gives a private key of a member with its lines', async () => {
    const pem = privateKey('ed25519', 'in a member');
    const report = await judged(layers([file('a.tgz', gzipSync(tar(file('etc/tls/key.pem', `# mine\n${pem}`))))]));
    const [finding] = report.findings;
    assert.equal(inOneLine(finding), '/a.tgz!/gunzip!/etc/tls/key.pem: visible');
    assert.equal(finding.place.position.line, 2);
  });

  it('finds passwords by their names in what is packed', async () => {
    const value = password('in a zip');
    const zip = rawZip({ members: [{ name: 'config/.env', data: `DB_PASSWORD=${value}\n` }] });
    assert.deepEqual(about(await judged(layers([file('a.zip', zip)])), value).map(inOneLine), ['/a.zip!/config/.env: visible']);
  });

  it('is incomplete when an archive is broken, and says which; the exit code follows', async () => {
    const broken = gzipSync(noise(100_000)).subarray(0, 50_000);
    const plan = layers([file('srv/a.gz', broken), file('b', 'x')]);
    const report = await judged(plan);
    assert.equal(report.verdict.complete, false);
    assert.deepEqual(
      report.skipped.map(({ reason, place: at }) => `${reason} ${withoutDigest(at)}`),
      ['damaged layer 0, /srv/a.gz!/gunzip'],
    );
    assert.match(await inFormat(report, 'text'), /^NOT READ: damaged: layer 0 \(sha256:[0-9a-f]{64}\), \/srv\/a\.gz!\/gunzip/m);
    const path = imageOf(plan);
    assert.equal((await run(['scan', path, '--fail-on-incomplete'])).code, 4);
    const limited = await run(['scan', imageOf(layers([file('a.war', war)])), '--limit', 'nestedDepth=1', '-f', 'json']);
    assert.deepEqual(
      (JSON.parse(limited.stdout) as Report).skipped.map(({ limit, place: at }) => `${limit} ${withoutDigest(at)}`),
      ['nestedDepth layer 0, /a.war!/WEB-INF/lib/x.jar'],
    );
  });
});
