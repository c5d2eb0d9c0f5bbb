// What became of a container is read from files that any of its processes may have failed to write, and that may be about another one.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deleteContainer, sweepContainers } from '../../../src/shim/container/delete.ts';
import { createContainer, findContainer, type KeptContainer } from '../../../src/shim/container/record.ts';
import { listContainers, stateOf } from '../../../src/shim/container/state.ts';
import { ourIdentity } from '../../../src/shim/container/record.ts';
import type { Home } from '../../../src/shim/home.ts';
import { scratch } from '../../support/scratch.ts';
import { anotherBoot, aRecord, deadProcess, newHome, writeIdentity } from './a-container.ts';

describe('the state of a container', () => {
  const { newFolder } = scratch();
  const startedAt = '2026-01-02T03:04:05.678901234Z';
  let home: Home;
  let container: KeptContainer;

  beforeEach(async () => {
    home = await newHome(newFolder());
    container = await createContainer(home, 'web', aRecord({ creator: await deadProcess() }));
  });
  const write = (name: string, text: string) => writeFileSync(join(container.folder, name), text);
  const start = (id = container.record.id) => write('started', `${startedAt} ${id}\n`);
  const unseen = (exitCode: number, error: string) => ({ kind: 'exited', exitCode, isOutOfMemory: false, error });

  it('is "created" while the command that makes it is at it', async () => {
    const made = await createContainer(home, 'made', aRecord());
    assert.deepEqual(await stateOf(made), { kind: 'created' });
    writeIdentity(made, 'witness', ourIdentity());
    assert.deepEqual(await stateOf(made), { kind: 'created' });
    assert.ok(!existsSync(join(made.folder, 'exit')));
  });

  it('is "running" while one of the two processes lives that know its end', async () => {
    start();
    writeIdentity(container, 'witness', await deadProcess());
    writeIdentity(container, 'supervisor', ourIdentity());
    assert.deepEqual(await stateOf(container), { kind: 'running', startedAt });
    writeIdentity(container, 'witness', ourIdentity());
    writeIdentity(container, 'supervisor', await deadProcess());
    assert.deepEqual(await stateOf(container), { kind: 'running', startedAt });
  });

  it('is told of a command that was killed before it started anything', async () => {
    const expected = unseen(125, 'the command that should have started it was killed');
    assert.deepEqual(await stateOf(container), expected);
    assert.deepEqual(await stateOf(container), expected, 'what was recorded reads the same');
  });

  it('is told when all processes were killed', async () => {
    start();
    for (const name of ['witness', 'supervisor'] as const) writeIdentity(container, name, await deadProcess());
    const expected = { ...unseen(137, 'all processes of the shim were killed, so nobody saw it end'), startedAt };
    assert.deepEqual(await stateOf(container), expected);
    assert.deepEqual(await stateOf(container), expected);
  });

  it('is not "running" for a process that has got the same number', async () => {
    start();
    for (const name of ['witness', 'supervisor'] as const) writeIdentity(container, name, { ...ourIdentity(), startTime: '1' });
    assert.equal((await stateOf(container)).kind, 'exited');
  });

  it('is told after a reboot, even if numbers and times fit', async () => {
    const before = anotherBoot(ourIdentity());
    const rebooted = await createContainer(home, 'old', aRecord({ creator: before }));
    writeFileSync(join(rebooted.folder, 'started'), `${startedAt} ${rebooted.record.id}\n`);
    for (const name of ['witness', 'supervisor'] as const) writeIdentity(rebooted, name, before);
    assert.deepEqual(await stateOf(rebooted), { ...unseen(137, 'the machine was restarted while it ran'), startedAt });
  });

  it('is read from the line that the scripts wrote, padding and all', async () => {
    start();
    const { id } = container.record;
    const finishedAt = '2026-01-02T03:05:00.000000000Z';
    write('exit', `3 ${finishedAt} true ended ${id}\n${' '.repeat(99)}`);
    assert.deepEqual(await stateOf(container), { kind: 'exited', startedAt, finishedAt, exitCode: 3, isOutOfMemory: true });
    write('exit', `137 ${finishedAt} false orphaned ${id}\n`);
    assert.deepEqual(await stateOf(container), {
      kind: 'exited',
      startedAt,
      finishedAt,
      exitCode: 137,
      isOutOfMemory: false,
      error: 'its OCI runtime was killed',
    });
  });

  it('is not taken from files of another container, of half a file or of none', async () => {
    for (const text of [
      '',
      '3',
      `3 now false ended ${'b'.repeat(64)}\n`,
      `3 now false ended ${container.record.id.slice(0, 20)}`,
      ' '.repeat(255),
      '\0'.repeat(255),
    ]) {
      writeIdentity(container, 'supervisor', ourIdentity());
      start();
      write('exit', text);
      assert.deepEqual(await stateOf(container), { kind: 'running', startedAt }, JSON.stringify(text.slice(0, 20)));
    }
    writeIdentity(container, 'supervisor', ourIdentity(), 'b'.repeat(64));
    assert.equal((await stateOf(container)).kind, 'exited');
    start('b'.repeat(64));
    const { startedAt: time } = (await stateOf(container)) as { startedAt?: string };
    assert.equal(time, undefined);
  });

  it('of a container that was removed touches nothing of the one that got its name', async () => {
    await deleteContainer(container, home);
    const next = await createContainer(home, 'web', aRecord());
    assert.equal((await stateOf(container)).kind, 'exited');
    await deleteContainer(container, home);
    assert.deepEqual(await stateOf(next), { kind: 'created' });
    assert.deepEqual(await stateOf(await findContainer(home, 'web')), { kind: 'created' });
  });

  it('is shown of those that stay, and those to be removed go when nobody else does it', async () => {
    const creator = await deadProcess();
    await createContainer(home, 'going', aRecord({ isRemovedAfter: true, creator }));
    await createContainer(home, 'waited', aRecord({ isRemovedAfter: true }));
    mkdirSync(join(home.containers, 'strange'));
    const { containers, broken } = await listContainers(home);
    assert.deepEqual(containers.map(({ name }) => name).toSorted(), ['waited', 'web']);
    assert.deepEqual(broken, ['strange']);
    assert.deepEqual(readdirSync(home.containers).toSorted(), ['strange', 'waited', 'web']);
  });

  it('is nothing for a sweep, but broken records and half-made folders of the dead are', async () => {
    mkdirSync(join(home.containers, 'strange'));
    mkdirSync(join(home.containers, 'lives'));
    const { pid, startTime, bootId } = await deadProcess();
    mkdirSync(join(home.containers, `.new-${'0'.repeat(12)}-${pid}-${startTime}-${bootId.slice(0, 8)}`));
    const ours = ourIdentity();
    const current = `.new-${'0'.repeat(12)}-${ours.pid}-${ours.startTime}-${ours.bootId.slice(0, 8)}`;
    mkdirSync(join(home.containers, current));
    writeIdentity({ ...container, folder: join(home.containers, 'lives') }, 'supervisor', ours);
    await sweepContainers(home);
    assert.deepEqual(readdirSync(home.containers).toSorted(), [current, 'lives', 'web']);
  });
});
