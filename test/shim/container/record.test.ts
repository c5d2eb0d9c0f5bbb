// Names of containers are unique whoever is at it at the same time, and a record that was damaged is never half believed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnbakeError } from '../../../src/model/error.ts';
import { deleteContainer } from '../../../src/shim/container/delete.ts';
import { suggestedName } from '../../../src/shim/container/names.ts';
import { assertContainerName, createContainer, findContainer, isStillThere, keptContainers } from '../../../src/shim/container/record.ts';
import { scratch } from '../../support/scratch.ts';
import { aRecord, newHome } from './a-container.ts';

const child = new URL('take-name.ts', import.meta.url).pathname;
const coded = (code: string) => (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === code;

describe('records of containers', () => {
  const { newFolder } = scratch();

  it('give a name once, to 50 that want it in five processes', async () => {
    const root = join(newFolder(), 'root');
    const outputs = await Promise.all(Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, [child, root, '10', 'same'])));
    const results = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    assert.equal(results.filter((result) => result === 'taken').length, 1);
    assert.equal(results.filter((result) => result === 'conflict').length, 49);
    assert.deepEqual(readdirSync(join(root, 'containers')), ['same']);
  });

  it('are found by name, id and the beginning of one; the newest first', async () => {
    const home = await newHome(newFolder());
    const records = ['aa', 'ab', 'cc'].map((start, index) =>
      aRecord({ id: start.padEnd(64, '0'), createdAt: `2026-01-0${index + 1}T00:00:00.000Z` }),
    );
    for (const [index, record] of records.entries()) await createContainer(home, `c${index}`, record);
    assert.deepEqual(
      (await keptContainers(home)).containers.map(({ name }) => name),
      ['c2', 'c1', 'c0'],
    );
    for (const reference of ['c2', 'cc', records[2]!.id]) assert.equal((await findContainer(home, reference)).name, 'c2');
    await assert.rejects(findContainer(home, 'a'), coded('usage'));
    for (const reference of ['d', '', '..', '../containers/c2', 'c3', 'x'.repeat(5000)])
      await assert.rejects(findContainer(home, reference), coded('not-found'));
  });

  it('that are damaged anywhere are no records', async () => {
    const home = await newHome(newFolder());
    const { folder } = await createContainer(home, 'web', aRecord());
    const file = join(folder, 'container.json');
    const whole = readFileSync(file, 'utf8');
    const fields = JSON.parse(whole) as Record<string, unknown>;
    const damaged = [
      '',
      'null',
      '[]',
      '"text"',
      whole.slice(0, -20),
      '\0'.repeat(whole.length),
      ...['id', 'image', 'imageDigest', 'layers', 'ports', 'creator', 'stopTimeout', 'cgroup', 'runtime', 'schemaVersion'].flatMap((name) =>
        [undefined, {}, null].map((value) => JSON.stringify({ ...fields, [name]: value })),
      ),
      JSON.stringify({ ...fields, id: '../../etc' }),
      JSON.stringify({ ...fields, schemaVersion: 2 }),
    ];
    for (const text of damaged) {
      writeFileSync(file, text);
      assert.deepEqual(await keptContainers(home), { containers: [], broken: ['web'] }, text.slice(0, 300));
    }
    writeFileSync(file, whole);
    assert.equal((await keptContainers(home)).containers.length, 1);
  });

  it('are removed with all that the container wrote, whatever its names and modes are', async () => {
    const home = await newHome(newFolder());
    const container = await createContainer(home, 'web', aRecord());
    const odd = Buffer.concat([Buffer.from(`${container.folder}/upper/`), Buffer.from([0xff, 0x0a, 0xfe])]);
    writeFileSync(odd, '');
    mkdirSync(join(container.folder, 'upper/closed/inner'), { recursive: true });
    chmodSync(join(container.folder, 'upper/closed'), 0);
    assert.equal(await isStillThere(container), true);
    await deleteContainer(container, home);
    await deleteContainer(container, home);
    assert.equal(await isStillThere(container), false);
    assert.deepEqual(readdirSync(home.containers), []);
  });

  it('have names that docker takes too, and suggest some', () => {
    for (const name of ['a', '0', 'a_b-c.d', 'x'.repeat(128), ...Array.from({ length: 200 }, suggestedName)]) assertContainerName(name);
    for (const name of ['', '.', '..', '-a', '_a', '.new-x', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(129)])
      assert.throws(() => assertContainerName(name), coded('usage'));
    assert.ok(new Set(Array.from({ length: 200 }, suggestedName)).size > 100);
  });
});
