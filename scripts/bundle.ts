// Bundles src into dist/bundle, one folder below dist as the rooms are one below src: what files look for beside and above themselves
// (package.json, rules, scripts, the program of a worker) they find from there too. See docs/decisions/0030-one-bundled-file.md.
import { copyFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type BuildOptions, type Metafile, type OutputFile, type Plugin } from 'esbuild';

export interface Bundled {
  /** By name of the file in dist/bundle: the sources in it, relative to the root. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
  /** Every source of every bundle. */
  readonly inputs: readonly string[];
}

/** They load what a user's .secretlintrc names, and must share one profiler with that. Their package.json is bundled. */
const external: Plugin = {
  name: 'external',
  setup(building) {
    building.onResolve({ filter: /^@secretlint\/(?:config-loader|resolver|profiler)$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** CommonJS that was bundled may ask for modules of node, through a function of esbuild's that asks whether there is a `require`. */
const asksForRequire = 'typeof require';
const makesRequire = "import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url);\n";

export async function bundle(root: string): Promise<Bundled> {
  const common: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    metafile: true,
    write: false,
    minifySyntax: true,
    legalComments: 'none',
    splitting: true,
    chunkNames: 'part-[hash]',
    logLevel: 'warning',
  };
  const program = await build({
    ...common,
    entryPoints: { unbake: 'src/cli/main.ts', worker: 'src/scan/workers/worker.ts', index: 'src/index.ts' },
    outdir: 'dist/bundle',
    plugins: [external],
  });
  const tend = await build({ ...common, entryPoints: ['src/shim/tend/tend.ts'], outdir: 'dist/tend' });
  assertImportable(program.metafile!);
  for (const file of [...program.outputFiles!, ...tend.outputFiles!]) write(file);
  for (const script of globSync('src/**/*.sh', { cwd: root })) copyFileSync(join(root, script), join(root, 'dist/bundle', basename(script)));
  return {
    sources: sourcesOf(program.metafile!),
    inputs: [...new Set([program, tend].flatMap(({ metafile }) => Object.keys(metafile!.inputs)))].sort(),
  };
}

/** What `import()` gives of bundled CommonJS has no names, other than what node gives of it. Throws for each. */
function assertImportable({ inputs, outputs }: Metafile): void {
  const wrong = Object.values(outputs).flatMap(({ entryPoint }) =>
    entryPoint !== undefined && inputs[entryPoint]?.format === 'cjs' ? [entryPoint] : [],
  );
  if (wrong.length > 0) throw new Error(`import() of CommonJS: ${wrong.join(', ')}; import it statically in a file of ours, and that by import()`);
}

function write({ path, text }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.includes(asksForRequire) ? makesRequire + text : text);
}

function sourcesOf({ outputs }: Metafile): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(outputs).map(([file, { inputs }]) => [basename(file), Object.keys(inputs)]));
}
