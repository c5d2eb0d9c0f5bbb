// Loaded with `node --import` in front of a program: writes the names of all modules that it loaded, a line each, to a file when it ends.
// Of a bundle it names the sources.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  process.on('exit', () => writeFileSync(target, loaded.flatMap(sourcesOf).join('\n')));
}

function sourcesOf(url: string): readonly string[] {
  const list = url.includes('/dist/bundle/') ? new URL('../sources.json', url) : undefined;
  if (list === undefined || !existsSync(list)) return [url];
  const bundled = JSON.parse(readFileSync(list, 'utf8')) as Readonly<Record<string, readonly string[]>>;
  return bundled[url.slice(url.lastIndexOf('/') + 1)].map((path) => new URL(`../../${path}`, url).href);
}
