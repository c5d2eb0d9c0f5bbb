// The flags of every command that scans an image: which image, which rules, what counts.
import type { Command } from 'commander';
import { defaultLimits } from '../model/limits.ts';
import { severities } from '../model/severity.ts';
import { option } from './option.ts';

/** What the command line gives. */
export interface ImageFlags {
  readonly platform: string;
  readonly failOn?: string;
  readonly severity?: string;
  readonly baseline?: string;
  readonly ignorefile?: string;
  readonly rules?: readonly string[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly rc: boolean;
  /** A file, or false for `--no-config`. */
  readonly config?: string | false;
  readonly respectInlineIgnores?: true;
  readonly limit?: readonly string[];
  readonly quiet?: true;
}

export const imageArgument = [
  '<image>',
  'archive or OCI layout folder; docker-archive:PATH[:TAG|@INDEX], oci:PATH[:TAG], oci-archive:PATH[:TAG]; - for standard input',
] as const;

export function withImageFlags(command: Command): Command {
  return command
    .optionsGroup('Image:')
    .addOption(option('--platform <platform>', 'os/architecture[/variant], or all that the archive holds').default('all'))
    .addOption(option('--limit <name=n...>', `set a limit: ${Object.keys(defaultLimits).join(', ')}`));
}

/** `failOn` says what that flag does for the command. */
export function withPolicyFlags(command: Command, failOn: string): Command {
  return command
    .addOption(option('--fail-on <severity>', failOn).choices([...severities]))
    .addOption(option('--severity <severity>', 'leave findings below this severity out of the report').choices([...severities]))
    .addOption(option('--baseline <file>', 'an earlier JSON report: what it holds is suppressed'))
    .addOption(option('--ignorefile <file>', 'what to suppress, with reasons (default: .unbakeignore, when it is there)'));
}

/** Which rules there are, for every command that has to do with rules. */
export function withRulesetFlags(command: Command): Command {
  return command
    .addOption(option('--rules <folder...>', 'folders or files of YAML rules of your own'))
    .addOption(option('--enable <id...>', 'run these rules alone (ids or globs)'))
    .addOption(option('--disable <id...>', 'leave these rules out (ids or globs)'))
    .addOption(option('--config <file>', 'rules and defaults from this file (default: unbake.config.* of the working folder)'))
    .addOption(option('--no-config', 'read no configuration'))
    .addOption(option('--no-rc', 'do not load .secretlintrc.* of the working folder'));
}

export function withRuleFlags(command: Command): Command {
  return withRulesetFlags(command.optionsGroup('Rules:')).addOption(
    option('--respect-inline-ignores', 'let secretlint-disable comments inside the image hide findings'),
  );
}
