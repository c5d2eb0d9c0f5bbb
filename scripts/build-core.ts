// Compiles the AssemblyScript modules of the core to text that TypeScript can import: src/core/assembly/NAME.ts to src/core/binary/NAME.ts.
import { writeFileSync } from 'node:fs';
import { coreModules, compileCore } from './compile-core.ts';

for (const name of coreModules) {
  const { path, text } = await compileCore(name);
  writeFileSync(path, text);
}
