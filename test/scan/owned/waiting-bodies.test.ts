// Digests of the bodies in which something was found, whatever else was written meanwhile, and wherever they were kept.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import fc from 'fast-check';
import { openSpill } from '../../../src/scan/owned/spill.ts';
import { WaitingBodies } from '../../../src/scan/owned/waiting-bodies.ts';
import { lent } from '../../support/lent.ts';

const mebibyte = 2 ** 20;

function bodyOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size, `body ${seed} `);
  for (let at = 0; at < size; at += 4099) bytes[at] = (at / 4099 + seed) % 251;
  return bytes;
}

function digestsOf(body: Buffer) {
  const of = (algorithm: string) => createHash(algorithm).update(body).digest('hex');
  return { md5: of('md5'), sha1: of('sha1'), sha256: of('sha256') };
}

async function write(bodies: WaitingBodies, body: Buffer, chunk = 256 * 1024): Promise<void> {
  for await (const piece of lent(body, chunk)) bodies.write(piece);
}

/** Files without a name that this process has open. */
function namelessFiles(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return /unbake-[0-9a-f]+ \(deleted\)$/.test(readlinkSync(`/proc/self/fd/${descriptor}`));
    } catch {
      return false;
    }
  }).length;
}

describe('bodies that wait for their rules', function () {
  this.timeout(60_000);
  afterEach(() => assert.equal(namelessFiles(), 0));

  it('have digests when something was found in them, and are forgotten otherwise', async () => {
    const size = fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 5000 }) },
      { weight: 2, arbitrary: fc.nat({ max: mebibyte }) },
      fc.nat({ max: 3 * mebibyte }),
    );
    const plan = fc.record({ size, isLookedAt: fc.boolean(), isFound: fc.boolean(), settlesInside: fc.boolean(), settlesBehind: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { maxLength: 12 }), async (plans) => {
        const bodies = new WaitingBodies();
        const settle = () => bodies.settle((index) => plans[index]!.isFound);
        for (const [index, { size: length, isLookedAt, settlesInside, settlesBehind }] of plans.entries()) {
          const body = bodyOf(length, index);
          bodies.begin(length);
          await write(bodies, body.subarray(0, length >> 1));
          if (settlesInside) settle();
          await write(bodies, body.subarray(length >> 1), 70_001);
          bodies.end(index, isLookedAt);
          if (settlesBehind || bodies.isFull) settle();
        }
        settle();
        for (const [index, { size: length, isLookedAt, isFound }] of plans.entries())
          assert.deepEqual(bodies.of(index), isLookedAt && isFound ? digestsOf(bodyOf(length, index)) : undefined, `body ${index}`);
      }),
      { numRuns: 60 },
    );
  });

  it('may be 16 MiB long and no longer, whatever their headers announce', async () => {
    const longest = bodyOf(16 * mebibyte, 1);
    const longer = bodyOf(16 * mebibyte + 1, 2);
    const bodies = new WaitingBodies();
    for (const [index, [body, announced]] of (
      [
        [longest, longest.length],
        [longer, longer.length],
        [longer, 10],
        [Buffer.from('after'), 5],
      ] as const
    ).entries()) {
      bodies.begin(announced);
      await write(bodies, body);
      bodies.end(index, true);
    }
    assert.ok(bodies.isFull);
    bodies.settle(() => true);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => bodies.of(index)),
      [digestsOf(longest), undefined, undefined, digestsOf(Buffer.from('after'))],
    );
  });

  it('leave nothing behind when the scan ends early', async () => {
    const bodies = new WaitingBodies();
    bodies.begin(5 * mebibyte);
    await write(bodies, bodyOf(5 * mebibyte, 3));
    bodies.close();
  });

  it('stay in memory where no file can be made', () => {
    const spill = openSpill('/nonexistent/folder');
    const body = bodyOf(mebibyte, 4);
    spill.write(body.subarray(0, 100), 0);
    spill.write(body.subarray(100), 100);
    const read = Buffer.alloc(1000);
    spill.read(read, 5000);
    assert.ok(read.equals(body.subarray(5000, 6000)));
    spill.close();
  });
});
