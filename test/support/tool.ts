// Programs that tests borrow from the machine. Where one is missing its tests are skipped with a word about it, and fail in CI.
import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** To be called in a `before` hook: skips what follows when a program is missing. */
export function needs(context: Mocha.Context, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  skip(context, `not installed: ${missing.join(', ')}`);
}

export function skip(context: Mocha.Context, why: string): void {
  assert.ok(!process.env['CI'], `${why}; in CI nothing may be skipped`);
  console.error(`      skipped: ${why}`);
  context.skip();
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Buffer;
}

/** Runs a program to its end and gives what it printed, trimmed; throws with what it complained of. */
export function tool(program: string, args: readonly string[], options: ToolOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    env: { ...process.env, ...options.env },
    maxBuffer: 1 << 30,
  });
  if (error) throw error;
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr.toString()}`);
  return stdout.toString().trim();
}
