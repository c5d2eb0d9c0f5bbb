// Ctrl-C and a polite kill end the work at its next chunk: files are closed, temporary ones are gone, the exit code says so.
import { UnbakeError } from '../model/error.ts';

export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(new UnbakeError('interrupted', 'interrupted'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const aborted = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error)));
  aborted.catch(() => undefined);
  try {
    // A read from a pipe that gives nothing would wait for ever.
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    if (controller.signal.aborted) process.stdin.destroy();
  }
}
