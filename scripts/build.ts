// Compiles the published package: src to dist, JavaScript and declarations, with the shell scripts of containers beside them and the rules in one file.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
const load = async <Module>(path: string): Promise<Module> => (await import(new URL(path, root).href)) as Module;
const { readRulesFolder } = await load<typeof import('../src/rule/rules-folder.ts')>('dist/rule/rules-folder.js');
const { compileRules } = await load<typeof import('../src/rule/compiled-rules.ts')>('dist/rule/compiled-rules.js');
const { compiledRules, packagedRules } = await load<typeof import('../src/rule/packaged-rules.ts')>('dist/rule/packaged-rules.js');
writeFileSync(compiledRules, compileRules(await readRulesFolder(packagedRules)));

const scripts = 'shim/container/';
for (const name of readdirSync(new URL(`src/${scripts}`, root)).filter((file) => file.endsWith('.sh'))) {
  copyFileSync(new URL(`src/${scripts}${name}`, root), new URL(`dist/${scripts}${name}`, root));
}
