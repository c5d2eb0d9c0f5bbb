// Values that stand encoded in documents: each is found decoded, and the way back leads to the bytes that hold it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type DecodedRun, EncodedText } from '../../../src/view/encoded/encoded.ts';
import { awsSecretKey, githubToken, jwt, password, privateKey } from '../../support/planted.ts';
import { randomNumbers } from '../../support/random.ts';
import { base64, encodings, found, runsIn, wraps } from './finding.ts';

/** Words that make a text of some length without a run in it. */
function prose(seed: number, length: number): string {
  const next = randomNumbers(seed);
  const words = ['the', 'image', 'layer', 'of', 'settings.', 'build', 'to', 'server,', 'path', 'or', '/usr/lib/x', 'name_of_it', 'port=80', '100%'];
  let text = '';
  while (text.length < length) text += `${words[Math.floor(next() * words.length)]}${next() < 0.1 ? '\n' : ' '}`;
  return text.slice(0, length);
}

function noise(seed: number, length: number): Buffer {
  const next = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(next() * 256)));
}

const secret = githubToken('encoded');
const settings = `{"user": "deploy", "token": "${secret}", "url": "https://example.org/a?b=c"}`;

describe('EncodedText', () => {
  for (const { steps, encode, decode } of encodings) {
    it(`reads ${steps}: ${encode('sample').slice(0, 24)}`, () => {
      for (const [before, after] of [
        ['', ''],
        ['value: ', '\n'],
        ['x = "', '";'],
        ['prose before it\n', ' and behind it'],
        ['\0\0', '\0'],
      ]) {
        const hits = found(`${before}${encode(settings)}${after}`, secret).filter((hit) => hit.steps === steps);
        assert.equal(hits.length, 1, `between ${JSON.stringify(before)} and ${JSON.stringify(after)}`);
        const { source } = hits[0];
        if (decode !== undefined) {
          assert.ok(decode(source).includes(secret), 'the source decodes to the value');
          assert.ok(source.length <= encode(secret).length + 12, 'and is hardly longer');
        } else assert.ok(encode(settings).includes(source), 'the source is of the run');
      }
    });
  }

  for (const [name, wrap] of Object.entries(wraps)) {
    it(`reads base64 in ${name}`, () => {
      const text = `${settings}\n${'?>~~'.repeat(20)}\nPASSWORD=${password('wrapped')}${'\xff'.repeat(3)}\n`.repeat(3);
      const hits = found(wrap(base64(Buffer.from(text))), password('wrapped'));
      // A line that holds the value by itself may come once more.
      const whole = hits.find(({ run }) => run.bytes.includes(text.slice(20, -8)));
      assert.ok(whole !== undefined, 'all of it');
      const clean = whole.source.replaceAll(/" \+\n|\\[nr]|[^A-Za-z0-9+/=]/g, '');
      assert.ok(Buffer.from(clean, 'base64').includes(password('wrapped')), whole.source);
    });
  }

  it('reads the lines of a list one by one', () => {
    const texts = ['one', 'two'].map((seed) => `token: ${password(seed)}, and more`);
    // Of whole groups, as the first line of what is wrapped.
    const [first, second] = texts.map((text) => base64(text.padEnd(Math.ceil(text.length / 3) * 3, '.')));
    const runs = found(`${first}\n${second}\n`, password('two')).map(({ run }) => run.bytes.toString());
    assert.ok(
      runs.some((run) => run.startsWith(texts[1])),
      JSON.stringify(runs),
    );
  });

  it('ends a run where the value ends', () => {
    const key = awsSecretKey('last');
    const line = `aws_secret_access_key = ${key}`;
    for (const after of ['\nusername: admin', '\nanother_long_name_of_something_else: 1', '",\n"name": "x"', '\n-----END', '\nFOO=bar\n'])
      assert.deepEqual(
        found(`a: ${base64(line)}${after}`, key).map(({ run }) => run.bytes.toString()),
        [line],
        JSON.stringify(after),
      );
  });

  it('reads a URL with some escapes as a whole', () => {
    const [hit] = found('DATABASE=postgres%3A%2F%2Fuser%3Apass%40host.example.org/name and more', 'pass');
    assert.equal(hit.run.bytes.toString(), 'DATABASE=postgres://user:pass@host.example.org/name');
    assert.equal(hit.source, 'pass');
    const [other] = found('{"url": "https:\\u002f\\u002fuser\\u003apass\\u0040host\\/path"}', 'user:pass@host/');
    assert.equal(other.source, 'user\\u003apass\\u0040host\\/');
  });

  it('reads short values only where they are like user:password', () => {
    assert.equal(found(`"auth": "${base64('docker-user:hunter22')}"`, 'hunter22').length, 1);
    assert.deepEqual(runsIn(`"name": "${base64('just some words here')}"`), []);
    assert.deepEqual(runsIn(`"auth": "${base64('docker-user:hunter\x0122')}"`), []);
  });

  it('reads the parts of a JSON Web Token and keys in PEM', () => {
    assert.ok(found(`Authorization: Bearer ${jwt('someone with a name')}`, '"alg":"HS256"').length <= 1);
    assert.equal(found(jwt('someone with a name'), '"role":"admin"').length, 1);
    const pem = privateKey('ed25519', 'in base64');
    assert.equal(found(`key: ${base64(pem)}`, pem).length, 1);
  });

  it('tells the same whatever the chunks', () => {
    const planted = encodings.map(({ encode }, index) => encode(`${settings} ${githubToken(`chunk ${index}`)}`));
    const parts = planted.flatMap((each, index) => [
      prose(index, 3000 + index * 500),
      '\n',
      each,
      '\n',
      noise(index, 1000),
      '\n',
      prose(index, 2000),
    ]);
    const wrapped = Object.values(wraps).map((wrap) => `\n${wrap(base64(settings.repeat(9)))}\n`);
    const long = base64(settings.repeat(3000));
    const document = Buffer.concat(
      [...parts, ...wrapped, '\n', long, '\n', base64(gzipSync(noise(7, 90_000).toString('hex') + settings))].map((part) => Buffer.from(part)),
    );
    const told = (runs: readonly DecodedRun[]) =>
      runs.map(({ steps, bytes, start, end, sourceOf }) => [steps, start, end, createHash('sha1').update(bytes).digest('hex'), sourceOf(9, 20)]);
    const whole = told(runsIn(document, [document.length]));
    encodings.forEach((_, index) => assert.ok(found(document, githubToken(`chunk ${index}`)).length > 0, `value ${index}`));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        assert.deepEqual(told(runsIn(document, sizes)), whole);
      }),
      { numRuns: 25 },
    );
  });

  it('finds a value at any place of a document, at the borders of blocks too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...encodings),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (encoding, back, blocks, seed) => {
          const before = prose(seed, blocks * 65536 - back);
          const document = `${before}\n${encoding.encode(settings)}\n${prose(seed + 1, 3000)}`;
          const hits = found(document, secret).filter(({ steps }) => steps === encoding.steps);
          assert.ok(hits.length > 0, encoding.steps);
          // Words behind the last line may be taken for the rest of something compressed.
          const end = before.length + 1 + encoding.encode(settings).length;
          for (const { run } of hits) {
            assert.ok(run.start >= before.length, 'its place');
            const behind = document.slice(end, run.end);
            assert.ok(behind.trim().split(/\s+/).length <= 2, `two words at most: ${JSON.stringify(behind)}`);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('hands over long runs in slices in which every value is whole once at least', () => {
    const values = Array.from({ length: 600 }, (_, index) => githubToken(`slice ${index}`));
    const text = values.map((value, index) => `${prose(index, 400)} ${value}\n`).join('');
    for (const { steps, encode } of encodings) {
      const document = `value: "${encode(text)}"`;
      const runs = runsIn(document).filter((run) => run.steps.join(' ') === steps);
      for (const run of runs) assert.ok(run.bytes.length <= 64 * 1024, `${steps}: a slice of ${run.bytes.length}`);
      // What is encoded in words and lists of bytes is a document of lines here.
      const missing = values.filter((value) => !runs.some((run) => run.bytes.includes(value)));
      const isCut = steps === 'base64 gunzip base64';
      assert.ok(missing.length <= (isCut ? 8 : 0), `${steps}: ${missing.length} are missing`);
    }
  });

  it('leaves nothing out between the slices of a list of bytes', () => {
    const text = prose(3, 40_000);
    fc.assert(
      fc.property(
        fc.constantFrom(' ', ',', ', ', ',\n  '),
        fc.integer({ min: 0, max: 70_000 }),
        fc.integer({ min: 1000, max: 70_000 }),
        (between, before, size) => {
          const list = Array.from(Buffer.from(text), (byte) => `0x${byte.toString(16)}`).join(between);
          const runs = runsIn(`${' '.repeat(before)}${list};`, [size]);
          let end = before;
          for (const run of runs.filter(({ steps }) => steps.join() === 'bytes')) {
            assert.ok(run.start <= end + between.length, `${end} to ${run.start}`);
            end = run.end;
          }
          assert.equal(end, before + list.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('begins anew behind a jump and behind the end', () => {
    const runs: DecodedRun[] = [];
    const finder = new EncodedText((run) => runs.push(run));
    const text = base64(settings);
    finder.write(Buffer.from(text.slice(0, 60)), 0);
    finder.write(Buffer.from(text), 1000);
    finder.end();
    finder.write(Buffer.from(text), 0);
    finder.end();
    assert.deepEqual(
      runs.map(({ start, end }) => [start, end]),
      [
        [0, 60],
        [1000, 1000 + text.length],
        [0, text.length],
      ],
    );
  });
});
