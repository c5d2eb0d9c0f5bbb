// Runs the command line as its users do, in a process of its own, and reads back what it said.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Fate, LayerRef, Place } from '../../src/model/finding.ts';
import type { Coverage, ImageInfo, Notice, Skipped } from '../../src/model/report.ts';
import { compileCacheVariable } from './compile-cache.ts';
import { program } from './program.ts';

const compileCache = process.env[compileCacheVariable];

export interface Outcome {
  /** Undefined when a signal ended the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly input?: Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Flags of node itself. */
  readonly nodeFlags?: readonly string[];
  /** Called with the process, once it has started. */
  readonly whileRunning?: (child: ChildProcess) => Promise<void>;
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), '--', program, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...(compileCache && { NODE_COMPILE_CACHE: compileCache }), ...withoutCache(options), ...options.env },
    cwd: options.cwd,
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (child.stdin) {
    child.stdin.on('error', () => {}); // the program may stop reading before all is written
    child.stdin.end(options.input);
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  await options.whileRunning?.(child);
  const [code] = await closed;
  return {
    code: code ?? undefined,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** What one test finds is nothing to another: only a test that says where the cache is has one. */
function withoutCache({ env }: RunOptions): Record<string, string> {
  return env?.['UNBAKE_CACHE_DIR'] === undefined ? { UNBAKE_NO_CACHE: '1' } : {};
}

export interface ReportedFinding {
  readonly fingerprint: string;
  readonly ruleId: string;
  readonly secret: { readonly mask: string; readonly value?: string };
  readonly place: Place;
  readonly fate: Fate;
  readonly image?: number;
  readonly layer?: LayerRef;
  readonly createdBy?: string;
  readonly inherited?: boolean;
  readonly alsoAt: readonly { readonly path: string; readonly fate: Fate }[];
}

export interface JsonReport {
  readonly images: readonly ImageInfo[];
  readonly findings: readonly ReportedFinding[];
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  readonly coverage: Coverage;
}

export interface ScanOutcome extends Outcome {
  readonly report: JsonReport;
}

/** `unbake scan REF -f json --show-secrets`: throws when there is no report, so only for images that can be read. */
export async function scan(reference: string, args: readonly string[] = [], options: RunOptions = {}): Promise<ScanOutcome> {
  const outcome = await run(['scan', reference, '-f', 'json', '--show-secrets', ...args], options);
  assert.notEqual(outcome.stdout, '', `no report, exit code ${outcome.code}: ${outcome.stderr}`);
  return { ...outcome, report: JSON.parse(outcome.stdout) as JsonReport };
}

/** True when the finding is about this secret, or about a text that holds it. */
export function isAbout(finding: ReportedFinding, secret: string): boolean {
  const value = finding.secret.value ?? '';
  return value.includes(secret.trim()) || (value.length >= 20 && secret.includes(value.trim()));
}

export function findingsOf(report: JsonReport, secret: string): ReportedFinding[] {
  return report.findings.filter((finding) => isAbout(finding, secret));
}

/** What became of a place, in words: `visible`, `deleted by 2`. */
export function inWords(fate: Fate): string {
  return 'byLayer' in fate ? `${fate.kind} by ${fate.byLayer}` : fate.kind;
}

/** A finding in one line: `0 /app/.env:3 deleted by 2`, `1 header of /app/x visible`, `config.Env[0]`. */
export function line(finding: ReportedFinding): string {
  const layer = finding.layer ? `${finding.layer.index} ` : '';
  const { place } = finding;
  switch (place.kind) {
    case 'file':
      return `${layer}${place.path}:${place.position.line} ${inWords(finding.fate)}`;
    case 'header':
      return `${layer}header of ${place.path} ${inWords(finding.fate)}`;
    case 'stray':
      return `${layer}stray ${inWords(finding.fate)}`;
    case 'metadata':
      return place.pointer;
  }
}

/** For each named secret every place that the report tells of, one line each, sorted. */
export function told(report: JsonReport, secrets: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, [...new Set(findingsOf(report, secret).map(line))].toSorted()]));
}

/** Whatever the image is, the program says what it thinks of it in sentences, and soon. */
export function assertCalm(outcome: Outcome, atMostSeconds = 10): void {
  assert.doesNotMatch(outcome.stderr, /^ {4}at /m, 'a stack trace on standard error');
  assert.doesNotMatch(outcome.stderr, /\b(?:TypeError|RangeError|ReferenceError|SyntaxError|ERR_[A-Z_]+)\b/);
  assert.ok(outcome.code !== undefined && [0, 1, 3, 4].includes(outcome.code), `exit code ${outcome.code}: ${outcome.stderr}`);
  assert.ok(outcome.seconds < atMostSeconds, `took ${outcome.seconds.toFixed(1)} s`);
}

/** Nothing in it steers a terminal, turns a line around or gives a workflow command. Newlines and tabs are allowed. */
export function assertNeutral(text: string): void {
  assert.doesNotMatch(text, /^\s*(?:::|##\[)/m, 'a workflow command');
  const steering = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.exec(text);
  assert.equal(steering && JSON.stringify(text.slice(Math.max(0, steering.index - 20), steering.index + 20)), null);
}
