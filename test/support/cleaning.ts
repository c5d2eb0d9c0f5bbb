// `unbake clean` as its users run it, and its report read back. Nothing that it says may hold a value that was planted.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CleanReport } from '../../src/model/clean-report.ts';
import { type Outcome, run, type RunOptions } from './cli.ts';
import { exposedIn } from './exposed.ts';
import { type Member, archive, classicArchive, docker25Archive, docker29Archive, ociLayout, skopeoArchive, writeFolder } from './forms.ts';
import type { BuiltImage } from './image.ts';
import { secrets } from './leaky.ts';
import type { Scratch } from './scratch.ts';

export interface CleanOutcome extends Outcome {
  readonly report: CleanReport;
}

/** Throws when it does not end well. `values` are those that must not be told, of the leaky image when none are given. */
export async function clean(
  reference: string,
  args: readonly string[],
  { values = secrets, ...options }: RunOptions & { readonly values?: Readonly<Record<string, string>> } = {},
): Promise<CleanOutcome> {
  const outcome = await run(['clean', reference, '-f', 'json', ...args], options);
  assert.equal(outcome.code, 0, outcome.stderr);
  assertTellsNothing(outcome, values);
  return { ...outcome, report: JSON.parse(outcome.stdout === '' ? outcome.stderr : outcome.stdout) as CleanReport };
}

/** A cleaning that is to be refused: its exit code, and what it said about it. */
export async function refused(reference: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const outcome = await run(['clean', reference, ...args], options);
  assert.notEqual(outcome.code, 0, 'it was not refused');
  assert.ok(outcome.code === 2 || outcome.code === 5 || outcome.code === 130 || outcome.code === 3 || outcome.code === 4, String(outcome.code));
  assert.doesNotMatch(outcome.stderr, /this is a bug|^ {4}at /m);
  assertTellsNothing(outcome, secrets);
  return outcome;
}

export function assertTellsNothing(outcome: Outcome, values: Readonly<Record<string, string>>): void {
  assert.deepEqual([exposedIn(outcome.stdout, values), exposedIn(outcome.stderr, values)], [[], []], 'a value is told');
}

/** Each form that tools write images in. */
export const forms = {
  'docker save before 25': (image) => classicArchive(image),
  'skopeo docker-archive': (image) => skopeoArchive(image),
  'docker save since 25': (image) => docker25Archive(image),
  'docker save of the containerd store, with an attestation': (image) =>
    docker29Archive(image, { invocation: { parameters: { args: { 'build-arg:GITHUB_TOKEN': secrets.argument } } } }),
  'OCI archive': (image) => ociLayout(image),
  'OCI layout': (image) => ociLayout(image),
} as const satisfies Record<string, (image: BuiltImage) => Member[]>;
export type Form = keyof typeof forms;
export const formNames = Object.keys(forms) as Form[];

/** Writes the image in this form and gives its path. */
export function placed(form: Form, image: BuiltImage, files: Scratch): string {
  const members = forms[form](image);
  if (form !== 'OCI layout') return files.file(archive(members));
  const folder = files.newFolder();
  writeFolder(folder, members);
  return folder;
}

/** One digest of everything below a path: names, modes and bytes. */
export function digestOfPath(path: string): string {
  const hash = createHash('sha256');
  const add = (each: string) => {
    const stats = statSync(each);
    hash.update(`${relative(path, each)}\0${stats.mode}\0`);
    if (!stats.isDirectory()) return void hash.update(readFileSync(each));
    for (const name of readdirSync(each).sort()) add(join(each, name));
  };
  add(path);
  return hash.digest('hex');
}

/** Runs the jobs, two at a time. */
export async function inPairs<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < jobs.length; index = next++) results[index] = await jobs[index]!();
  };
  await Promise.all([work(), work()]);
  return results;
}
