// `npm run bench:start [-- --rounds N]`: how long the program takes to start, beside a node that does nothing, in the same round. Runs what
// `npm run build` made, as its users call it: through bin/unbake.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { archive, docker25Archive } from '../test/support/forms.ts';
import { webApp } from '../test/support/web-app.ts';
import { machine, type Run, spread, timed } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'unbake-bench-'));
const program = new URL('../bin/unbake', import.meta.url).pathname;
const image = join(folder, 'app.tar');
const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, UNBAKE_CACHE_DIR: join(folder, 'cache') };

const commands: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': [process.execPath, '-e', '0'],
  'unbake --version': [program, '--version'],
  'unbake --help': [program, '--help'],
  'unbake scan --help': [program, 'scan', '--help'],
  'unbake rules list': [program, 'rules', 'list'],
  'unbake scan, a tiny image': [program, 'scan', '--no-cache', image],
  'the same, known': [program, 'scan', image],
};

try {
  writeFileSync(image, archive(docker25Archive(webApp())));
  const runs = new Map<string, Run[]>(Object.keys(commands).map((name) => [name, []]));
  // The first round fills the caches, the system's and ours.
  for (let round = -1; round < rounds; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const run = timed('"$@" > /dev/null', args, env);
      if (round >= 0) runs.get(name)!.push(run);
    }
  }
  const bare = runs.get('node -e 0')!;
  const ratios = (all: readonly Run[], field: 'wall' | 'cpu') => all.map((run, round) => run[field] / bare[round][field]);
  process.stdout.write(
    `${machine()}. Medians of ${rounds} rounds [ranges].\n\n| | wall, ms | to node | CPU, ms | to node |\n|---|---|---|---|---|\n`,
  );
  for (const [name, all] of runs) {
    const figures = (['wall', 'cpu'] as const).flatMap((field) => [
      spread(
        all.map((run) => run[field] * 1000),
        0,
      ),
      spread(ratios(all, field), 2),
    ]);
    process.stdout.write(`| ${name} | ${figures.join(' | ')} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
