// Over random containers in containers: rewriting with nothing changed changes nothing that is shown, rewriting one member leaves the bytes
// of all others, and no damage does more than to be told.
import assert from 'node:assert/strict';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { headLength, nestedKindOf } from '../../../src/view/nested/nested.ts';
import { gzipMember } from '../../support/compressed.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { localPart, rawZip, type RawMember } from './raw-zip.ts';
import { crossedOut, documentsOf, tryRewriting, walked, walkedApart } from './walked.ts';

const secret = 'planted-value-0123456789';

const text = fc
  .tuple(fc.string({ maxLength: 40 }), fc.boolean(), fc.nat({ max: 300 }))
  .map(([words, isGuilty, length]) => Buffer.from(`${words}${isGuilty ? secret : ''}${'.'.repeat(length)}`));
const name = fc.constantFrom('a', 'b.txt', 'folder/c', 'größe', 'd'.repeat(150), 'a (2)');

const memberForm = fc.record({
  method: fc.constantFrom(0, 8, 93),
  descriptor: fc.constantFrom(undefined, undefined, 'signed', 'plain', 'wide'),
  isZip64: fc.boolean(),
  isHidden: fc.constantFrom(false, false, true),
  comment: fc.constantFrom('', 'of a member'),
  extra: fc.constantFrom(undefined, Buffer.from([0x75, 0x78, 2, 0, 1, 2])),
});

type Form = typeof memberForm extends fc.Arbitrary<infer Value> ? Value : never;

function memberOf(memberName: string, data: Buffer, form: Form): RawMember {
  const { descriptor, method, isZip64, isHidden, extra, comment } = form;
  return {
    name: memberName,
    data,
    method,
    isZip64,
    comment,
    ...(method === 93 ? { stored: zstdCompressSync(data) } : {}),
    // Where a hidden member ends that does not say so can only be known of deflated data, and its checksum not at all.
    ...(isHidden ? { isHidden } : descriptor === undefined ? {} : { descriptor }),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** A container, of which `depth` may stand in each other. */
function container(depth: number): fc.Arbitrary<Buffer> {
  const content: fc.Arbitrary<Buffer> = depth === 0 ? text : fc.oneof({ weight: 2, arbitrary: text }, { weight: 1, arbitrary: container(depth - 1) });
  const tars = fc
    .array(
      fc.tuple(
        name.filter((one) => one.length < 100),
        content,
      ),
      { maxLength: 4 },
    )
    .map((members) => tar(file('first', 'x'), ...members.map(([one, body]) => file(one, body))));
  const zips = fc
    .record({
      members: fc.array(fc.tuple(name, content, memberForm), { maxLength: 4 }),
      comment: fc.constantFrom('', 'of the archive'),
      isZip64: fc.boolean(),
      prefix: fc.constantFrom(undefined, Buffer.from('#!/bin/false\n')),
    })
    .map(({ members, comment, isZip64, prefix }) =>
      rawZip({
        members: members.map(([one, data, form]) => memberOf(one, data, form)),
        comment,
        isZip64,
        ...(prefix === undefined ? {} : { prefix }),
      }),
    );
  // Behind a program a zip without members is not seen.
  const all = fc.oneof(
    content.map((bytes) => gzipSync(bytes)),
    content.map((bytes) => gzipMember(bytes, { name: 'n', comment: 'c' })),
    content.map((bytes) => zstdCompressSync(bytes)),
    tars,
    zips,
  );
  return all.filter(isContainer);
}

function isContainer(bytes: Buffer): boolean {
  return nestedKindOf(bytes.subarray(0, headLength)) !== undefined;
}

describe('any container', () => {
  it('shows the same documents when those that are touched are not changed', async () => {
    await fc.assert(
      fc.asyncProperty(container(3), fc.infiniteStream(fc.boolean()), async (bytes, choices) => {
        const before = await documentsOf(bytes);
        const touched = [...before.keys()].filter(() => choices.next().value as boolean);
        const result = await tryRewriting(bytes, { touched });
        assert.ok('bytes' in result, JSON.stringify(result));
        const after = await documentsOf(result.bytes);
        assert.deepEqual([...after.keys()], [...before.keys()]);
        for (const [way, document] of before) if (!isContainer(document)) assert.ok(after.get(way)!.equals(document), way);
      }),
      { numRuns: 300 },
    );
  });

  it('has nothing left of a value that is crossed out, and everything else', async () => {
    await fc.assert(
      fc.asyncProperty(container(3), async (bytes) => {
        const before = await documentsOf(bytes);
        const touched = [...before].filter(([, document]) => document.includes(secret)).map(([way]) => way);
        if (bytes.includes(secret)) touched.push('');
        const result = await tryRewriting(bytes, { touched, transform: crossedOut(secret) });
        assert.ok('bytes' in result, JSON.stringify(result));
        assert.ok(!result.bytes.includes(secret));
        const after = await documentsOf(result.bytes);
        assert.deepEqual([...after.keys()], [...before.keys()]);
        for (const [way, document] of before) {
          const expected = Buffer.from(document.toString('latin1').replaceAll(secret, 'x'.repeat(secret.length)), 'latin1');
          if (isContainer(document)) assert.ok(!after.get(way)!.includes(secret), way);
          else assert.ok(after.get(way)!.equals(expected), way);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('any zip', () => {
  it('keeps every other member byte for byte when one is changed', async () => {
    const members = fc.array(fc.tuple(text, memberForm), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(members, fc.nat(), async (contents, chosen) => {
        const raw = contents.map(([data, form], index) => memberOf(`member ${index}`, data, form));
        const one = raw[chosen % raw.length];
        if (one.data.length === 0) return;
        const result = await tryRewriting(rawZip({ members: raw }), { touched: [String(one.name)], transform: reversed });
        assert.ok('bytes' in result, JSON.stringify(result));
        let at = 0;
        for (const member of raw) {
          const part = localPart(member);
          if (member === one) {
            at = result.bytes.indexOf('PK\x03\x04', at + 1, 'latin1');
            if (at < 0) at = result.bytes.indexOf('PK\x01\x02', 0, 'latin1');
            continue;
          }
          assert.ok(result.bytes.subarray(at, at + part.length).equals(part), String(member.name));
          at += part.length;
        }
        assert.deepEqual((await documentsOf(result.bytes)).get(String(one.name)), Buffer.from(one.data as Buffer).reverse());
      }),
      { numRuns: 200 },
    );
  });
});

async function* reversed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  yield Buffer.concat(chunks).reverse();
}

describe('any damage', () => {
  const packed = () => {
    const content = Buffer.from(`commit 3\0${'x'.repeat(3)}`);
    const ar = Buffer.concat([Buffer.from(`!<arch>\n${'a.gz/'.padEnd(48)}${'25'.padEnd(10)}\`\n`), gzipSync('hello')]);
    const object = (code: number, bytes: Buffer) => Buffer.concat([Buffer.from([(code << 4) | bytes.length]), deflateSync(bytes)]);
    const delta = Buffer.from([5, 7, 0x90, 5, 2, 0x21, 0x21]);
    const offsetDelta = Buffer.concat([Buffer.from([(6 << 4) | delta.length, object(3, Buffer.from('hello')).length]), deflateSync(delta)]);
    const pack = Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x02'), object(3, Buffer.from('hello')), offsetDelta, Buffer.alloc(20)]);
    return [deflateSync(content), ar, pack];
  };

  it('ends in a told result or an UnbakeError, for readers and rewriters', async () => {
    const whole = fc.oneof(container(2), fc.constantFrom(...packed()));
    const change = fc.tuple(fc.nat(), fc.constantFrom('flip', 'cut', 'insert', 'remove', 'ones'), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(whole, fc.array(change, { minLength: 1, maxLength: 4 }), async (bytes, changes) => {
        let damaged: Buffer = Buffer.from(bytes);
        for (const [at, how, value] of changes) damaged = damagedAt(damaged, at % Math.max(1, damaged.length), how, value);
        if (!isContainer(damaged)) return;
        try {
          const limits = { bytes: 2 ** 26, members: 1000 };
          await walkedApart(damaged, limits);
          const { documents } = await walked(damaged, limits);
          const result = await tryRewriting(damaged, { touched: [...documents.keys(), ''], transform: crossedOut('.'), limits });
          if ('bytes' in result) await walked(result.bytes, limits);
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, String((thrown as Error).stack));
        }
      }),
      { numRuns: 1500 },
    );
  });
});

function damagedAt(bytes: Buffer, at: number, how: string, value: number): Buffer {
  switch (how) {
    case 'flip':
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at + 1)]);
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(value, value), bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(8, 0xff), bytes.subarray(at + 8)]);
  }
}
