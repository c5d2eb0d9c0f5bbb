// One image, run and watched until something is known of it, and removed again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpAnswer, HttpProbe, Outcome, Trial } from '../../model/comparison.ts';
import { startContainer, type StartedContainer, StartError, type StartOptions } from '../container/start.ts';
import { stateOf } from '../container/state.ts';
import { stopContainer } from '../container/stop.ts';
import type { KeptContainer } from '../container/record.ts';
import { logRecords } from '../logs.ts';
import { ask } from './probe.ts';
import { comparable } from './log-lines.ts';

export interface TrialOptions {
  readonly probes: readonly HttpProbe[];
  /** Seconds to wait for health, probes or the end of the program. Left out: 60, and 10 where the end alone is waited for. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Takes secrets out of a text that came from a container, before anything else is done with it: a part of a secret is told by none. */
  mask(text: string): Promise<string>;
}

/** A trial, and its output as `comparable` lines. */
export interface Tried {
  readonly trial: Trial;
  readonly output: readonly string[];
}

/** What of a start is not decided here. */
export type TrialStart = Omit<StartOptions, 'isDetached' | 'isRemovedAfter' | 'isBound' | 'name'>;

/** Whatever the image does is told in the trial; errors are thrown for what lies at the machine or the flags. Nothing of it is left. */
export async function tryImage(start: TrialStart, options: TrialOptions): Promise<Tried> {
  const { reference, image, request, signal } = start;
  const named = { image: reference, digest: image.manifestDigest };
  const ports = [
    ...request.ports,
    ...options.probes.map(({ port }) => ({ hostAddress: '127.0.0.1', hostPort: undefined, containerPort: port, protocol: 'tcp' as const })),
  ];
  let started: StartedContainer;
  try {
    started = await startContainer({ ...start, request: { ...request, ports }, isDetached: true, isRemovedAfter: false, isBound: true });
  } catch (thrown) {
    if (!(thrown instanceof StartError)) throw thrown;
    return { trial: { ...named, outcome: { kind: 'failed', why: await options.mask(thrown.why) }, answers: [], lines: 0 }, output: [] };
  }
  const { container } = started;
  try {
    const answers = await answersOf(container, options);
    const outcome = await outcomeOf(container, answers, options);
    signal?.throwIfAborted();
    const stopped = outcome.kind === 'running' ? await stopContainer(container) : undefined;
    const output = await outputOf(container, options);
    return {
      trial: { ...named, outcome, answers, lines: output.length, ...(stopped === undefined ? {} : { stopCode: stopped.exitCode }) },
      output,
    };
  } finally {
    await started.remove();
  }
}

/** Of each probe the first answer that is no server error, or what it gave in the end. */
async function answersOf(container: KeptContainer, { probes, timeout = 60, signal, mask }: TrialOptions): Promise<readonly HttpAnswer[]> {
  const deadline = Date.now() + timeout * 1000;
  const answers: HttpAnswer[] = [];
  // Those of the probes were asked for last, one each.
  const published = container.record.ports.slice(-probes.length);
  for (const [index, probe] of probes.entries()) {
    const { hostPort } = published[index];
    for (;;) {
      signal?.throwIfAborted();
      const answer = await ask(probe, hostPort, Math.max(1000, Math.min(10_000, deadline - Date.now())));
      const isOver = Date.now() > deadline || (await stateOf(container)).kind === 'exited';
      if (isOver || (answer.status !== undefined && answer.status < 500)) {
        answers.push(await maskedAnswer(answer, mask));
        break;
      }
      await sleep(100);
    }
  }
  return answers;
}

/** The head of an answer is a text of the container too. */
async function maskedAnswer(answer: HttpAnswer, mask: TrialOptions['mask']): Promise<HttpAnswer> {
  const { contentType, error } = answer;
  return {
    ...answer,
    ...(contentType === undefined ? {} : { contentType: await mask(contentType) }),
    ...(error === undefined ? {} : { error: await mask(error) }),
  };
}

/** Waits for its end, where no probe was asked; with a health check for that to be decided. */
async function outcomeOf(container: KeptContainer, answers: readonly HttpAnswer[], options: TrialOptions): Promise<Outcome> {
  const { timeout = container.record.hasHealthcheck ? 60 : 10, signal } = options;
  const deadline = Date.now() + timeout * 1000;
  const isAnswered = answers.length > 0;
  for (;;) {
    signal?.throwIfAborted();
    const state = await stateOf(container);
    if (state.kind === 'exited') return { kind: 'exited', exitCode: state.exitCode, isOutOfMemory: state.isOutOfMemory };
    const health = state.kind === 'running' ? state.health : undefined;
    const isDecided = health === undefined ? isAnswered : health !== 'starting';
    if (isDecided || Date.now() > deadline) return { kind: 'running', ...(health === undefined ? {} : { health }) };
    await sleep(50);
  }
}

const mostLines = 20_000;
const mostCharacters = 2 ** 20;

async function outputOf({ folder }: KeptContainer, { mask }: TrialOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  let length = 0;
  for await (const { bytes } of logRecords(`${folder}/log.json`, { follow: false, isOver: () => Promise.resolve(true) })) {
    const line = bytes.toString('utf8').trimEnd();
    length += line.length;
    if (lines.length >= mostLines || length > mostCharacters) break;
    lines.push(line);
  }
  if (lines.length === 0) return [];
  return (await mask(lines.join('\n'))).split('\n').map(comparable);
}
