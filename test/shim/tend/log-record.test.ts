import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatLogRecord, parseLogRecord } from '../../../src/shim/tend/log-record.ts';

const time = '2026-11-22T03:51:42.695821Z';

describe('a record of the log', () => {
  it('has the form of docker', () => {
    assert.equal(
      formatLogRecord({ stream: 'stdout', time, bytes: Buffer.from('say "hi"\n') }),
      `{"log":"say \\"hi\\"\\n","stream":"stdout","time":"${time}"}\n`,
    );
  });

  it('gives back the bytes it was made of, in one line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }).map(Buffer.from)), (bytes) => {
        const record = { stream: 'stderr', time, bytes: Buffer.from(bytes) } as const;
        const line = formatLogRecord(record);
        assert.equal(line.indexOf('\n'), line.length - 1);
        assert.deepEqual(parseLogRecord(line), record);
      }),
    );
  });

  it('is nothing else', () => {
    for (const line of [
      '',
      '{',
      'null',
      '3',
      '[]',
      '{"log":"x"}',
      '{"log":3,"stream":"stdout","time":""}',
      '{"log":"x","stream":"else","time":""}',
    ]) {
      assert.equal(parseLogRecord(line), undefined, line);
    }
  });
});
