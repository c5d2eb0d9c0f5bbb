// Loaded with `node --import` in front of a program: writes the names of all modules that it loaded, a line each, to a file when it ends.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const target = process.env['UNBAKE_TEST_MODULES_FILE'];
const loaded: string[] = [];

if (target) {
  registerHooks({
    load(url, context, nextLoad) {
      loaded.push(url);
      return nextLoad(url, context);
    },
  });
  process.on('exit', () => writeFileSync(target, loaded.join('\n')));
}
