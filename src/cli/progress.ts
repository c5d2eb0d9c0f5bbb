// One line of progress on a terminal, gone when the work is done. Standard error only, and only where somebody watches.
import type { Progress } from '../scan/scan.ts';

export interface ProgressLine {
  show(progress: Progress): void;
  /** A stage of the work that has no measure. */
  say(stage: string): void;
  clear(): void;
}

const framesPerSecond = 10;
const barWidth = 24;

export function progressOn(stream: NodeJS.WriteStream, isQuiet: boolean): ProgressLine | undefined {
  if (isQuiet || !stream.isTTY) return undefined;
  let lastShown = 0;
  return {
    show({ layer, number, of, read, size, isDone }) {
      const now = Date.now();
      if (!isDone && now - lastShown < 1000 / framesPerSecond) return;
      lastShown = now;
      const done = size === 0 ? 1 : read / size;
      const bar = '#'.repeat(Math.round(done * barWidth)).padEnd(barWidth, '.');
      // Names in an archive are a stranger's texts and not searched yet; digests are safe.
      const name = /(?:^|[:/])([0-9a-f]{12})[0-9a-f]{20,}/.exec(layer)?.[1] ?? '';
      stream.write(`\r\x1b[2Klayer ${number}/${of} ${name} [${bar}] ${(size / 2 ** 20).toFixed(1)} MiB`);
    },
    say(stage) {
      stream.write(`\r\x1b[2K${stage}`);
    },
    clear() {
      stream.write('\r\x1b[2K');
    },
  };
}
