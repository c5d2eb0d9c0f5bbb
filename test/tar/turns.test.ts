import { Turns } from '../../src/tar/turns.ts';

describe('turns', () => {
  it('let others run in a loop that only waits for what is there already', async () => {
    const turns = new Turns();
    let isHeard = false;
    setTimeout(() => (isHeard = true), 1);
    // Without a turn the timer would wait for the end of the loop, which waits for the timer.
    while (!isHeard) await turns.take();
  });
});
