// Files made to take all time or all memory: each comes to an end that names the limit, and what stands before it is shown.
import assert from 'node:assert/strict';
import { deflateRawSync, deflateSync, gzipSync, crc32, zstdCompressSync } from 'node:zlib';
import { blobOf } from '../../../src/model/blob.ts';
import { headLength, nestedKindOf, readNested } from '../../../src/view/nested/nested.ts';
import { noise } from '../../support/hostile.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { ar, cpio } from './raw-archives.ts';
import { blobObject, nameDelta, objectName, pack, repetition } from './raw-pack.ts';
import { type RawMember, rawZip } from './raw-zip.ts';
import { generous, hold, kindOf, type Told, walkedApart } from './walked.ts';

const mib = 2 ** 20;
const early = { name: 'early', data: 'shown before' };

function reasons(told: readonly Told[]): (readonly [string, string | undefined])[] {
  return told.map(({ reason, limit }) => [reason, limit]);
}

/** Reads without keeping: the bytes of all documents, the most that was held at a time, and what was told. */
async function totals(bytes: Buffer, limits = {}) {
  let decoded = 0;
  let held = 0;
  const told: (string | undefined)[] = [];
  const ways: string[] = [];
  await readNested(
    blobOf(bytes),
    kindOf(bytes),
    async (document) => {
      ways.push(document.way.join(' > '));
      for await (const chunk of document.bytes) decoded += chunk.length;
    },
    {
      members: 'apart',
      limits: { ...generous, depth: 8, ...limits },
      hold: async (chunks) => {
        const blob = await hold(chunks);
        held += blob.size;
        return blob;
      },
      skipped: (_way, reason, _detail, limit) => told.push(limit ?? reason),
    },
  );
  return { decoded, held, told, ways };
}

describe('a zip bomb', () => {
  it('of zips of zips of zeros ends at its ratio', async () => {
    // As the known one: 16 in 16 in 16 in 16, each of the last 64 MiB of zeros.
    let level: Buffer = rawZip({ members: [{ name: '0.dll', data: Buffer.alloc(64 * mib) }] });
    for (let depth = 0; depth < 4; depth++)
      level = rawZip({ members: Array.from({ length: 16 }, (_, index) => ({ name: `${index}.zip`, data: level })) });
    const { decoded, told, held } = await totals(rawZip({ members: [early, { name: 'bomb.zip', data: level }] }), { ratio: 1000 });
    assert.deepEqual(told, ['ratio']);
    assert.ok(decoded < 300 * mib && held < 64 * mib, `${decoded} bytes shown, ${held} held`);
  });

  it('of members that share the data of one ends at its bytes', async () => {
    const kernel = Buffer.alloc(4 * mib);
    const claims = { localStart: 0, compressedSize: deflateRawSync(kernel).length, size: kernel.length };
    const copies = Array.from({ length: 500 }, (_, index): RawMember => ({ name: `${index}`, data: '', crc: crc32(kernel), claims }));
    const { decoded, told } = await totals(rawZip({ members: [{ name: 'kernel', data: kernel }, ...copies] }), { bytes: 64 * mib });
    assert.deepEqual(told, ['bytes']);
    assert.ok(decoded < 70 * mib);
  });

  it('of members that share a stored zip ends as well: each counts', async () => {
    const inner = rawZip({ members: Array.from({ length: 2000 }, (_, index) => ({ name: `member ${index}`, data: '', method: 0 })) });
    const claims = { localStart: 0, compressedSize: inner.length, size: inner.length, method: 0 };
    const copies = Array.from({ length: 2000 }, (_, index): RawMember => ({ name: `${index}.zip`, data: '', method: 0, claims, crc: crc32(inner) }));
    const { told } = await totals(rawZip({ members: [{ name: 'first.zip', data: inner, method: 0 }, ...copies] }), { bytes: 2 * mib });
    assert.deepEqual(told, ['bytes']);
  });

  it('that holds itself ends at its depth', async () => {
    // Each level is the one member of the next, stored.
    let level: Buffer = rawZip({ members: [early] });
    for (let depth = 0; depth < 30; depth++) level = rawZip({ members: [{ name: 'again.zip', data: level, method: depth % 2 === 0 ? 0 : 8 }] });
    const { told, ways } = await totals(level);
    assert.deepEqual(told, ['depth']);
    // What lies deeper is shown as it is, not read.
    assert.ok(ways.includes(Array.from({ length: 8 }, () => 'again.zip').join(' > ')));
  });

  it('that lies about its sizes is told, and its members are shown as they are', async () => {
    const members = [
      { ...early, claims: { size: 1 } },
      { name: 'small', data: Buffer.alloc(5 * mib), claims: { size: 10 } },
      { name: 'large', data: 'short', claims: { size: 4e9 } },
      { name: 'late', data: 'shown after' },
    ];
    const { documents, told } = await walkedApart(rawZip({ members }));
    assert.deepEqual(reasons(told), [
      ['damaged', undefined],
      ['damaged', undefined],
      ['damaged', undefined],
    ]);
    assert.equal(String(documents.get('early')), 'shown before');
    assert.equal(documents.get('small')!.length, 5 * mib);
    assert.equal(String(documents.get('late')), 'shown after');
  });
});

describe('a compressed bomb', () => {
  it('ends at the limit of bytes and of ratio, whatever packs it', async () => {
    const zeros = Buffer.alloc(80 * mib);
    for (const bomb of [gzipSync(zeros), zstdCompressSync(zeros), gzipSync(tar(file('zeros', zeros)))]) {
      assert.deepEqual((await totals(bomb, { bytes: mib })).told, ['bytes']);
      assert.deepEqual((await totals(bomb, { ratio: 10 })).told, ['ratio']);
    }
  });

  it('of streams in streams ends at its depth', async () => {
    let bytes: Buffer = Buffer.from('deepest');
    for (let depth = 0; depth < 30; depth++)
      bytes = depth % 3 === 0 ? gzipSync(bytes) : depth % 3 === 1 ? tar(file('x', bytes)) : zstdCompressSync(bytes);
    assert.deepEqual((await totals(bytes)).told, ['depth']);
  });

  it('behind streams behind streams ends at its depth', async () => {
    const parts = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? gzipSync(`${index}`) : zstdCompressSync(Buffer.from(`${index}`))));
    const { told, ways } = await totals(Buffer.concat(parts));
    assert.deepEqual(told, ['depth']);
    assert.ok(ways.length < 20);
  });
});

describe('very many members', () => {
  it('end at their limit in each archive', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
    const archives = [
      tar(...names.map((name) => file(name, 'x'))),
      gzipSync(tar(...names.map((name) => file(name, '')))),
      ar(...names.map((name) => [name, 'x'] as const)),
      cpio(...names.map((name) => [name, 'x'] as const)),
      rawZip({ members: names.map((name) => ({ name, data: 'x' })) }),
      pack(names.map((name) => blobObject(Buffer.from(name)))),
    ];
    for (const archive of archives) {
      const { told, ways } = await totals(archive, { members: 100 });
      assert.deepEqual(told, ['members']);
      assert.ok(ways.length <= 101);
    }
  });

  it('that cannot be read are not all listed', async () => {
    const members = Array.from({ length: 5000 }, (_, index) => ({ name: `${index}`, data: 'x', flags: 1 }));
    const { told } = await walkedApart(rawZip({ members }));
    assert.equal(told.length, 1001);
    assert.equal(told[0].way, '0');
    assert.match(told.at(-1)!.detail, /of 5000 things .* only 1000/);
    const deep = await walkedApart(tar(...members.map(({ name }) => file(name, gzipSync('x')))), { depth: 1 });
    assert.equal(deep.told.length, 1001);
    assert.ok(deep.told.every(({ limit }) => limit === 'depth'));
  });
});

describe('a pack of git', () => {
  it('with deltas in a circle is told, and the others are read', async () => {
    // A delta whose base is the object that is made from it would need a hash that holds itself: so both names are unknown.
    const a = nameDelta('a'.repeat(40), repetition(10, 10, 1, 'AAA'));
    const b = nameDelta('b'.repeat(40), repetition(10, 10, 1, 'BBB'));
    const { documents, told } = await walkedApart(pack([a, b, blobObject(Buffer.from('early'))]));
    assert.deepEqual(reasons(told), [['missing', undefined]]);
    assert.equal(String(documents.get(`git object ${objectName('blob', 'early')}`)), 'early');
    assert.deepEqual([...documents.values()].map(String).sort(), ['AAA', 'BBB', 'early']);
  });

  it('with deltas that unfold ends at its ratio', async () => {
    const base = noise(60_000);
    const bombs = Array.from({ length: 200 }, (_, index) =>
      nameDelta(objectName('blob', base), repetition(base.length, base.length, 500, `${index}`)),
    );
    const { decoded, told } = await totals(pack([blobObject(base), ...bombs]), { ratio: 100 });
    assert.deepEqual(told, ['ratio']);
    assert.ok(decoded < 128 * mib);
  });

  it('with deltas that unfold and then do not fit ends as well', async () => {
    const base = noise(60_000);
    const bomb = (index: number) =>
      nameDelta(objectName('blob', base), repetition(base.length, base.length, 500, `${index}`, 500 * base.length + 100));
    const { told } = await totals(pack([blobObject(base), ...Array.from({ length: 200 }, (_, index) => bomb(index))]), { ratio: 100 });
    assert.equal(told.at(-1), 'ratio');
    assert.ok(told.length < 10);
  });
});

describe('what is cut off anywhere', () => {
  it('is read up to there, told, and ends', async () => {
    const inner = tar(file('a', 'text of a'), file('b.gz', gzipSync('text of b')));
    const whole = [
      gzipSync(inner),
      zstdCompressSync(inner),
      ar(['control', 'x'], ['data.tar.gz', gzipSync(inner)]),
      cpio(['a', 'text'], ['b.tar', inner]),
      rawZip({ members: [early, { name: 'b.tar', data: inner, method: 0 }] }),
      pack([blobObject(Buffer.from('early')), blobObject(inner)]),
      deflateSync(Buffer.concat([Buffer.from(`blob ${inner.length}\0`), inner])),
    ];
    for (const bytes of whole) {
      assert.deepEqual((await walkedApart(bytes)).told, []);
      const kind = kindOf(bytes);
      for (let length = 1; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 200))) {
        const head = bytes.subarray(0, length);
        if (nestedKindOf(head.subarray(0, headLength)) !== kind) continue;
        const { told } = await walkedApart(head);
        // An ar archive does not say how many members it has.
        if (kind === 'ar' && [8, 69, 70].includes(length)) continue;
        // Of a cpio and an ar only the last padding may be missing.
        if (length < bytes.length - 130) assert.ok(told.length > 0, `${kind} of ${bytes.length} bytes, cut at ${length}`);
      }
    }
  });
});
