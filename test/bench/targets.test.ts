// How the benchmark judges: medians of ratios within a round, memory by the worst round, nothing about what was not measured.
import assert from 'node:assert/strict';
import { verdicts } from '../../bench/targets.ts';

const run = (cpu: number, peak?: number) => ({ cpu, wall: cpu, peak });

describe('verdicts', () => {
  it('are of the median of the ratios, each within its round', () => {
    // Twice as slow in all is a busy machine, not a slow scan.
    const rounds = [
      { zlib: run(4), 'scan 1': run(5) },
      { zlib: run(8), 'scan 1': run(10) },
      { zlib: run(4), 'scan 1': run(8) },
    ];
    const [verdict] = verdicts(rounds);
    assert.deepEqual(verdict, {
      title: 'scan, 1 thread / `node:zlib` inflate only, CPU',
      measured: '1.25 [1.25-2.00]',
      most: '<= 1.45',
      isMet: true,
    });
  });

  it('are of the worst round for memory, of whichever scan', () => {
    const rounds = [{ hits: run(1, 90e6) }, { hits: run(1, 100e6), zeros: run(1, 131e6) }, { hits: run(1, 90e6) }];
    const [verdict] = verdicts(rounds);
    assert.deepEqual([verdict.measured, verdict.isMet], ['90 [90-131]', false]);
  });

  it('say nothing of what was not measured, and judge nothing that has no target', () => {
    assert.deepEqual(
      verdicts([{ igzip: run(2), 'scan 1': run(5) }]).map(({ title, isMet }) => [title, isMet]),
      [['scan, 1 thread / `igzip -dc`, CPU', undefined]],
    );
  });
});
