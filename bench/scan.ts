// `npm run bench [-- --rounds N] [--quick] [--only ROW...] [--write]`: what a scan costs, beside programs that only decompress or search, all
// in each round, one after the other, so that a busy machine disturbs all of it alike. Runs what `npm run build` made. Ends with 1 when a
// target is missed or a step fails. --quick is for work in progress: a small image, two rounds; --write puts the tables into docs/performance.md.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchImage } from './image.ts';
import { hasGnuTime, machine, type Run, spread } from './measure.ts';
import { scanImage } from './scan-image.ts';
import { type Row, rows, type Step, stepsOf } from './steps.ts';
import { type Round, verdicts } from './targets.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const chosen = rows.filter((row) => values.only?.includes(row) ?? true);
const unknown = values.only?.find((row) => !rows.includes(row as Row));
if (unknown !== undefined) throw new Error(`--only ${unknown}: the rows are ${rows.join(', ')}`);
if (values.write && (values.quick || values.only)) throw new Error('--write keeps whole runs only: without --quick and --only');
warnOfOldBuild();

const image = await scanImage(values.quick ? 'small' : 'whole');
const folder = mkdtempSync(join(tmpdir(), 'unbake-bench-'));
try {
  const steps: Step[] = [];
  const skipped = hasGnuTime() ? [] : ['GNU time is not installed (Debian: time): no peaks of memory.'];
  for (const row of chosen) {
    const made = await stepsOf(row, image, folder, values.quick);
    steps.push(...made.steps);
    skipped.push(...made.skipped);
  }
  const done: Round[] = [];
  const failed = new Map<Step, string>();
  for (let round = 0; round < rounds; round++) {
    const runs: Record<string, Run> = {};
    for (const step of steps.filter((each) => !failed.has(each))) {
      const { name, title } = step;
      const about = `round ${round + 1} of ${rounds}: ${title}`;
      try {
        const { cpu, wall } = (runs[name] = step.run());
        process.stderr.write(`${about}: ${cpu.toFixed(2)} s CPU, ${wall.toFixed(2)} s\n`);
      } catch (thrown) {
        const { message } = thrown as Error;
        failed.set(step, `**Failed**: ${title}: ${message}`);
        process.stderr.write(`${about}: ${message}\n`);
      }
    }
    done.push(runs);
  }
  const judged = verdicts(done);
  const text = [aboutOf(image), tableOf(steps, done), targetsOf(judged), ...skipped, ...failed.values()].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (values.write && failed.size === 0) writeIntoDocument(text);
  process.exitCode = failed.size > 0 || judged.some(({ isMet }) => isMet === false) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

function aboutOf({ bytes, gzipBytes, zstdBytes, layers }: BenchImage): string {
  const megabytes = (count: number) => `${(count / 1e6).toFixed(0)} MB`;
  return `${machine()}. ${megabytes(bytes)} of tar in ${layers.length} layers (${layers.join(', ')}), ${megabytes(gzipBytes)} as gzip -6, ${megabytes(zstdBytes)} as zstd -3. ${rounds === 1 ? 'One round.' : `Medians of ${rounds} rounds [ranges].`}`;
}

function tableOf(steps: readonly Step[], done: readonly Round[]): string {
  const lines = steps.flatMap(({ name, title }) => {
    const runs = done.map((round) => round[name]).filter((run) => run !== undefined);
    if (runs.length === 0) return [];
    const of = (figure: (run: Run) => number, digits: number) => spread(runs.map(figure), digits);
    const peak = runs[0].peak === undefined ? '' : of((run) => run.peak! / 1e6, 0);
    return [`| ${[title, of(({ cpu }) => cpu, 2), of(({ wall }) => wall, 2), peak].join(' | ')} |`];
  });
  return ['| what | CPU s | wall s | peak RSS MB |', '|---|---|---|---|', ...lines].join('\n');
}

function targetsOf(judged: ReturnType<typeof verdicts>): string {
  const said = (isMet: boolean | undefined) => (isMet === undefined ? '' : isMet ? 'met' : '**missed**');
  const lines = judged.map(({ title, measured, most, isMet }) => `| ${[title, measured, most, said(isMet)].join(' | ')} |`);
  return ['| ratio | measured | target | |', '|---|---|---|---|', ...lines].join('\n');
}

function writeIntoDocument(text: string): void {
  const path = new URL('../docs/performance.md', import.meta.url);
  const document = readFileSync(path, 'utf8');
  const [begin, end] = ['<!-- bench -->', '<!-- /bench -->'];
  if (!document.includes(begin) || !document.includes(end)) throw new Error(`docs/performance.md has no ${begin} ... ${end}`);
  const head = document.slice(0, document.indexOf(begin) + begin.length);
  writeFileSync(path, `${head}\n\n${text}\n\n${document.slice(document.indexOf(end))}`);
}

/** Scans run from `dist`, whatever `src` says. */
function warnOfOldBuild(): void {
  const newest = (name: string) => {
    const root = new URL(`../${name}/`, import.meta.url).pathname;
    const files = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
    return Math.max(0, ...files.map((file) => statSync(join(root, file))).flatMap((stat) => (stat.isFile() ? stat.mtimeMs : [])));
  };
  if (newest('dist') < newest('src')) process.stderr.write('src is newer than dist: `npm run build` makes it anew\n');
}
