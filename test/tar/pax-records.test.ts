// Raw records against the reader of pax.ts, which says what they mean.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { paxRecord, rawPaxBody } from '../../src/tar/pax-records.ts';
import { parsePax } from '../../src/tar/pax.ts';
import * as raw from '../support/raw-tar.ts';

describe('PAX records as bytes', () => {
  it('are written with a length that counts itself', () => {
    for (const length of [0, 1, 85, 88, 89, 90, 91, 980, 984, 985, 986, 5000]) {
      const record = paxRecord('path', 'v'.repeat(length));
      assert.equal(Number.parseInt(record.toString('latin1'), 10), record.length);
      assert.ok(record.equals(raw.paxRecord('path', 'v'.repeat(length))));
    }
    assert.ok(paxRecord('path', Buffer.from('größe').toString('latin1')).equals(raw.paxRecord('path', 'größe')), 'values are bytes');
  });

  it('come back one by one, with the zeros behind the last', () => {
    const records = [raw.paxRecord('a', 'x'), raw.paxRecord('b', Buffer.from([0x0a, 0, 0x3d])), raw.paxRecord('a', '')];
    const body = rawPaxBody(Buffer.concat([...records, Buffer.alloc(3)]));
    assert.ok('records' in body);
    assert.deepEqual(body.records, [
      { key: 'a', value: 'x', bytes: records[0] },
      { key: 'b', value: '\n\0=', bytes: records[1] },
      { key: 'a', value: '', bytes: records[2] },
    ]);
    assert.deepEqual(body.tail, Buffer.alloc(3));
  });

  it('are the same to both readers, whatever the bytes, and end', () => {
    const piece = fc.oneof(
      fc.tuple(fc.string(), fc.string()).map(([key, value]) => raw.paxRecord(key, value)),
      fc.constantFrom('9 a=b\n', '6 a=b\n', '0 a=b\n', ' ', '=', '7', '\n', '\0', '-6 a=b\n', '1e1 a=bcd\n').map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const { records, problem } = parsePax(bytes);
        const body = rawPaxBody(bytes);
        if ('malformedAt' in body) return assert.equal(body.malformedAt, problem?.offset);
        assert.equal(problem, undefined);
        assert.deepEqual(new Map(body.records.map(({ key, value }) => [key, value])), new Map(records));
        assert.ok(Buffer.concat([...body.records.map(({ bytes }) => bytes), body.tail]).equals(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('end where no blank follows a whole record', () => {
    assert.deepEqual(rawPaxBody(Buffer.from('6 a=b\nx=')), { malformedAt: 6 });
  });
});
