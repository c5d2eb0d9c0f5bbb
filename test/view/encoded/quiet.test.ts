// What looks encoded and holds nothing to read is passed over, and hostile bytes cost no more than a bounded time and memory.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { EncodedText } from '../../../src/view/encoded/encoded.ts';
import { privateKey } from '../../support/planted.ts';
import { randomNumbers } from '../../support/random.ts';
import { base64, runsIn } from './finding.ts';

function noise(seed: number, length: number): Buffer {
  const next = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(next() * 256)));
}

const lines64 = (bytes: Buffer) => base64(bytes).replaceAll(/.{64}/g, '$&\n');
const digest = (seed: number, kind = 'sha256', form: 'hex' | 'base64' = 'hex') => createHash(kind).update(String(seed)).digest(form);
const many = (count: number, write: (index: number) => string) => Array.from({ length: count }, (_, index) => write(index)).join('\n');

describe('EncodedText is quiet about', () => {
  const cases: Record<string, Buffer | string> = {
    'random bytes': noise(1, 3_000_000),
    'random bytes in base64': base64(noise(2, 1_000_000)),
    'random bytes in lines of base64': lines64(noise(3, 1_000_000)),
    'random bytes in hexadecimal': noise(4, 500_000).toString('hex'),
    'lists of random bytes': Array.from(noise(5, 30_000), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', '),
    checksums: many(5000, (index) => `${digest(index)}  usr/lib/file-${index}`) + many(5000, (index) => digest(index, 'md5')),
    'checksums in base64': many(5000, (index) => `"integrity": "sha512-${digest(index, 'sha512', 'base64')}",`),
    UUIDs: many(5000, (index) => digest(index).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')),
    'long paths and names': many(
      5000,
      (index) => `/usr/share/${digest(index).replaceAll(/[^a-f]/g, '')}/some_long_name_of_a_file/AnotherLongName${index}`,
    ),
    'names of constants': many(5000, (index) => `#define SOME_VERY_LONG_CONSTANT_NAME_WITH_A_NUMBER_${index} ${index}`),
    'keys and certificates in PEM': privateKey('rsa').repeat(20) + privateKey('ed25519', 'quiet'),
    'names in DER': lines64(
      Buffer.from(`1\x0b0\t\x06\x03U\x04\x06\x13\x02US1\x1e0\x1c\x06\x03U\x04\n\x13\x15Some Corporation of it1\x0f0\r`.repeat(40)),
    ),
    'a picture in base64': `data:image/png;base64,${base64(Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), noise(6, 90_000)]))}`,
    'text with some escapes': many(3000, (index) => `100%25 of caf\\u00e9 and \\x00-\\x1f, see https://example.org/a%20b/${index}`),
    'text in other scripts':
      encodeURIComponent('привет '.repeat(2000)) +
      JSON.stringify('漢字'.repeat(5000)).replaceAll(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`),
    zeros: Buffer.alloc(1_000_000),
    'one letter': Buffer.alloc(1_000_000, 'A'),
    'the code of this project': readFileSync(new URL('../../../src/view/encoded/dense-runs.ts', import.meta.url)),
    'the code of a library': readFileSync(new URL('../../../node_modules/commander/lib/command.js', import.meta.url)),
    'a locked list of packages': readFileSync(new URL('../../../package-lock.json', import.meta.url)),
  };
  for (const [name, bytes] of Object.entries(cases))
    it(name, () => {
      assert.deepEqual(
        runsIn(bytes).map((run) => `${run.steps.join(' ')} ${run.bytes.toString('latin1').slice(0, 60)}`),
        [],
      );
    });
});

describe('EncodedText on hostile bytes', () => {
  it('cuts a bomb, and reads what it begins with', () => {
    const bomb = base64(gzipSync(Buffer.concat([Buffer.from('the first line\n'), Buffer.alloc(100_000_000, 'A')])));
    let length = 0;
    let isBeginSeen = false;
    const finder = new EncodedText((run) => {
      length += run.bytes.length;
      isBeginSeen ||= run.bytes.includes('the first line');
    });
    finder.write(Buffer.from(bomb), 0);
    finder.end();
    assert.ok(isBeginSeen);
    assert.ok(length < 5 * 2 ** 20, `${length} bytes`);
  });

  it('bounds what many bombs expand to together', () => {
    const bomb = `${base64(gzipSync(Buffer.alloc(4_000_000, ' ')))} `;
    let length = 0;
    const finder = new EncodedText((run) => (length += run.bytes.length));
    let at = 0;
    for (let count = 0; count < 60; count++, at += bomb.length) finder.write(Buffer.from(bomb), at);
    finder.end();
    assert.ok(length > 2 ** 25 && length < 2 ** 27, `${length} bytes`);
  });

  it('reads what stands before a break in compressed data', () => {
    const whole = gzipSync(`first words of it ${noise(8, 20_000).toString('hex')}`);
    const broken = Buffer.concat([whole.subarray(0, 9000), noise(9, 5000)]);
    assert.ok(runsIn(base64(broken)).some((run) => run.bytes.includes('first words of it')));
    assert.ok(runsIn(base64(whole.subarray(0, 9000))).some((run) => run.bytes.includes('first words of it')));
  });

  it('gives ranges inside the document, for anything', () => {
    const piece = fc.constantFrom(
      'QUJD',
      'A',
      '=',
      '==',
      '\n',
      '"',
      '" + "',
      '\\n',
      '\\',
      '\\/',
      '/',
      '+',
      '%41',
      '%',
      '%4',
      '\\x41',
      '\\x',
      '\\u00',
      '\\u0041',
      '\\101',
      '\\1',
      '0x',
      '0x41, ',
      '41',
      '1f8b08',
      'H4sI',
      'eJw',
      'SDRzSU',
      ' ',
      '\0',
      '\xff',
      'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w',
      '0x41, '.repeat(20),
      '%41%42%43%44',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 120 }), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 300 }), (parts, size, times) => {
        const document = Buffer.from(parts.join('').repeat(times), 'latin1');
        for (const run of runsIn(document, [size * 1000])) {
          assert.ok(0 <= run.start && run.start < run.end && run.end <= document.length, `${run.start} ${run.end}`);
          assert.ok(run.bytes.length <= 64 * 1024 && run.steps.length <= 3);
          for (const [from, to] of [
            [0, run.bytes.length],
            [run.bytes.length >> 1, run.bytes.length],
            [0, 1],
          ]) {
            const source = run.sourceOf(from, to);
            assert.ok(run.start <= source.start && source.start <= source.end && source.end <= run.end, `${source.start} ${source.end}`);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('passes over endless runs of every kind', () => {
    const patterns = [
      'A',
      'QUJD',
      '%',
      '%41',
      '%4',
      '\\x41',
      '\\x',
      '\\',
      '0x',
      '0x41,',
      '0x00,',
      'QUJD\n',
      '"+"',
      'a\n',
      '\\/',
      '4142',
      '=',
      'H4sIAAAA',
      'QUJDREVGR0hJSktMQUJDREVGR0hJSktMQUJDREVG"',
    ];
    for (const pattern of patterns) {
      let out = 0;
      const finder = new EncodedText((run) => (out += run.bytes.length));
      const chunk = Buffer.alloc(pattern.length * 20_000, pattern);
      for (let at = 0; at < 2_000_000; at += chunk.length) {
        finder.write(chunk, at);
        assert.ok(at + chunk.length - finder.pendingFrom <= 200_000, `${pattern} keeps little`);
      }
      finder.end();
      assert.ok(out < 4_000_000, `${pattern} gives ${out}`);
    }
  });
});
