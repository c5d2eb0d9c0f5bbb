// The flags of `unbake rules`.
import { Command, Option } from 'commander';
import { withRulesetFlags } from './image-flags.ts';
import { option } from './option.ts';
import type { RulesFlags } from './rules-list.ts';

export function rulesCommand(): Command {
  const list = withRulesetFlags(
    new Command('list')
      .description('List the rules: ours, those of secretlint, and yours.')
      .addOption(new Option('-f, --format <format>', 'how').choices(['text', 'json', 'markdown']).default('text')),
  ).action(async (flags: RulesFlags) => (await import('./rules-list.ts')).listRules(flags));
  const check = new Command('check')
    .description('Check rules: every example is found, no counter-example is, no pattern can be made to run for ever.')
    .argument('[path]', 'a folder or file of YAML rules (default: the rules that come with unbake, and those of the configuration)')
    .addOption(option('--config <file>', 'the configuration (default: unbake.config.* of the working folder)'))
    .addOption(option('--no-config', 'read no configuration'))
    .action(async (path: string | undefined, flags: { readonly config?: string | false }) => {
      const { checkRulesAt } = await import('./rules-check.ts');
      process.exitCode = await checkRulesAt(path, flags);
    });
  const imported = new Command('import')
    .description('Turn the rules of a .gitleaks.toml into a rule file of ours; what cannot be carried over is told on standard error.')
    .argument('<file>', 'the .gitleaks.toml')
    .option('-o, --output <file>', 'the rule file to write (default: standard output)')
    .addHelpText('after', importHelp)
    .action(async (file: string, { output }: { readonly output?: string }) => {
      const { importRules } = await import('./rules-import.ts');
      process.exitCode = await importRules(file, output);
    });
  return new Command('rules').addCommand(list).addCommand(check).addCommand(imported);
}

const importHelp = `
Exit codes:
  0  at least one rule was imported    2  none was

Example:
  unbake rules import .gitleaks.toml -o my-rules/gitleaks.yml && unbake scan app.tar --rules my-rules`;
