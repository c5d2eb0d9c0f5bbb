// Loaded with `node --import` in front of a program: writes the most memory that it ever had resident, in bytes, to a file
// when it ends. Read from the kernel's own count, because `maxRSS` of a child begins with that of its parent.
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const target = process.env['UNBAKE_TEST_PEAK_FILE'];

if (isMainThread && target) {
  process.on('exit', () => {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    writeFileSync(target, String(Number(kibibytes) * 1024));
  });
}
