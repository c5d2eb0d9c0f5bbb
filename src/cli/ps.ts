// `unbake ps`: the containers, as they are now.
import { containerLines, containerTable } from '../report/container-table.ts';
import { homeAt } from '../shim/home.ts';
import { listContainers } from '../shim/container/state.ts';
import type { HomeFlags } from './home-flag.ts';
import { writeStandardOutput } from './outputs.ts';

export interface PsFlags extends HomeFlags {
  readonly all?: true;
  readonly quiet?: true;
  readonly trunc: boolean;
  readonly format: 'text' | 'json';
}

export async function listAll(flags: PsFlags): Promise<void> {
  const { containers, broken } = await listContainers(await homeAt(flags.root));
  for (const name of broken)
    process.stderr.write(`unbake: the folder of container ${name} holds no record that can be read: unbake prune removes it\n`);
  const shown = containers.filter(({ state }) => flags.all === true || state.kind === 'running');
  if (flags.quiet) return writeStandardOutput(shown.map(({ id }) => `${flags.trunc ? id.slice(0, 12) : id}\n`));
  await writeStandardOutput(flags.format === 'json' ? containerLines(shown) : containerTable(shown, new Date(), !flags.trunc));
}
