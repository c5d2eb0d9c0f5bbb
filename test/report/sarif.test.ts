// What code scanning makes of our SARIF hangs on a few fields: runs, addresses, identities, levels, limits.
import assert from 'node:assert/strict';
import type { Report } from '../../src/model/report.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import { sarifReport } from '../../src/report/sarif.ts';
import { file, finding, image, layer, position, report, rule, tokenValue } from './sample-report.ts';

const parsed = (sample: Report, options: ReportOptions = {}): any => JSON.parse([...sarifReport(sample, options)].join(''));
const idsOf = (log: any): string[] => log.runs.map((run: any) => run.automationDetails.id);
const resultOf = (changes: Parameters<typeof finding>[0]) =>
  parsed(report({ findings: [finding(changes)] })).runs.flatMap((run: any) => run.results)[0];

describe('the runs of the SARIF report', () => {
  it('are one an image and one around the images, without tags, also when nothing was found', () => {
    assert.deepEqual(idsOf(parsed(report())), ['unbake/registry.example_5000/team/app/linux-amd64/', 'unbake/app.tar/around-images/']);
    assert.deepEqual(idsOf(parsed(report({ images: [] }))), ['unbake/app.tar/around-images/']);
  });

  it('are the same for the next tag and digest', () => {
    const names = ['app:1.0', 'app:2.0', 'app', `app@sha256:${'0'.repeat(64)}`, `app:1@sha256:${'0'.repeat(64)}`];
    for (const name of names) assert.equal(idsOf(parsed(report({ images: [image({ name })] })))[0], 'unbake/app/linux-amd64/');
  });

  it('keep the folders of this machine out of their ids', () => {
    const log = parsed(report({ reference: 'oci:/home/me/secret project/layout:1.0', images: [image({ name: '/home/me/app.tar' })] }));
    assert.deepEqual(idsOf(log), ['unbake/app.tar/linux-amd64/', 'unbake/layout/around-images/']);
  });

  it('are unique, and which of several gets the plain id hangs on the names alone', () => {
    const images = ['app:debug', 'app:1.0'].map((name) => image({ name }));
    assert.deepEqual(idsOf(parsed(report({ images }))).slice(0, 2), ['unbake/app/linux-amd64/2/', 'unbake/app/linux-amd64/']);
    assert.deepEqual(idsOf(parsed(report({ images: images.toReversed() }))).slice(0, 2), ['unbake/app/linux-amd64/', 'unbake/app/linux-amd64/2/']);
    const sly = [image({ name: 'app.tar', platform: 'around/images' }), image({ name: 'app', platform: undefined })];
    assert.deepEqual(idsOf(parsed(report({ images: sly }))), [
      'unbake/app.tar/around-images/2/',
      'unbake/app/unknown/',
      'unbake/app.tar/around-images/',
    ]);
  });

  it('share one when there are more images than GitHub takes, and say so', () => {
    const at = (count: number) =>
      parsed(
        report({
          images: Array.from({ length: count }, (_, index) => image({ name: `app${index}` })),
          findings: Array.from({ length: count }, (_, image) => finding({ image })),
        }),
      );
    assert.equal(at(19).runs.length, 20);
    assert.deepEqual(at(19).runs.at(-1).invocations[0].toolExecutionNotifications, []);
    const many = at(25);
    assert.equal(many.runs.length, 20);
    assert.equal(many.runs.flatMap((run: any) => run.results).length, 25);
    assert.equal(many.runs[18].results.length, 7);
    assert.deepEqual(new Set(many.runs[18].results.map((result: any) => result.locations[0].physicalLocation.artifactLocation.uri)).size, 7);
    assert.equal(many.runs[19].invocations[0].toolExecutionNotifications[0].descriptor.id, 'unbake/runs-merged');
  });

  it('hold findings around the images in the last', () => {
    const log = parsed(report({ findings: [finding({ image: undefined }), finding()] }));
    assert.deepEqual(
      log.runs.map((run: any) => run.results.length),
      [1, 1],
    );
  });

  it('keep the worst 5,000 results, suppressed ones last, and say what is left out', () => {
    const findings = Array.from({ length: 5003 }, (_, index) =>
      finding({
        severity: index === 5002 ? 'critical' : 'low',
        place: file(`/${index}`),
        ...(index === 0 ? { severity: 'critical' as const, suppression: { by: 'baseline' as const } } : {}),
      }),
    );
    const [run] = parsed(report({ findings })).runs;
    assert.equal(run.results.length, 5000);
    assert.equal(run.results[0].properties.place, '/5002:1:1');
    assert.ok(run.results.every((result: any) => result.suppressions === undefined));
    assert.match(run.invocations[0].toolExecutionNotifications[0].message.text, /^3 of 5003 findings are left out/);
  });

  it('list what was not read, and fail only for the state of the image', () => {
    const skipped = [
      { reason: 'limit' as const, limit: 'max-entry-size', place: '/big', detail: '5 GB', image: 0 },
      { reason: 'mismatch' as const, place: 'blob', detail: 'wrong digest' },
    ];
    const [own, around] = parsed(report({ skipped, notices: [{ place: 'manifest', detail: 'odd' }] })).runs.map((run: any) => run.invocations[0]);
    assert.equal(own.executionSuccessful, true);
    assert.deepEqual(own.toolExecutionNotifications, [
      { level: 'warning', descriptor: { id: 'unbake/limit' }, message: { text: 'Not read: limit (max-entry-size): /big: 5 GB' } },
    ]);
    assert.equal(around.executionSuccessful, false);
    assert.deepEqual(
      around.toolExecutionNotifications.map(({ level, message }: any) => [level, message.text]),
      [
        ['warning', 'Not read: mismatch: blob: wrong digest'],
        ['note', 'manifest: odd'],
      ],
    );
    assert.equal(own.startTimeUtc, '2026-11-21T10:00:00.000Z');
  });
});

describe('a result of the SARIF report', () => {
  it('says what, where and what became of it in its first sentence', () => {
    const { message } = resultOf({ fate: { kind: 'deleted', byLayer: 4, byInstruction: 'RUN rm /app/.env' } });
    assert.match(
      message.text,
      /^GitHub token \(ghp_\*{8}\w{3}\) in \/app\/\.env:3:12, layer 2, registry\.example:5000\/team\/app:1\.0 \(linux\/amd64\): deleted by layer 4: RUN rm \/app\/\.env; still in the image\. Brought in by: COPY \. \/app # buildkit\.$/,
    );
  });

  it('stands at the short name of the repository and the path, with its region', () => {
    const [location] = resultOf({}).locations;
    assert.deepEqual(location.physicalLocation, {
      artifactLocation: { uri: 'app/app/.env', uriBaseId: 'IMAGEROOT' },
      region: { startLine: 3, startColumn: 12, endLine: 3, endColumn: 22 },
    });
  });

  it('has an address of unreserved characters that does not climb', () => {
    const uris: Readonly<Record<string, string>> = {
      '/a b/100%#?.txt': 'app/a%20b/100%25%23%3F.txt',
      '/größe': 'app/gr%C3%B6%C3%9Fe',
      '/../../etc/passwd': 'app/__/__/etc/passwd',
      'a/./b//c/': 'app/a/b/c',
      '/x\\y': 'app/x%5Cy',
      '/%2e%2e/x': 'app/%252e%252e/x',
      '': 'app',
    };
    for (const [path, uri] of Object.entries(uris))
      assert.equal(resultOf({ place: file(path) }).locations[0].physicalLocation.artifactLocation.uri, uri);
  });

  it('of metadata stands in the document that holds it, by a logical location', () => {
    const pointers: Readonly<Record<string, string>> = {
      'config.Env[3]': 'config.json',
      'history[7].created_by': 'config.json',
      'manifest.annotations.x': 'manifest.json',
      '/odd': 'metadata.json',
    };
    for (const [pointer, document] of Object.entries(pointers)) {
      const [location] = resultOf({ layer: undefined, place: { kind: 'metadata', pointer, position: position(9, 9) } }).locations;
      assert.equal(location.physicalLocation.artifactLocation.uri, `app/${document}`);
      assert.equal(location.physicalLocation.region.startLine, 1);
      assert.equal(location.logicalLocations[0].name, pointer);
    }
  });

  it('has logical locations from the image over the layer to the path', () => {
    const [run] = parsed(report({ findings: [finding(), finding({ place: file('/b') })] })).runs;
    const chain = [];
    for (let index = run.results[1].locations[0].logicalLocations[0].index; index !== undefined; index = run.logicalLocations[index].parentIndex)
      chain.unshift(run.logicalLocations[index]);
    assert.deepEqual(
      chain.map(({ kind, name }) => [kind, name]),
      [
        ['image', 'registry.example:5000/team/app:1.0 (linux/amd64)'],
        ['layer', layer(2).diffId],
        ['file', '/b'],
      ],
    );
    assert.equal(run.logicalLocations.length, 4);
  });

  it('is identified by the fingerprint of the finding, and numbered where that does not suffice', () => {
    const [run] = parsed(
      report({ findings: [finding({ secretFingerprint: 'feed' }), finding({ place: file('/app/.env', 9) }), finding({ place: file('/other') })] }),
    ).runs;
    assert.deepEqual(run.results[0].partialFingerprints, {
      primaryLocationLineHash: '0123456789abcdef:1',
      'unbakeFinding/v1': '0123456789abcdef',
      'unbakeSecret/v1': 'feed',
    });
    assert.deepEqual(
      run.results.map((result: any) => result.partialFingerprints.primaryLocationLineHash),
      ['0123456789abcdef:1', '0123456789abcdef:2', '0123456789abcdef:1'],
    );
    assert.ok(!('unbakeSecret/v1' in run.results[1].partialFingerprints));
  });

  it('has the level of its severity', () => {
    const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' } as const;
    for (const severity of ['critical', 'high', 'medium', 'low', 'info'] as const) assert.equal(resultOf({ severity }).level, levels[severity]);
  });

  it('names the weakness of environment variables and of deletions that deleted nothing', () => {
    const env = resultOf({ place: { kind: 'metadata', pointer: 'config.Env[3]', position: position() } });
    assert.ok(env.properties.tags.includes('external/cwe/cwe-526'));
    const deleted = resultOf({ fate: { kind: 'deleted', byLayer: 3 } });
    assert.ok(deleted.properties.tags.includes('external/cwe/cwe-212'));
    assert.deepEqual([deleted.properties.fate, deleted.properties.fateByLayer], ['deleted', 3]);
    assert.deepEqual(
      [deleted.properties.layerIndex, deleted.properties.layerDigest, deleted.properties.diffId],
      [2, layer(2).digest, layer(2).diffId],
    );
  });

  it('carries suppressions with their reasons', () => {
    assert.deepEqual(resultOf({ suppression: { by: 'ignorefile', reason: 'a sample' } }).suppressions, [
      { kind: 'external', status: 'accepted', justification: 'a sample' },
    ]);
    assert.equal(resultOf({ suppression: { by: 'baseline' } }).suppressions[0].justification, 'In the baseline.');
    assert.ok(!('suppressions' in resultOf({})));
  });

  it('has no placeholders or links that a path made up', () => {
    const { message } = resultOf({ place: file('/{0}[x](1)') });
    assert.ok(message.text.includes('/{{0}}[x] (1)'));
  });

  it('survives a path that names the marker of the builder', () => {
    assert.equal(resultOf({ place: file('/SARIF_BUILDER_INVALID') }).locations[0].physicalLocation.artifactLocation.uri, 'app/SARIF_BUILDER_INVALID');
  });

  it('holds the value only with showSecrets', () => {
    assert.ok(!('secret' in resultOf({}).properties));
    assert.equal(parsed(report({ findings: [finding()] }), { showSecrets: true }).runs[0].results[0].properties.secret, tokenValue);
  });
});

describe('a rule of the SARIF report', () => {
  it('tells GitHub severity, precision, tags and how to rotate', () => {
    const [run] = parsed(report({ findings: [finding()] })).runs;
    const [described] = run.tool.driver.rules;
    assert.equal(described.id, 'unbake/github-token');
    assert.equal(described.name, 'GitHubToken');
    assert.deepEqual(described.properties, {
      'security-severity': '9.5',
      precision: 'high',
      tags: ['security', 'secret', 'container', 'external/cwe/cwe-798'],
    });
    assert.match(described.help.text, /Revoke it in the settings/);
    assert.match(described.help.markdown, /\*\*What to do:\*\* Revoke it/);
    assert.equal(described.helpUri, rule().references[0]);
    assert.equal(run.results[0].ruleIndex, 0);
  });

  it('is there even when the report does not describe it', () => {
    const [run] = parsed(report({ findings: [finding({ ruleId: 'unheard-of' })], rules: [] })).runs;
    assert.equal(run.tool.driver.rules[0].id, 'unbake/unheard-of');
    assert.equal(run.tool.driver.rules[run.results[0].ruleIndex].id, run.results[0].ruleId);
  });

  it('keeps to the lengths that GitHub takes', () => {
    const long = rule({ name: 'n'.repeat(400), description: 'd'.repeat(3000) });
    const [described] = parsed(report({ findings: [finding()], rules: [long] })).runs[0].tool.driver.rules;
    assert.ok(described.name.length <= 255);
    assert.ok(described.fullDescription.text.length <= 1024);
    assert.ok(described.shortDescription.text.length <= 256);
  });
});
