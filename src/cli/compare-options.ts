// The flags of `unbake compare`: those that both containers are started with, and what is asked of them.
import { Command, Option } from 'commander';
import type { CompareFlags } from './compare.ts';
import { repeatable, withHomeFlag, withOneValueEach } from './home-flag.ts';
import { withRuleFlags } from './image-flags.ts';
import { option, seconds } from './option.ts';
import { withLimitFlags, withNetworkFlags, withProgramFlags, withVaultFlags } from './run-options.ts';

export function compareCommand(): Command {
  const command = new Command('compare')
    .argument('<before>', 'archive, OCI layout, or the name of an image in the local store')
    .argument('<after>', 'the cleaned one')
    .argument('[argument...]', "behind --: in place of the images' command")
    .optionsGroup('What is compared:')
    .addOption(repeatable('--http <port:/path>', 'ask this port of the container until it answers'))
    .addOption(
      new Option('--timeout <seconds>', 'wait so long for answers, health or the end (default: 60; for the end alone: 10)').argParser(seconds),
    )
    .addOption(new Option('-f, --format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .addOption(option('--color <when>', 'colour the text report').choices(['auto', 'always', 'never']).default('auto'))
    .optionsGroup('Containers:');
  withVaultFlags(withLimitFlags(withNetworkFlags(withProgramFlags(command))), 'given to the second container: what unbake clean --vault kept')
    .optionsGroup('Machine:')
    .addOption(option('--runtime <program>', 'the OCI runtime (default: runc, crun or youki, whichever is there)'))
    .option('--platform <platform>', 'os/architecture[/variant] (default: that of this machine)')
    .addOption(option('--limit <name=n...>', 'set a limit of reading'));
  withHomeFlag(command).option('-q, --quiet', 'no progress on standard error');
  return withOneValueEach(withRuleFlags(command))
    .addHelpText('after', help)
    .action(async (before: string, after: string, args: readonly string[], flags: CompareFlags) => {
      const { runCompare } = await import('./compare.ts');
      process.exitCode = await runCompare([before, after], args, flags);
    });
}

const help = `
Exit codes:
  0  the second does what the first did      1  something that worked does not
  4  the first did not work either           2, 3  wrong usage; an image or the machine

Examples:
  unbake compare app.tar clean.tar --vault vault/ --http 8080:/healthz
  unbake compare app.tar clean.tar -- app --self-test`;
