import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { type DeflateBlock, Inflate } from '../../src/core/inflate.ts';
import { canonicalCodes, completeLengths, DeflateWriter } from '../support/deflate-writer.ts';
import { noise } from '../support/hostile.ts';
import { plainInflate } from '../support/plain-inflate.ts';
import { randomNumbers } from '../support/random.ts';
import { text } from '../tar/decompressed.ts';

interface Inflated {
  readonly output: Buffer;
  readonly isEnded: boolean;
  readonly error: { readonly message: string; readonly offset: number } | undefined;
  readonly used: number;
  readonly blocks: readonly DeflateBlock[];
}

/** All of a stream, cut into chunks of these sizes, over and over. */
function inflated(stream: Uint8Array, sizes: readonly number[] = [stream.length]): Inflated {
  const blocks: DeflateBlock[] = [];
  const inflate = new Inflate({ onBlock: (block) => blocks.push(block) });
  const output: Buffer[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length]);
    for (const piece of inflate.write(stream.subarray(at, at + size))) output.push(Buffer.from(piece));
    at += size;
  }
  const { isEnded, error, used, unused, length } = inflate;
  assert.equal(used + unused, stream.length);
  assert.equal(
    length,
    output.reduce((sum, { length }) => sum + length, 0),
  );
  inflate.close();
  return { output: Buffer.concat(output), isEnded, error, used, blocks };
}

/** What zlib gives of a stream that stops here, or its error. */
function byZlib(stream: Uint8Array): Buffer | Error {
  try {
    return inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return error as Error;
  }
}

/** The core agrees with zlib and with the letter of the RFC: on every byte, on what is wrong, and on where that is. */
function assertAgreed(stream: Uint8Array, sizes?: readonly number[]): Inflated {
  const core = inflated(stream, sizes);
  const plain = plainInflate(stream);
  assert.ok(core.output.equals(plain.output), `${core.output.length} bytes, and ${plain.output.length} by the letter`);
  assert.deepEqual(core.error?.message, typeof plain.end === 'object' ? plain.end.problem : undefined);
  assert.equal(core.isEnded, plain.end === 'ended');
  if (plain.end !== 'starved') assert.equal(core.used, plain.used);
  assert.deepEqual(
    core.blocks.map(({ bit, output }) => ({ bit, output })),
    plain.blocks,
  );

  const zlib = byZlib(stream);
  if (core.error === undefined) {
    assert.ok(zlib instanceof Buffer, `zlib says ${String(zlib)}`);
    assert.ok(zlib.equals(core.output));
  } else {
    assert.ok(zlib instanceof Error, 'zlib sees nothing wrong');
    assert.equal(zlib.message, core.error.message);
    // One byte less, and zlib does not know yet. What it gives then lacks no more than what the last byte brought.
    assert.ok(byZlib(stream.subarray(0, core.error.offset)) instanceof Error, 'zlib needs more to see it');
    const before = byZlib(stream.subarray(0, core.error.offset - 1));
    assert.ok(before instanceof Buffer, 'zlib needs less to see it');
    assert.ok(core.output.subarray(0, before.length).equals(before));
    assert.ok(core.output.length - before.length <= 8 * 258);
  }
  return core;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5000 }), fc.constant(1), fc.constant(70_000)), {
  minLength: 1,
  maxLength: 8,
});
const data = fc.oneof(
  fc.record({ length: fc.nat(30_000), seed: fc.nat() }).map(({ length, seed }) => text(length, seed)),
  fc.nat(3000).map(noise),
  fc.nat(20_000).map((length) => Buffer.alloc(length, 'zero')),
  // Repetitions at short distances, of all lengths.
  fc
    .array(fc.record({ unit: fc.uint8Array({ minLength: 1, maxLength: 40 }), length: fc.integer({ min: 1, max: 600 }) }), { maxLength: 30 })
    .map((runs) => Buffer.concat(runs.map(({ unit, length }) => Buffer.alloc(length, unit)))),
);
const options = fc.record({
  level: fc.constantFrom(0, 1, 2, 6, 9),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
});
const compressed = fc.record({ bytes: data, options }).map(({ bytes, options }) => deflateRawSync(bytes, options));

/** Blocks of every kind, with codes that no compressor would choose, most of them right. */
function randomBlocks(seed: number): Buffer {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const writer = new DeflateWriter();
  let given = 0;
  for (let left = 1 + below(5); left > 0; left--) {
    const isLast = left === 1;
    if (random() < 0.3) {
      const bytes = noise(below(300));
      writer.stored(bytes, isLast);
      given += bytes.length;
      continue;
    }
    const isFixed = random() < 0.3;
    const litLens = isFixed
      ? Array.from({ length: 288 }, (_, value) => (value < 144 ? 8 : value < 256 ? 9 : value < 280 ? 7 : 8))
      : completeLengths(random, 286, 2 + below(284), random() < 0.7, 256);
    const distances = isFixed
      ? Array<number>(32).fill(5)
      : random() < 0.2
        ? [...Array<number>(below(20)).fill(0), 1]
        : completeLengths(random, 30, 2 + below(28), random() < 0.7);
    if (isFixed) writer.put((isLast ? 1 : 0) | 2, 3);
    else writer.dynamic(litLens, distances, isLast);
    const codes = canonicalCodes(litLens);
    const far = canonicalCodes(distances);
    const symbols = [...codes.keys()].filter((symbol) => symbol !== 256 && symbol < 286);
    const fars = [...far.keys()].filter((symbol) => symbol < 30);
    for (let count = below(400); count > 0 && symbols.length > 0; count--) {
      const symbol = symbols[below(symbols.length)];
      if (symbol < 256) {
        writer.code(codes.get(symbol)!);
        given++;
        continue;
      }
      const distance = fars[below(fars.length)];
      const extra = distance < 4 ? 0 : (distance >> 1) - 1;
      const longest = distance < 4 ? distance + 1 : (3 + (distance & 1)) << extra;
      // Now and then one that may reach too far.
      if (longest > given && random() < 0.99) continue;
      const lengthExtra = symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
      writer.code(codes.get(symbol)!).put(below(1 << lengthExtra), lengthExtra);
      writer.code(far.get(distance)!).put(below(1 << extra), extra);
      given += 3;
    }
    writer.code(codes.get(256)!);
  }
  return writer.bytes();
}

describe('Inflate', () => {
  it('gives what was compressed, at any level, strategy, memory and window, in any chunks', () => {
    fc.assert(
      fc.property(data, options, sizes, (bytes, options, sizes) => {
        const stream = deflateRawSync(bytes, options);
        const { output, isEnded, used, error } = inflated(stream, sizes);
        assert.ok(output.equals(bytes));
        assert.deepEqual([isEnded, used, error], [true, stream.length, undefined]);
      }),
      { numRuns: 150 },
    );
  });

  it('agrees with zlib and the RFC on blocks of every kind and codes of up to 15 bits', () => {
    let ended = 0;
    fc.assert(
      fc.property(fc.nat(), sizes, (seed, sizes) => {
        ended += assertAgreed(randomBlocks(seed), sizes).isEnded ? 1 : 0;
      }),
      { numRuns: 150 },
    );
    assert.ok(ended > 50, `${ended} of 150 are whole`);
  });

  it('agrees with zlib and the RFC on streams with flipped bits', () => {
    const streams = fc.oneof(compressed, fc.nat().map(randomBlocks));
    const flips = fc.array(fc.nat(), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(streams, flips, sizes, (whole, flips, sizes) => {
        const stream = Buffer.from(whole);
        for (const flip of flips) stream[(flip >> 3) % stream.length] ^= 1 << (flip & 7);
        assertAgreed(stream, sizes);
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with zlib and the RFC on a flip of every bit of the header of a dynamic block', () => {
    const whole = deflateRawSync(text(3000));
    const problems = new Set<string>();
    for (let bit = 0; bit < 90 * 8; bit++) {
      const stream = Buffer.from(whole);
      stream[bit >> 3] ^= 1 << (bit & 7);
      problems.add(assertAgreed(stream, [stream.length, 7][bit % 2] === 7 ? [7] : undefined).error?.message ?? 'none');
    }
    assert.ok(problems.size > 6, [...problems].join(', '));
  });

  it('agrees with zlib and the RFC on bytes that are no stream', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.constantFrom(undefined, 2, 4, 5), sizes, (bytes, kind, sizes) => {
        if (kind !== undefined) bytes[0] = (bytes[0] & 0xf8) | kind;
        assertAgreed(bytes, sizes);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives of a truncated stream all that zlib gives, wherever it is cut', () => {
    const streams = [
      deflateRawSync(text(1500)),
      deflateRawSync(text(300), { strategy: constants.Z_FIXED }),
      deflateRawSync(noise(300), { level: 0 }),
      randomBlocks(5),
      randomBlocks(8),
    ];
    for (const stream of streams) {
      for (let cut = 1; cut < stream.length; cut++) assert.equal(assertAgreed(stream.subarray(0, cut), [cut, 1, 3].slice(cut % 3)).isEnded, false);
    }
  });

  it('says what is wrong in the words of zlib', () => {
    const symbols = (litLens: readonly number[], distances: readonly number[]) => new DeflateWriter().dynamic(litLens, distances);
    const sparse = (lengths: Readonly<Record<number, number>>, total = 286) => Array.from({ length: total }, (_, index) => lengths[index] ?? 0);
    const none = new DeflateWriter();
    const cases: readonly (readonly [string, DeflateWriter])[] = [
      ['invalid block type', none.put(7, 3)],
      ['invalid stored block lengths', new DeflateWriter().put(0, 8).put(1, 16).put(1, 16)],
      ['too many length or distance symbols', new DeflateWriter().put(4, 3).put(30, 5).put(0, 9)],
      ['too many length or distance symbols', new DeflateWriter().put(4, 3).put(0, 5).put(30, 5).put(0, 4)],
      ['invalid code lengths set', new DeflateWriter().put(4, 3).put(0, 14).put(0b001_001_001_001, 12)],
      ['invalid code lengths set', new DeflateWriter().put(4, 3).put(0, 14).put(0b000_000_000_001, 12)],
      ['invalid bit length repeat', new DeflateWriter().put(4, 3).put(0, 14).put(0b000_000_001_001, 12).put(0b0000, 3)],
      ['invalid code -- missing end-of-block', symbols(sparse({ 1: 1, 2: 1 }), [1])],
      ['invalid literal/lengths set', symbols(sparse({ 1: 1, 2: 1, 256: 1 }), [1])],
      ['invalid literal/lengths set', symbols(sparse({ 1: 2, 256: 2 }), [1])],
      ['invalid distances set', symbols(sparse({ 1: 1, 256: 1 }), [1, 1, 1])],
      ['invalid distances set', symbols(sparse({ 1: 1, 256: 1 }), [2, 2])],
      // A single code is accepted, and what it leaves over is no code.
      ['invalid literal/length code', symbols(sparse({ 256: 1 }), [0]).code('1')],
      ['invalid literal/length code', new DeflateWriter().put(2, 3).code('11000110')],
      [
        'invalid distance code',
        symbols(sparse({ 1: 1, 256: 2, 257: 2 }), [1])
          .code('0')
          .code('11')
          .code('1'),
      ],
      [
        'invalid distance code',
        symbols(sparse({ 1: 1, 256: 2, 257: 2 }), [0])
          .code('0')
          .code('11')
          .code('1'),
      ],
      ['invalid distance code', new DeflateWriter().put(2, 3).code('00110000').code('0000001').code('11110')],
      ['invalid distance too far back', new DeflateWriter().put(2, 3).code('00110000').code('0000001').code('00001')],
    ];
    for (const [message, writer] of cases) {
      for (const behind of [0, 100]) {
        const stream = Buffer.concat([writer.bytes(), noise(behind)]);
        assert.equal(assertAgreed(stream).error?.message, message);
        assertAgreed(stream, [1]);
      }
    }
  });

  it('does not reach into what was in front of a stream or in the stream before', () => {
    const tooFar = new DeflateWriter().put(3, 3).code('00110000').code('0000001').code('00001').code('0000000').bytes();
    for (let round = 0; round < 10; round++) {
      assert.ok(inflated(deflateRawSync(noise(100_000))).isEnded);
      assert.deepEqual(inflated(tooFar).error?.message, 'invalid distance too far back');
      assert.equal(inflated(tooFar).output.toString(), '\0');
    }
  });

  it('gives streams that are longer than its window, whatever stands at its borders', () => {
    const window = 256 * 1024;
    const long = [
      ...[-259, -258, -1, 0, 1, 258, 300].map((more) => text(2 * window + more, more + 1000)),
      ...[-2, 0, 3].map((more) => noise(window + more)),
      Buffer.alloc(window * 3 + 5, 'a'),
      Buffer.concat([noise(32 * 1024), noise(32 * 1024), noise(32 * 1024), Buffer.alloc(window, 'abc'), noise(40_000)]),
    ];
    for (const bytes of long) {
      for (const options of [{}, { level: 0 }, { level: 1 }, { strategy: constants.Z_HUFFMAN_ONLY }, { strategy: constants.Z_RLE }]) {
        const stream = deflateRawSync(bytes, options);
        for (const sizes of [[stream.length], [1000], [13, 1, 65_536]]) {
          const { output, isEnded } = inflated(stream, sizes);
          assert.ok(isEnded && output.equals(bytes));
        }
      }
    }
  });

  it('gives 100 MB of one byte in pieces of bounded size', () => {
    const stream = deflateRawSync(Buffer.alloc(100_000_000, 'x'));
    const inflate = new Inflate();
    let length = 0;
    for (const piece of inflate.write(stream)) {
      assert.ok(piece.length <= 257 * 1024);
      if (length < 1_000_000) assert.ok(piece.equals(Buffer.alloc(piece.length, 'x')));
      length += piece.length;
    }
    assert.deepEqual([length, inflate.length, inflate.isEnded], [100_000_000, 100_000_000, true]);
    inflate.close();
  });

  it('takes whatever flush markers stand between blocks, and knows where blocks begin', () => {
    const { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK } = constants;
    const pieces = [Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK].map((finishFlush, index) =>
      deflateRawSync(text(3000 + index, index), { finishFlush }),
    );
    // Only those that end at a byte can be followed by another stream.
    const stream = Buffer.concat([pieces[0], pieces[1], pieces[0], deflateRawSync(text(500))]);
    for (const sizes of [[1], [100], [stream.length]]) {
      const { output, blocks } = assertAgreed(stream, sizes);
      assert.ok(output.equals(Buffer.concat([text(3000, 0), text(3001, 1), text(3000, 0), text(500)])));
      assert.deepEqual(
        blocks.map(({ kind, isLast }) => `${kind}${isLast ? ', last' : ''}`),
        [...Array.from({ length: 3 }, () => ['dynamic', 'stored']).flat(), 'dynamic, last'],
      );
    }
    for (const piece of pieces) assert.equal(assertAgreed(piece, [5]).isEnded, false);
  });

  it('takes thousands of empty blocks', () => {
    const writer = new DeflateWriter();
    for (let count = 0; count < 3000; count++) writer.put(2, 3).put(0, 7);
    writer.put(3, 3).put(0, 7);
    const { blocks, isEnded, output } = assertAgreed(writer.bytes(), [4000, 3]);
    assert.deepEqual([blocks.length, isEnded, output.length], [3001, true, 0]);
    assert.deepEqual(
      blocks.slice(-2).map(({ bit, isLast }) => [bit, isLast]),
      [
        [29_990, false],
        [30_000, true],
      ],
    );
  });

  it('leaves what stands behind the end', () => {
    const stream = deflateRawSync(text(1000));
    for (const size of [1, 7, stream.length - 1, stream.length, stream.length + 3, stream.length + 100]) {
      const inflate = new Inflate();
      const all = Buffer.concat([stream, noise(200)]);
      let at = 0;
      for (; !inflate.isEnded; at += size) Array.from(inflate.write(all.subarray(at, at + size)));
      assert.equal(Math.min(at, all.length) - inflate.unused, stream.length);
      assert.deepEqual(Array.from(inflate.write(noise(10))), []);
      assert.equal(inflate.used, stream.length);
      inflate.close();
    }
  });

  it('gives real files as they were', () => {
    for (const path of [process.execPath, new URL('../../node_modules/typescript/package.json', import.meta.url), import.meta.filename]) {
      const bytes = readFileSync(path).subarray(0, 12_000_000);
      for (const level of [1, 6]) assert.ok(inflated(deflateRawSync(bytes, { level }), [65_536, 100_000]).output.equals(bytes));
    }
  });

  it('serves several streams at a time', () => {
    const texts = Array.from({ length: 12 }, (_, index) => text(50_000, index));
    const streams = texts.map((bytes) => deflateRawSync(bytes));
    const engines = texts.map(() => ({ inflate: new Inflate(), output: [] as Buffer[] }));
    for (let at = 0; at < 50_000; at += 777) {
      for (const [index, { inflate, output }] of engines.entries()) {
        for (const piece of inflate.write(streams[index].subarray(at, at + 777))) output.push(Buffer.from(piece));
      }
    }
    for (const [index, { inflate, output }] of engines.entries()) {
      assert.ok(inflate.isEnded && Buffer.concat(output).equals(texts[index]));
      inflate.close();
      inflate.close();
      assert.throws(() => Array.from(inflate.write(noise(1))), RangeError);
    }
  });
});
