// Makes the published package in dist: the bundles, declarations, the rules in one file, and the licences of what the bundles hold.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileRules } from '../src/rule/compile-rules.ts';
import { packagedRules } from '../src/rule/packaged-rules.ts';
import { readRuleSources } from '../src/rule/rule-sources.ts';
import { bundle } from './bundle.ts';
import { licencesOf } from './licences.ts';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
const { sources, inputs } = await bundle(root.pathname);
const write = (path: string, text: string) => writeFileSync(new URL(path, root), text);
// For the tests, which ask what is loaded; it is not published.
write('dist/sources.json', JSON.stringify(sources));
write('dist/THIRD-PARTY.txt', licencesOf(root.pathname, inputs));
write('dist/rules.json', compileRules(await readRuleSources(packagedRules)));

const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
