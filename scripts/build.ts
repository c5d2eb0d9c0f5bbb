// Compiles the published package: src to dist, JavaScript and declarations, with the shell scripts of containers beside them.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
const scripts = 'shim/container/';
for (const name of readdirSync(new URL(`src/${scripts}`, root)).filter((file) => file.endsWith('.sh'))) {
  copyFileSync(new URL(`src/${scripts}${name}`, root), new URL(`dist/${scripts}${name}`, root));
}
