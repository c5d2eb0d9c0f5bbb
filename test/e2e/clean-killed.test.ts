// Killed at any moment: what was there is there, what is new is whole, and nothing temporary is left.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { archive, ociLayout, writeFolder } from '../support/forms.ts';
import { assertTellsNothing, clean, digestOfPath, inPairs } from '../support/cleaning.ts';
import { run } from '../support/cli.ts';
import { exposedAt } from '../support/exposed.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { namesIn } from '../support/output.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

/** Large enough for the disk to be used at every stage. */
const image = leakyImage([file('etc/base', Buffer.alloc(2 ** 21, 'a base, long and dull\n'))]);

/** In each of the four cases: moments in time, which the signals share, and changes in the folder. */
const moments = 12;
const changes = 10;
const signals = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;

describe('whoever is killed while an image is cleaned', function () {
  this.timeout(240_000);
  const files = scratch();
  let sources: Readonly<Record<'archive' | 'layout', string>>;

  before(function () {
    needs(this, 'sh', 'tar');
    const folder = join(files.folder, 'layout');
    mkdirSync(folder);
    writeFolder(folder, ociLayout(image));
    sources = { archive: files.file(archive(ociLayout(image)), 'archive.tar'), layout: folder };
  });

  /** A folder with the input and one for temporary files; `inPlace` writes over the input. */
  function prepared(form: 'archive' | 'layout', inPlace: boolean) {
    const place = files.newFolder();
    const temporary = files.newFolder();
    const input = join(place, 'in');
    const output = inPlace ? input : join(place, 'out');
    if (form === 'archive') copyFileSync(sources.archive, input);
    else cpSync(sources.layout, input, { recursive: true, preserveTimestamps: true });
    const args = [
      '-o',
      form === 'archive' ? `oci-archive:${output}` : `oci:${output}`,
      '--vault',
      join(place, 'vault'),
      '--attest',
      join(place, 'statement'),
    ];
    return { place, temporary, input, output, args, env: { TMPDIR: temporary } };
  }

  /** The janitor needs a moment: at most five seconds. */
  async function settled(place: string, temporary: string): Promise<void> {
    const strangers = () => [...namesIn(place).filter((name) => !['in', 'out', 'vault', 'statement'].includes(name)), ...namesIn(temporary)];
    for (let tries = 0; tries < 100 && (strangers().length > 0 || !existsSync(join(place, 'in'))); tries++) await sleep(50);
    assert.deepEqual(strangers(), []);
  }

  for (const form of ['archive', 'layout'] as const) {
    for (const inPlace of [false, true]) {
      it(`${form} to ${inPlace ? 'the same' : 'another'} ${form}`, async () => {
        const whole = prepared(form, inPlace);
        const before = digestOfPath(whole.input);
        await clean(whole.input, whole.args, { env: whole.env });
        await settled(whole.place, whole.temporary);
        const after = digestOfPath(whole.output);
        const vault = digestOfPath(join(whole.place, 'vault'));
        assert.deepEqual(exposedAt(whole.output, secrets), []);
        assert.equal(before === digestOfPath(whole.input), !inPlace);

        /** Runs it beside whoever ends it, and looks at what is left. */
        const killed = async (what: string, whileRunning: (child: ChildProcess, place: string) => Promise<void>) => {
          const { place, temporary, input, output, args, env } = prepared(form, inPlace);
          const outcome = await run(['clean', input, ...args], { env, whileRunning: (child) => whileRunning(child, place) });
          assert.ok([undefined, 0, 130].includes(outcome.code), `${what}: exit code ${outcome.code}: ${outcome.stderr}`);
          assertTellsNothing(outcome, secrets);
          await settled(place, temporary);
          if (!inPlace) assert.equal(digestOfPath(input), before, `${what}: the input`);
          const left = existsSync(output) ? digestOfPath(output) : 'nothing';
          assert.ok([after, inPlace ? before : 'nothing'].includes(left), `${what}: the output`);
          if (outcome.code === 0) assert.equal(left, after, what);
          // The image comes last: what belongs to it is there before.
          const has = (name: string) => existsSync(join(place, name));
          if (left === after) assert.deepEqual([has('vault'), has('statement')], [true, true], what);
          if (has('vault')) assert.deepEqual([digestOfPath(join(place, 'vault')), statSync(join(place, 'vault')).mode & 0o777], [vault, 0o700], what);
          if (has('statement')) JSON.parse(readFileSync(join(place, 'statement'), 'utf8'));
          return outcome;
        };

        const measured = await inPairs(
          [1, 2].map(() => async () => {
            const { input, args, env } = prepared(form, inPlace);
            return (await clean(input, args, { env })).seconds;
          }),
        );
        const longest = Math.max(...measured);
        await inPairs(
          Array.from({ length: moments }, (_, index) => async () => {
            const signal = signals[index % signals.length]!;
            const delay = (1100 * longest * (index + 0.5)) / moments;
            await killed(`${signal} after ${Math.round(delay)} ms`, async (child) => {
              await sleep(delay);
              child.kill(signal);
            });
          }),
        );
        // Most of what can go wrong is in a few milliseconds: whenever something comes or goes in the folder.
        const ends = await inPairs(
          Array.from({ length: changes }, (_, index) => async () => {
            const { code } = await killed(`at change ${index + 1} in the folder`, async (child, place) => {
              let count = 0;
              const watcher = watch(place, (type) => {
                if (type === 'rename' && count++ === index) child.kill('SIGKILL');
              });
              await once(child, 'exit');
              watcher.close();
            });
            return code;
          }),
        );
        assert.equal(ends[0], undefined, 'killed at the first change');
      });
    }
  }

  it('on the way to standard output: nothing is left in the temporary folder', async () => {
    const input = readFileSync(sources.archive);
    const { seconds } = await run(['clean', '-', '-o', '-', '--report', '/dev/null'], { input });
    await inPairs(
      Array.from({ length: 6 }, (_, index) => async () => {
        const temporary = files.newFolder();
        await run(['clean', '-', '-o', '-', '--report', '/dev/null'], {
          input,
          env: { TMPDIR: temporary },
          whileRunning: async (child) => {
            await sleep((1000 * seconds * (index + 0.5)) / 6);
            child.kill(signals[index % signals.length]);
          },
        });
        for (let tries = 0; tries < 100 && namesIn(temporary).length > 0; tries++) await sleep(50);
        assert.deepEqual(namesIn(temporary), []);
      }),
    );
  });
});
