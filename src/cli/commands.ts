// The commands, with what the overview says of each. What a command needs is loaded when it is called.
import type { Command } from 'commander';

export interface CommandEntry {
  readonly name: string;
  /** Behind the name in the overview. */
  readonly usage: string;
  /** One sentence: also the first of its own help. */
  readonly summary: string;
  /** With its flags, without description. */
  load(version: string): Promise<Command>;
}

/** In the order of the overview. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'scan',
    usage: '[options] <image>',
    summary: 'Scan an image: every layer, its configuration and history, and what surrounds them.',
    load: async (version) => (await import('./scan-options.ts')).scanCommand(version),
  },
  {
    name: 'clean',
    usage: '[options] <image>',
    summary: 'Take the secrets out of every layer and all metadata of an image, change nothing else, and prove it.',
    load: async (version) => (await import('./clean-options.ts')).cleanCommand(version),
  },
  {
    name: 'run',
    usage: '[options] <image> [argument...]',
    summary: 'Run an image under an OCI runtime of this machine, without a daemon: scanned first, limited, cut off from the network unless asked.',
    load: async (version) => (await import('./run-options.ts')).runCommand(version),
  },
  {
    name: 'compare',
    usage: '[options] <before> <after> [argument...]',
    summary: 'Run two images the same way, one after the other, and tell whether the second still does what the first did. Nothing of them stays.',
    load: async () => (await import('./compare-options.ts')).compareCommand(),
  },
  {
    name: 'ps',
    usage: '[options]',
    summary: 'List the containers that run; a crash or a reboot does not make it tell anything else than what is.',
    load: async () => (await import('./container-options.ts')).psCommand(),
  },
  {
    name: 'logs',
    usage: '[options] <container>',
    summary: 'Print what a container wrote to its standard output and standard error.',
    load: async () => (await import('./container-options.ts')).logsCommand(),
  },
  {
    name: 'exec',
    usage: '[options] <container> <command...>',
    summary: 'Run one more program in a running container, with its environment and its rights.',
    load: async () => (await import('./container-options.ts')).execCommand(),
  },
  {
    name: 'stop',
    usage: '[options] <container...>',
    summary: 'End containers: their stop signal first, and after a time all their processes are killed.',
    load: async () => (await import('./container-options.ts')).stopCommand(),
  },
  {
    name: 'rm',
    usage: '[options] <container...>',
    summary: 'Remove containers that have ended, with all that is kept of them.',
    load: async () => (await import('./container-options.ts')).rmCommand(),
  },
  {
    name: 'images',
    usage: '[options]',
    summary: 'List the images of the local store: what run and load have put there.',
    load: async () => (await import('./images-options.ts')).imagesCommand(),
  },
  {
    name: 'load',
    usage: '[options] <image>',
    summary: 'Copy the images of an archive or layout into the local store, with their names.',
    load: async () => (await import('./images-options.ts')).loadCommand(),
  },
  {
    name: 'save',
    usage: '[options] <image...>',
    summary: 'Write images of the local store into an archive or layout.',
    load: async () => (await import('./images-options.ts')).saveCommand(),
  },
  {
    name: 'rmi',
    usage: '[options] <image...>',
    summary: 'Take names of images away, and with the last name the image.',
    load: async () => (await import('./images-options.ts')).rmiCommand(),
  },
  {
    name: 'prune',
    usage: '[options]',
    summary: 'Remove ended containers, images without a name, unpacked layers that nothing needs, and what killed commands left.',
    load: async () => (await import('./images-options.ts')).pruneCommand(),
  },
  {
    name: 'rules',
    usage: '',
    summary: 'List, check or import rules.',
    load: async () => (await import('./rules-options.ts')).rulesCommand(),
  },
  {
    name: 'cache',
    usage: '',
    summary: 'Tell what is kept of earlier scans, or remove it.',
    load: async () => (await import('./cache-options.ts')).cacheCommand(),
  },
];
