// Documents of any length in pieces of any size, with rules of three lines: what must be found can be computed naively.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import { DocumentScanner } from '../../src/scan/document-scanner.ts';
import type { Sighting } from '../../src/scan/kept-sightings.ts';
import { smallRuleset, token, tokenPattern, tokenRule } from './small-rules.ts';

interface Told {
  readonly found: readonly string[];
  readonly sightings: readonly Sighting<string>[];
  readonly failed: readonly string[];
  readonly limited: readonly string[];
}

type Piece = { readonly bytes: Buffer; readonly offset?: number };

async function scanned(pieces: readonly Piece[], ruleset = smallRuleset(tokenRule), limits: Limits = defaultLimits): Promise<Told> {
  const sightings: Sighting<string>[] = [];
  const failed: string[] = [];
  const limited: string[] = [];
  const scanner = new DocumentScanner<string>(ruleset, limits, {
    found: (sighting) => sightings.push(sighting),
    failed: (origin, failure, offset) => failed.push(`${origin} ${failure.ruleId} ${offset}`),
    limited: (origin, limit, _detail, offset) => limited.push(`${origin} ${limit} ${offset}`),
  });
  scanner.begin('name', 'document');
  for (const { bytes, offset } of pieces) {
    const copy = Buffer.from(bytes);
    if (offset === undefined) scanner.write(copy);
    else scanner.write(copy, offset);
    copy.fill('#');
    if (scanner.isFull) await scanner.settle();
  }
  scanner.end();
  await scanner.settle();
  return { found: sightings.map(inWords), sightings, failed, limited };
}

function inWords({ detection, position: { line, column, endLine, endColumn, offset, length } }: Sighting<string>): string {
  return `${detection.secret.reveal()} ${line}:${column}-${endLine}:${endColumn} ${offset}+${length}`;
}

/** By the letter of the contract, over a text in one piece. */
function naive(text: string, bytesBefore = 0): string[] {
  return [...text.matchAll(tokenPattern)].map((match) => {
    const before = text.slice(0, match.index);
    const line = before.split('\n').length;
    const column = match.index - before.lastIndexOf('\n');
    return `${match[0]} ${line}:${column}-${line}:${column + match[0].length} ${bytesBefore + Buffer.byteLength(before)}+${match[0].length}`;
  });
}

function cut(bytes: Buffer, sizes: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length];
    pieces.push({ bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return pieces;
}

const filler = fc.constantFrom(
  'a',
  ' ',
  '\n',
  '\r\n',
  'ä',
  '€',
  '😀',
  'tok_',
  'tok_short',
  '=',
  '"',
  'word '.repeat(20),
  'x'.repeat(3000),
  '\n'.repeat(50),
  'ü'.repeat(700),
);
const planted = fc.nat(1e6).map(token);
const texts = fc
  .array(fc.oneof({ weight: 3, arbitrary: filler }, { weight: 1, arbitrary: planted }), { maxLength: 60 })
  .map((parts) => parts.join(''));
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 5000 }), fc.constantFrom(65_536)), {
  minLength: 1,
  maxLength: 5,
});

describe('DocumentScanner', () => {
  it('finds what a naive search finds, with line, column and offset, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, async (text, chunks) => {
        const { found, failed, limited } = await scanned(cut(Buffer.from(text), chunks));
        assert.deepEqual(found, naive(text));
        assert.deepEqual([failed, limited], [[], []]);
      }),
      { numRuns: 150 },
    );
  });

  it('finds it in long documents too, over every border there is', async () => {
    const part = fc.oneof(
      { weight: 2, arbitrary: filler },
      { weight: 2, arbitrary: planted.map((text) => ` ${text} `) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 70_000 }).map((length) => 'long line '.repeat(length / 10)) },
      { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }).map((length) => 'y'.repeat(length)) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 30 }), sizes, async (parts, chunks) => {
        const text = parts.join('');
        assert.deepEqual((await scanned(cut(Buffer.from(text), [...chunks, 65_536]))).found, naive(text));
      }),
      { numRuns: 40 },
    );
  });

  it('finds a token at every place around the borders of its pieces', async () => {
    for (const border of [65_536, 131_072]) {
      for (let start = border - 40; start < border + 40; start += 3) {
        const text = `${'-'.repeat(start)} ${token(start)}\n`;
        assert.deepEqual((await scanned([{ bytes: Buffer.from(text) }])).found, naive(text), `at ${start}`);
      }
    }
  });

  for (const [name, rule, value] of [
    ['begins with its keyword, with a reach of none before', { ...tokenRule, reach: { before: 0, after: 8 } }, token(1)],
    [
      'ends with its keyword, with a reach of none behind',
      { ruleId: 'back', pattern: /[a-z0-9]{8}_kot/g, keywords: ['_kot'], reach: { before: 12, after: 0 } },
      'abcd1234_kot',
    ],
    [
      'begins exactly as far before its keyword as it may',
      { ruleId: 'exact', pattern: /[a-z0-9]{8}_kot/g, keywords: ['_kot'], reach: { before: 8, after: 8 } },
      'abcd1234_kot',
    ],
  ] as const) {
    it(`finds a match that ${name}`, async () => {
      const { found } = await scanned([{ bytes: Buffer.from(`one line\n= ${value} ${'z '.repeat(3000)}`) }], smallRuleset(rule));
      assert.deepEqual(found, [`${value} 2:3-2:15 11+12`]);
    });
  }

  it('finds tokens of rules with reaches of different lengths side by side', async () => {
    const far = { ruleId: 'far', pattern: /begin[^#]{1,3000}anchor/g, keywords: ['anchor'], reach: { before: 4000, after: 8 } };
    const text = `${'. '.repeat(500)}begin ${'x '.repeat(800)}${token(5)} anchor ${'. '.repeat(500)}`;
    const { sightings } = await scanned([{ bytes: Buffer.from(text) }], smallRuleset(tokenRule, far));
    assert.ok(
      sightings.some(({ detection }) => detection.ruleId === 'far'),
      'the rule with the longer reach found nothing',
    );
  });

  it('keeps columns on one line of megabytes', async () => {
    const text = `${'x'.repeat(1_500_000)} ${token(3)} ${'y'.repeat(700_000)} ${token(4)}`;
    assert.deepEqual((await scanned(cut(Buffer.from(text), [65_536]))).found, naive(text));
  });

  it('takes a byte-order mark for no text', async () => {
    for (const value of [`${token(1)}\nx ${token(2)}`, '']) {
      const { found } = await scanned(cut(Buffer.from(`\ufeff${value}`), [2]));
      assert.deepEqual(found, naive(value, 3));
    }
  });

  for (const ending of ['', '\n']) {
    const text = `first line\nsecond = ${token(7)} and so on\n${token(8)}${ending}`;
    const units = (stride: number, isBigEndian: boolean, mark: string) => {
      const bytes = Buffer.alloc(text.length * stride);
      for (let i = 0; i < text.length; i++) bytes[i * stride + (isBigEndian ? stride - 1 : 0)] = text.charCodeAt(i);
      return Buffer.concat([Buffer.from(mark, 'hex'), bytes]);
    };
    for (const [stride, isBigEndian, mark] of [
      [2, false, 'fffe'],
      [2, false, ''],
      [2, true, 'feff'],
      [2, true, ''],
      [4, false, 'fffe0000'],
      [4, false, ''],
      [4, true, '0000feff'],
      [4, true, ''],
    ] as const) {
      it(`reads UTF-${stride * 8}, ${isBigEndian ? 'big' : 'little'}-endian, ${mark === '' ? 'without a mark' : 'with its mark'}, that ends in a ${ending === '' ? 'token' : 'line end'}`, async () => {
        const expected = [...text.matchAll(tokenPattern)].map((match, index) => {
          const [line, column] = [
            [2, 10],
            [3, 1],
          ][index];
          return `${match[0]} ${line}:${column}-${line}:${column + 12} ${mark.length / 2 + match.index * stride}+${12 * stride}`;
        });
        for (const chunks of [[65_536], [200], [64, 30]])
          assert.deepEqual((await scanned(cut(units(stride, isBigEndian, mark), chunks))).found, expected, `in pieces of ${chunks.join()}`);
      });
    }
  }

  it('finds a token in UTF-16 at every place around the borders of its pieces', async () => {
    for (let start = 65_536 - 32; start < 65_536 + 8; start += 2) {
      const bytes = Buffer.concat([Buffer.alloc(start, 1), Buffer.from(token(start), 'utf16le'), Buffer.alloc(100, 1)]);
      assert.deepEqual(
        (await scanned([{ bytes }])).sightings.map(({ position }) => position.offset),
        [start],
      );
    }
  });

  it('finds wide tokens inside of other bytes, at random, whatever the pieces', async () => {
    const noise = fc.array(fc.integer({ min: 1, max: 0x1f }), { maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(noise, planted, noise, sizes, async (before, value, after, chunks) => {
        const wide = Buffer.from(`key ${value} end`, 'utf16le');
        const { sightings } = await scanned(cut(Buffer.concat([before, Buffer.from([0x1e, 0x1f]), wide, after]), chunks));
        assert.deepEqual(
          sightings.map(({ detection, position }) => [detection.secret.reveal(), position.offset, position.length]),
          [[value, before.length + 2 + 8, 24]],
        );
      }),
      { numRuns: 80 },
    );
  });

  it('reads binaries in place', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 1, 2, 0xff]), Buffer.from(token(9)), Buffer.from([0xe9, 0, 0x80])]);
    assert.deepEqual(
      (await scanned(cut(bytes, [5]))).sightings.map(({ position }) => [position.offset, position.length]),
      [[4, 12]],
    );
  });

  it('keeps places behind holes of sparse files', async () => {
    const one = Buffer.from(`a\nb ${token(1)} c`);
    const two = Buffer.from(`d ${token(2)}\n${token(3)}`);
    for (const far of [1000, 70_000, 8 * 2 ** 30]) {
      for (const size of [1, 4, 65_536]) {
        const pieces = [...placed(one, 100, size), ...placed(two, far, size)];
        const { sightings } = await scanned(pieces);
        assert.deepEqual(
          sightings.map(({ detection, position: { offset, line } }) => [detection.secret.reveal(), offset, line]),
          [
            [token(1), 104, 2],
            [token(2), far + 2, 2],
            [token(3), far + 15, 3],
          ],
          `hole up to ${far}, pieces of ${size}`,
        );
      }
    }
  });

  it('finds a token with which the bytes behind a hole begin', async () => {
    const { sightings } = await scanned([{ bytes: Buffer.from('text\n') }, { bytes: Buffer.from(`${token(1)}\n`), offset: 5000 }]);
    assert.deepEqual(
      sightings.map(({ position: { offset, line } }) => [offset, line]),
      [[5000, 2]],
    );
  });

  it('does not join what stands on both sides of a hole', async () => {
    const value = token(1);
    const { found } = await scanned([{ bytes: Buffer.from(`= ${value.slice(0, 6)}`) }, { bytes: Buffer.from(value.slice(6)), offset: 5000 }]);
    assert.deepEqual(found, []);
  });

  it('passes over long stretches of zeros, and keeps places behind them', async () => {
    const zeros = Buffer.alloc(1_000_000);
    const { sightings } = await scanned([
      { bytes: Buffer.from('line\n') },
      { bytes: zeros },
      { bytes: Buffer.from(` ${token(1)} `) },
      { bytes: zeros },
      { bytes: Buffer.from(token(2)) },
    ]);
    assert.deepEqual(
      sightings.map(({ detection, position: { offset, line } }) => [detection.secret.reveal(), offset, line]),
      [
        [token(1), 1_000_006, 2],
        [token(2), 2_000_019, 2],
      ],
    );
  });

  it('stops at the limit of an entry and says once where', async () => {
    const text = `${token(1)}\n${'.'.repeat(1000)}${token(2)}`;
    for (const chunks of [[65_536], [10], [1]]) {
      const { found, limited } = await scanned(cut(Buffer.from(text), chunks), undefined, { ...defaultLimits, entryBytes: 500 });
      assert.deepEqual(found, naive(text).slice(0, 1));
      assert.deepEqual(limited, ['document entryBytes 500']);
    }
    assert.deepEqual((await scanned(cut(Buffer.from(text), [7]), undefined, { ...defaultLimits, entryBytes: text.length })).limited, []);
  });

  it('stops at the limit behind a hole as well', async () => {
    const { found, limited } = await scanned(
      [{ bytes: Buffer.from(`${token(1)} `) }, { bytes: Buffer.from(token(2)), offset: 10_000 }, { bytes: Buffer.from(token(3)), offset: 20_000 }],
      undefined,
      { ...defaultLimits, entryBytes: 5000 },
    );
    assert.equal(found.length, 1);
    assert.deepEqual(limited, ['document entryBytes 5000']);
  });

  it('keeps as many findings as allowed, the first ones, and says so once', async () => {
    const text = [1, 2, 3, 4, 5].map(token).join('\n');
    const { found, limited } = await scanned([{ bytes: Buffer.from(text) }], undefined, { ...defaultLimits, findings: 3 });
    assert.deepEqual(found, naive(text).slice(0, 3));
    assert.deepEqual(limited, [`document findings ${Buffer.byteLength(text) - 25}`]);
    assert.deepEqual((await scanned([{ bytes: Buffer.from(text) }], undefined, { ...defaultLimits, findings: 5 })).limited, []);
  });

  it('tells of a rule that failed, and goes on with the others', async () => {
    const failing = { ...tokenRule, ruleId: 'failing', throws: true };
    const text = `x ${token(1)}`;
    const { found, failed } = await scanned([{ bytes: Buffer.from(text) }], smallRuleset(failing, tokenRule));
    assert.deepEqual(found, naive(text));
    assert.deepEqual(failed, ['document failing 0']);
  });

  it('finds all of a flood, by looking at ever shorter texts', async () => {
    const text = Array.from({ length: 4000 }, (_, index) => token(index)).join('\n');
    const { found, failed } = await scanned(cut(Buffer.from(text), [65_536]), smallRuleset({ ...tokenRule, atMost: 400 }));
    assert.deepEqual(failed, []);
    assert.deepEqual(found, naive(text));
  });

  it('tells of a flood that no shorter text ends', async () => {
    const text = Array.from({ length: 400 }, (_, index) => token(index)).join('\n');
    const { found, failed } = await scanned([{ bytes: Buffer.from(text) }], smallRuleset({ ...tokenRule, atMost: 20 }));
    assert.ok(found.length >= 20 && failed.length > 0);
  });

  it('shows rules without keywords the whole of every text', async () => {
    const rule = { ruleId: 'user', pattern: /needle\d+/g, keywords: [], reach: { before: 300, after: 300 } };
    const text = Array.from({ length: 3000 }, (_, index) => (index % 50 === 0 ? `needle${index}` : 'straw'.repeat(5))).join('\n');
    const { sightings } = await scanned(cut(Buffer.from(text), [1000]), smallRuleset(rule));
    assert.deepEqual(
      sightings.map(({ detection }) => detection.secret.reveal()),
      [...text.matchAll(rule.pattern)].map(([match]) => match),
    );
  });

  it('shows rules the windows around their keywords only, each bounded', async () => {
    const ruleset = smallRuleset(tokenRule);
    await scanned(cut(Buffer.from(`${'straw '.repeat(100_000)}${token(1)}${' straw'.repeat(100_000)}`), [65_536]), ruleset);
    assert.equal(ruleset.seen.length, 1);
    assert.ok(ruleset.seen[0].text.length < 100);
    assert.equal(ruleset.seen[0].name, 'name');
    const dense = smallRuleset(tokenRule);
    await scanned(cut(Buffer.from(`${token(1)} `.repeat(5000)), [65_536]), dense);
    assert.ok(dense.seen.length > 1 && dense.seen.every(({ text }) => text.length <= 32 * 1024));
  });

  it('takes a time that grows with the number of findings, not with its square', async function () {
    this.timeout(60_000);
    const secondsFor = async (count: number) => {
      const bytes = Buffer.from(`${token(1)} `.repeat(count));
      const startedAt = performance.now();
      await scanned([{ bytes }]);
      return (performance.now() - startedAt) / 1000;
    };
    await secondsFor(1000);
    const [few, many] = [await secondsFor(3000), await secondsFor(24_000)];
    assert.ok(many < 0.5 || many < 24 * few, `3,000 findings take ${few.toFixed(2)} s, eight times as many ${many.toFixed(2)} s`);
  });

  it('begins each document anew', async () => {
    const found: string[] = [];
    const scanner = new DocumentScanner<string>(smallRuleset(tokenRule), defaultLimits, {
      found: (sighting) => found.push(`${sighting.origin}: ${inWords(sighting)}`),
      failed: assert.fail,
      limited: assert.fail,
    });
    scanner.scan('a', 'first', Buffer.from(`x\ny ${token(1).slice(0, 8)}`));
    scanner.scan('b', 'second', Buffer.from(`${token(1).slice(8)} ${token(2)}`));
    scanner.scan('c', 'third', Buffer.alloc(0));
    scanner.scan('d', 'fourth', Buffer.from(token(3)));
    await scanner.settle();
    assert.deepEqual(found, [`second: ${naive(`${token(1).slice(8)} ${token(2)}`)[0]}`, `fourth: ${naive(token(3))[0]}`]);
  });

  it('knows at a glance what can hold nothing', () => {
    const scanner = (rule: typeof tokenRule) =>
      new DocumentScanner<string>(smallRuleset(rule), defaultLimits, {
        found: () => assert.fail('it found something'),
        failed: assert.fail,
        limited: assert.fail,
      });
    assert.ok(scanner(tokenRule).mayMatch(Buffer.from(token(1))));
    assert.ok(scanner(tokenRule).mayMatch(Buffer.from('TOK_')));
    assert.ok(!scanner(tokenRule).mayMatch(Buffer.from('to_k')));
    assert.ok(scanner({ ...tokenRule, keywords: [] }).mayMatch(Buffer.from('x')));
  });
});

function placed(bytes: Buffer, start: number, size: number): Piece[] {
  let offset = start;
  return cut(bytes, [size]).map((piece) => {
    const at = offset;
    offset += piece.bytes.length;
    return { ...piece, offset: at };
  });
}
