// A terminal or pipe of the user that a container's output goes to as well. It is slow, stopped, or gone at any time.
import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const longestPause = 16;

export class Attached {
  #fd: number | undefined;

  constructor(fd: number | undefined) {
    this.#fd = fd;
  }

  /** False when there is none, or it is gone. */
  get isThere(): boolean {
    return this.#fd !== undefined;
  }

  /**
   * Done when all bytes were taken, however long that lasts, or when nobody will ever take them. Writes block in a thread, so that the
   * descriptor, which others share, need not be made non-blocking; if one of them did so, the write is tried again.
   */
  async write(bytes: Buffer): Promise<void> {
    let pause = 1;
    for (let written = 0; written < bytes.length && this.#fd !== undefined;) {
      const taken = await writeSome(this.#fd, bytes.subarray(written));
      if (taken === 'gone') this.#fd = undefined;
      else if (taken === 'later') {
        await sleep(pause);
        pause = Math.min(longestPause, pause * 2);
      } else {
        written += taken;
        pause = 1;
      }
    }
  }
}

function writeSome(fd: number, bytes: Buffer): Promise<number | 'later' | 'gone'> {
  return new Promise((resolve) => {
    write(fd, bytes, (error, written) => resolve(error === null ? written : error.code === 'EAGAIN' ? 'later' : 'gone'));
  });
}
