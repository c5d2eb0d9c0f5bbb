// One AssemblyScript module of the core, compiled: the text of the file that holds it for TypeScript. The same sources and the same
// compiler give the same bytes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const core = new URL('../src/core/', import.meta.url).pathname;
const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');

/** What stands in `assembly/`, but for parts of others, whose names begin with `_`. */
export const coreModules = readdirSync(join(core, 'assembly'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('_'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

export async function compileCore(name: string): Promise<{ readonly path: string; readonly text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'unbake-core-'));
  try {
    const out = join(folder, 'core.wasm');
    const flags = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd,bulk-memory', '--importMemory', '--use', 'abort='];
    execFileSync(process.execPath, [compiler, `assembly/${name}.ts`, '-o', out, ...flags], { cwd: core, stdio: 'inherit' });
    const base64 = readFileSync(out).toString('base64');
    const text = `// Made from assembly/${name}.ts by \`npm run build:core\`.\nexport const ${name} =\n  '${base64}';\n`;
    return { path: join(core, 'binary', `${name}.ts`), text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
