// Whatever stands in whatever: each secret is written over in its place, everything else is as it was, and the cleaning is proved.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Entry, printablePath } from '../../src/model/entry.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { nestings } from '../scan/nestings.ts';
import { apartOf, kindOf } from '../view/nested/walked.ts';
import { cleaned, contentOf, scanned } from './cleaning.ts';

const short = ['hunter', '2'].join('');
const token = githubToken('cleaned at random');
const lines = fc.constantFrom(
  `spring.datasource.password=${short}\n`,
  `# the word ${short} is no secret\n`,
  `github.token=${token}\n`,
  `note = ${Buffer.from(`the token is ${token}, keep it`).toString('base64')}\n`,
  'server.port=8080\n',
  'größe=ü\n',
);
const texts = fc.array(lines, { minLength: 1, maxLength: 5 }).map((all) => all.join(''));

function withoutSecrets(text: string): RegExp {
  const exact = text
    .replaceAll(`password=${short}`, `password=${'x'.repeat(short.length)}`)
    .replaceAll(token, 'x'.repeat(token.length))
    .replace(/[$()*+.?[\]^{|}\\]/g, '\\$&');
  // Groups of base64 that the token shares with its neighbours may go with it.
  return new RegExp(
    `^${exact.replace(/note = \S+/g, (line) => `note = (?=\\S{${line.replaceAll('\\', '').length - 7}}\\n)[A-Za-z0-9]*x{50,}[A-Za-z0-9=]*`)}$`,
  );
}

describe('cleaning files in files, at random', function () {
  this.timeout(240_000);
  const place = scratch();

  it('writes over what is secret and nothing else', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(nestings(texts), { minLength: 1, maxLength: 3 }), async (all) => {
        const entries = all.map(({ bytes }, index) => file(`srv/f${index}.properties`, bytes));
        const { output, report } = await cleaned(place, { layers: [{ entries, compression: 'gzip' }] });
        const steps = report.plan.steps.flatMap((step) => (step.kind === 'file' ? [step] : []));
        assert.ok(
          steps.every(({ treatment }) => treatment === 'redact' || treatment === 'rewrite'),
          JSON.stringify(steps),
        );
        changed += steps.length;
        const scan = await scanned(output);
        assert.equal(scan.report.findings.length, 0);
        const [{ layers }] = (await contentOf(output)).images;
        const bodies = bodiesOf([...scan.layers.values()][0].entries, layers[0].bytes);
        for (const [index, { texts: before }] of all.entries()) {
          const body = bodies.get(`/srv/f${index}.properties`)!;
          const after = before.has('')
            ? new Map([['', body]])
            : new Map([...(await apartOf(body))].map(([way, bytes]) => [way.replaceAll(' > ', '!/'), bytes]));
          assert.deepEqual([...after.keys()], [...before.keys()]);
          for (const [way, text] of before) assert.match(after.get(way)!.toString(), withoutSecrets(text));
          if (!before.has('')) kindOf(body);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(changed > 20);
  });
});

function bodiesOf(entries: readonly Entry[], layer: Buffer): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(layer);
  return new Map(entries.map((entry) => [printablePath(entry.path), tar.subarray(entry.span.start + 512, entry.span.start + 512 + entry.size)]));
}
