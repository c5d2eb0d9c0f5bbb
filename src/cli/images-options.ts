// The flags of the commands about the local store: images, load, save, rmi, prune.
import { Command, Option } from 'commander';
import { withHomeFlag, withOneValueEach } from './home-flag.ts';
import { imageArgument } from './image-flags.ts';
import type { ImagesFlags, LoadFlags, RmiFlags, SaveFlags } from './images.ts';
import { option } from './option.ts';
import type { PruneFlags } from './prune.ts';

export function imagesCommand(): Command {
  return ofStore(
    new Command('images')
      .option('-q, --quiet', 'IDs alone')
      .option('--digests', 'the digests of the manifests too')
      .option('--no-trunc', 'cut nothing')
      .addOption(new Option('--format <format>', 'columns, or one JSON object a line').choices(['text', 'json']).default('text'))
      .action(async (flags: ImagesFlags) => {
        const { listImages } = await import('./images.ts');
        await listImages(flags);
      }),
  );
}

export function loadCommand(): Command {
  return ofStore(
    new Command('load')
      .argument(...imageArgument)
      .option('--tag <name>', 'one more name for the image')
      .addOption(option('--platform <platform>', 'os/architecture[/variant], or all that the archive holds').default('all'))
      .addOption(option('--limit <name=n...>', 'set a limit'))
      .option('-q, --quiet', 'no progress on standard error')
      .action(async (reference: string, flags: LoadFlags) => {
        const { loadImages } = await import('./images.ts');
        await loadImages(reference, flags);
      }),
  );
}

export function saveCommand(): Command {
  return ofStore(
    new Command('save')
      .argument('<image...>', 'names, IDs, or how an ID begins')
      .requiredOption(
        '-o, --output <output>',
        'file for an archive that docker loads; docker-archive:PATH, oci-archive:PATH, oci:PATH; - for standard output',
      )
      .action(async (references: readonly string[], flags: SaveFlags) => {
        const { saveAll } = await import('./images.ts');
        await saveAll(references, flags);
      }),
  );
}

export function rmiCommand(): Command {
  return ofStore(
    new Command('rmi')
      .argument('<image...>', 'names, IDs, or how an ID begins')
      .option('-f, --force', 'all names at once; an image that a container was made of loses its name alone')
      .action(async (references: readonly string[], flags: RmiFlags) => {
        const { removeImages } = await import('./images.ts');
        process.exitCode = await removeImages(references, flags);
      }),
  );
}

export function pruneCommand(): Command {
  return ofStore(
    new Command('prune').option('-a, --all', 'images with a name too, and all layers that no container uses').action(async (flags: PruneFlags) => {
      const { prune } = await import('./prune.ts');
      await prune(flags);
    }),
  );
}

function ofStore(command: Command): Command {
  return withOneValueEach(withHomeFlag(command));
}
