// What the tests on broken and hostile archives share: a small image with a token first and last, and what has to be said of it.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { assertCalm, findingsOf, type JsonReport, type Outcome, run } from './cli.ts';
import { assemble, type BuiltImage, type ImagePlan } from './image.ts';
import { githubToken } from './planted.ts';
import { file } from './raw-tar.ts';
import type { Scratch } from './scratch.ts';

export const token = githubToken('hostile');
export const lateToken = githubToken('late');

/** Bytes that do not compress, the same each time. */
export function noise(length: number): Buffer {
  return createCipheriv('aes-256-ctr', Buffer.alloc(32, 1), Buffer.alloc(16)).update(Buffer.alloc(length));
}

export const early = file('srv/early', `key=${token}\n`);
export const bulky = file('srv/bulky', noise(400_000));
export const late = file('srv/late', `key=${lateToken}\n`);

export function imageOf(plan: Partial<ImagePlan> = {}): BuiltImage {
  return assemble({ tags: ['app:1'], layers: [{ entries: [early, bulky, late] }], ...plan });
}

/** A scan that may have ended without a report. */
export interface Told extends Outcome {
  readonly report?: JsonReport;
}

/** Scans an archive, and holds whatever comes of it to be calm. */
export async function scanCalmly(files: Scratch, bytes: Buffer, atMostSeconds?: number): Promise<Told> {
  const outcome = await run(['scan', files.file(bytes), '-f', 'json', '--show-secrets']);
  assertCalm(outcome, atMostSeconds);
  return outcome.stdout === '' ? outcome : { ...outcome, report: JSON.parse(outcome.stdout) as JsonReport };
}

/** The early token is told, what is broken is told as well, and the exit code says that there is a finding. */
export function assertFoundAndBroken({ code, report, stderr }: Told, place?: RegExp): void {
  assert.ok(report, `no report: ${stderr}`);
  assert.notDeepEqual(findingsOf(report, token), [], 'the token before the break is lost');
  assert.notDeepEqual(report.skipped, [], 'nothing is said of the break');
  if (place)
    assert.ok(
      report.skipped.some((skipped) => place.test(`${skipped.place} ${skipped.detail}`)),
      JSON.stringify(report.skipped),
    );
  assert.equal(code, 1);
}
