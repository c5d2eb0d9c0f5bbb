// A program for tests: writes an image to a place and may be killed on its way by its own hand, at a call to the disk that is counted.
// Arguments: the form, the path, the mark of the image, and optionally the call, from 1. Without a number it writes on and on until
// somebody kills it, and prints a line for each image that is in place.
import { setTimeout as sleep } from 'node:timers/promises';
import { type OutputTarget, stageOutput } from '../../src/store/output.ts';
import { watchDisk } from './disk-calls.ts';
import { contentsOf, imageMarked } from './output.ts';

const [form, path, mark, dieAt] = process.argv.slice(2) as [string, string, string, string | undefined];
const target: OutputTarget =
  form === 'oci'
    ? { kind: 'oci', path }
    : form === 'stdout'
      ? { kind: 'stdout', form: 'oci-archive' }
      : { kind: 'oci-archive', path, compression: 'none' };

async function write(version: string): Promise<void> {
  await (await stageOutput(target, contentsOf(imageMarked(version)), { replaces: 'all' })).commit();
}

if (dieAt === undefined) {
  for (let version = 0; ; version++) {
    await write(`${mark} ${version}`);
    process.stdout.write(`${version}\n`);
    await sleep(1);
  }
} else {
  let calls = 0;
  let writes = 0;
  await watchDisk((name) => {
    // Between two writes to one file nothing differs.
    if (name === 'write' && ++writes > 2) return;
    if (++calls === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
  });
  await write(mark);
}
