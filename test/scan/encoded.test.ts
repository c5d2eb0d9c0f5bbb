// Secrets that stand encoded, in files, headers and metadata of an image: each is found once, where its encoded text stands, and the
// report says how it was encoded.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Finding } from '../../src/model/finding.ts';
import type { ScannedStore } from '../../src/scan/scan.ts';
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { scanLayer } from '../../src/scan/scan-layer.ts';
import { wordsForPlace } from '../../src/report/wording.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble, type ImagePlan } from '../support/image.ts';
import { githubToken, password, privateKey, slackToken, stripeKey } from '../support/planted.ts';
import { file, pax, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { inChunks } from '../view/nested/walked.ts';
import { inAllFormats, scanned } from './cache/cached.ts';
import { packagedRuleset } from '../clean/cleaning.ts';

const token = githubToken('encoded');
const pem = privateKey('ed25519', 'encoded');
const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
const wrapped = (text: string, indent = '', width = 76) =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).map((line) => `${indent}${line}\n`).join('');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

type Found = ScannedStore['report'];

/** What a file holds, where in it the encoded text begins, and how it is encoded. */
interface Case {
  readonly name: string;
  readonly body: string | Buffer;
  readonly value: string;
  readonly line: number;
  readonly decoded: string;
}

const words = 'These are words in front of it, and there are quite many of them, so that it is long. ';
const cases: Readonly<Record<string, Case>> = {
  'a Kubernetes Secret': {
    name: 'k8s/secret.yaml',
    body: `apiVersion: v1\nkind: Secret\nmetadata:\n  name: github\ndata:\n  token: ${base64(token)}\n`,
    value: token,
    line: 6,
    decoded: 'base64',
  },
  'a YAML block of wrapped base64': {
    name: 'k8s/config.yaml',
    body: `config: |\n${wrapped(base64(`${words}\ngithub_token = ${token}\n${words}`), '  ')}end: true\n`,
    value: token,
    line: 3,
    decoded: 'base64',
  },
  'base64url in a query': {
    name: 'links.txt',
    body: `GET /x?state=${Buffer.from(`???>>>${words}token=${token}`).toString('base64url')}\n`,
    value: token,
    line: 1,
    decoded: 'base64',
  },
  'base64 of base64': { name: 'twice.txt', body: `value: ${base64(base64(`token=${token}`))}\n`, value: token, line: 1, decoded: 'base64 base64' },
  'gzip in base64': {
    name: 'release.txt',
    body: `release: ${base64(gzipSync(`${words}token=${token}\n`))}\n`,
    value: token,
    line: 1,
    decoded: 'base64 gunzip',
  },
  'hexadecimal digits': {
    name: 'dump.txt',
    body: `# dump\nx = ${Buffer.from(`token=${token};`).toString('hex')}\n`,
    value: token,
    line: 2,
    decoded: 'hex',
  },
  'percent escapes': {
    name: 'request.txt',
    body: `POST\nq=${Array.from(`token=${token}`, (each) => `%${each.charCodeAt(0).toString(16)}`).join('')}\n`,
    value: token,
    line: 2,
    decoded: 'percent',
  },
  'escapes of a string in a program': {
    name: 'app.js',
    body: `const a = 1;\nconst token = '${Array.from(token, (each) => `\\x${each.charCodeAt(0).toString(16)}`).join('')}';\n`,
    value: token,
    line: 2,
    decoded: 'backslash',
  },
  'an encoded command of PowerShell': {
    name: 'start.ps1',
    body: `powershell -NoProfile -EncodedCommand ${base64(Buffer.from(`$env:GITHUB_TOKEN = "${token}"; Start-Service app`, 'utf16le'))}\n`,
    value: token,
    line: 1,
    decoded: 'base64 utf-16le',
  },
  'a private key in base64': { name: 'values.yaml', body: `tls:\n  key: ${base64(pem)}\n`, value: pem.trim(), line: 2, decoded: 'base64' },
};

describe('what stands encoded', function () {
  this.timeout(60_000);
  const place = scratch();

  async function reported(plan: ImagePlan): Promise<{ report: Found; formats: Record<string, string> }> {
    const result = await scanned(place.file(archive(ociLayout(assemble(plan)))));
    return { report: result.report, formats: await inAllFormats(result) };
  }
  const about = ({ findings }: Found, value: string): Finding[] => findings.filter(({ secret }) => secret.reveal().includes(value));

  for (const [what, { name, body, value, line, decoded }] of Object.entries(cases)) {
    it(`in ${what} is found once, at the encoded text, and every report says how`, async () => {
      const { report, formats } = await reported({ layers: [{ entries: [file(name, body)] }] });
      const [finding, ...others] = about(report, value);
      assert.ok(finding, 'it is not found');
      assert.deepEqual(
        others.map((other) => wordsForPlace(other.place)),
        [],
      );
      const { place: at } = finding;
      assert.ok(at.kind === 'file');
      assert.equal(finding.decoded?.join(' '), decoded);
      assert.equal(at.position.line, line);
      const { offset, length } = at.position;
      assert.ok(offset > 0 && length > 0 && offset + length <= Buffer.byteLength(body as string));
      if (typeof body === 'string') assert.equal(body.slice(0, offset).split('\n').length, line);
      const steps = decoded.split(' ');
      assert.ok(formats['text'].includes(`encoded there: ${steps.join(', ')}`));
      assert.deepEqual(
        JSON.parse(formats['json']).findings.map((each: Finding) => each.decoded),
        report.findings.map((each) => each.decoded),
      );
      const results = JSON.parse(formats['sarif']).runs[0].results as { message: { text: string }; properties: { decoded?: string[] } }[];
      assert.ok(
        results.some(
          ({ message, properties }) => message.text.includes(`Encoded as: ${steps.join(', ')}.`) && properties.decoded?.join(' ') === decoded,
        ),
      );
    });
  }

  it('is found in the auths of docker, at the value', async () => {
    const secret = password('registry');
    const body = JSON.stringify({ auths: { 'registry.example.org': { auth: base64(`deploy:${secret}`) } } });
    const { report } = await reported({ layers: [{ entries: [file('root/.docker/config.json', body)] }] });
    const [finding] = report.findings;
    assert.ok(finding && finding.place.kind === 'file');
    const { offset, length } = finding.place.position;
    assert.ok(base64(`deploy:${secret}`).includes(body.slice(offset, offset + length)));
    assert.equal(report.findings.length, 1);
  });

  it('is found in a file of UTF-16, which is no encoding to speak of', async () => {
    const { report } = await reported({ layers: [{ entries: [file('wide.txt', utf16(`one\r\ntoken=${token}\r\n`))] }] });
    assert.deepEqual(
      about(report, token).map((finding) => [wordsForPlace(finding.place), finding.decoded]),
      [['/wide.txt:2:7', undefined]],
    );
  });

  it('is found in variables, instructions, labels, names and attributes', async () => {
    const [inEnv, inHistory, inLabel, inAttribute] = [githubToken('env'), slackToken('history'), stripeKey('label'), githubToken('attribute')];
    const { report } = await reported({
      layers: [{ entries: [pax([['SCHILY.xattr.user.note', base64(`${words} token=${inAttribute}`)]]), file('a', 'x')] }],
      config: { Env: [`SETTINGS=${base64(`${words} token=${inEnv}`)}`], Labels: { note: base64(base64(`token: ${inLabel}`)) } },
      emptyLayers: [{ before: 0, createdBy: `RUN echo ${base64(`slack_token=${inHistory} # the token of slack`)} | base64 -d > /etc/slack` }],
    });
    const placesOf = (value: string) =>
      about(report, value).map((finding) => `${finding.place.kind} ${wordsForPlace(finding.place)} ${finding.decoded?.join(' ')}`);
    assert.deepEqual(placesOf(inEnv), ['metadata config.Env[0] base64']);
    assert.deepEqual(placesOf(inHistory), ['metadata history[0].created_by base64']);
    assert.equal(about(report, inLabel).length, 1);
    assert.equal(about(report, inLabel)[0].place.kind, 'metadata');
    assert.deepEqual(placesOf(inAttribute), ['header /a (header of the entry) base64']);
  });

  it('is told once beside its plain text, each at its own place', async () => {
    const body = `plain=${token}\nencoded=${base64(`the token is ${token} as always`)}\n`;
    const { report } = await reported({ layers: [{ entries: [file('both.txt', body)] }] });
    assert.deepEqual(
      about(report, token).map(({ place: at, decoded }) => [at.position.line, decoded?.join(' ')]),
      [
        [1, undefined],
        [2, 'base64'],
      ],
    );
  });

  it('is the same however the layer is cut', async () => {
    const ruleset = await packagedRuleset();
    const layer = tar(...Object.values(cases).map(({ name, body }) => file(name, body)));
    const inWords = async (chunk: number) => {
      const { sightings } = await scanLayer(inChunks(layer, chunk), { ruleset, limits: defaultLimits });
      return sightings.map(({ detection, position, decoded }) => JSON.stringify([detection.ruleId, position, decoded]));
    };
    const whole = await inWords(layer.length);
    assert.equal(whole.length >= Object.keys(cases).length, true);
    for (const chunk of [1, 100, 513]) assert.deepEqual(await inWords(chunk), whole);
    assert.ok((await scanLayer(blobOf(layer), { ruleset, limits: defaultLimits })).skipped.length === 0);
  });

  it('is found in what is packed, and both ways are told', async () => {
    const { report } = await reported({
      layers: [{ entries: [file('a.tgz', gzipSync(tar(file('etc/secret.txt', `x: ${base64(`token=${token}`)}\n`))))] }],
    });
    assert.deepEqual(
      about(report, token).map((finding) => [wordsForPlace(finding.place).replace(/:\d+$/, ''), finding.decoded]),
      [['/a.tgz!/gunzip!/etc/secret.txt:1', ['base64']]],
    );
  });
});
