// A process is known by number, start and boot: any one of them another, and it is another process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bootId, identityOf, isAlive, parseIdentity } from '../../src/shim/identity.ts';

describe('the identity of a process', () => {
  it('holds as long as it lives, also under another name', () => {
    const identity = identityOf(process.pid)!;
    assert.equal(isAlive(identity), true);
    const title = process.title;
    process.title = 'a) S 1 (b';
    assert.deepEqual(identityOf(process.pid), identity);
    process.title = title;
    assert.equal(isAlive({ ...identity, startTime: `${identity.startTime}0` }), false);
    assert.equal(isAlive({ ...identity, bootId: 'another' }), false);
    assert.equal(isAlive({ ...identity, pid: 2 ** 22 + 1 }), false);
  });

  it('is gone with it, also while its parent has not looked', async () => {
    // The shell becomes a program that never looks after its child, which ends only then.
    const child = 'while read -r name </proc/$PPID/comm && [ "$name" = sh ]; do :; done';
    const parent = spawn('sh', ['-c', 'sh -c "$0" & echo $!; exec sleep 60', child], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(Number(text))));
    try {
      for (let state = ''; state !== 'Z';) state = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]![0]!;
      assert.equal(identityOf(pid), undefined);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('is read from what scripts write, and from nothing else', () => {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const whole = `${bootId()}\n${stat}`;
    assert.deepEqual(parseIdentity(whole), identityOf(process.pid));
    assert.deepEqual(parseIdentity(`${whole}the name of a container\n`), identityOf(process.pid));
    for (const text of ['', '\n', bootId(), `${bootId()}\n`, `\n${stat}`, `${bootId()}\n${stat.slice(0, 40)}`, '\0'.repeat(99), stat])
      assert.equal(parseIdentity(text), undefined, JSON.stringify(text.slice(0, 50)));
  });
});
