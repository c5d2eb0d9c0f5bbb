// The flags of `unbake rules`.
import { Command, Option } from 'commander';
import type { RulesFlags } from './rules.ts';

export function rulesCommand(): Command {
  const list = new Command('list')
    .description('List the rules: ours, those of secretlint, and yours.')
    .addOption(new Option('-f, --format <format>', 'how').choices(['text', 'json']).default('text'))
    .option('--rules <folder...>', 'folders of YAML rules of your own')
    .option('--no-rc', 'do not load .secretlintrc.* of the working folder')
    .action(async (flags: RulesFlags) => (await import('./rules.ts')).listRules(flags));
  const check = new Command('check')
    .description('Check rule files: every example is found, no counter-example is, no pattern can be made to run for ever.')
    .argument('[folder]', 'a folder of YAML rules (default: the rules that come with unbake)')
    .action(async (folder: string | undefined) => {
      const { checkFolder } = await import('./rules.ts');
      process.exitCode = await checkFolder(folder);
    });
  return new Command('rules').description('List or check the rules.').addCommand(list).addCommand(check);
}
