// The flags of `unbake clean`.
import { Command, Option } from 'commander';
import type { CleanFlags } from './clean.ts';
import { repeatable, withHomeFlag } from './home-flag.ts';
import { imageArgument, withImageFlags, withPolicyFlags, withRuleFlags } from './image-flags.ts';
import { withEngineFlags } from './engine-flags.ts';
import { option, seconds } from './option.ts';

export function cleanCommand(version: string): Command {
  const command = new Command('clean')
    .argument(...imageArgument)
    .addOption(
      own(
        '-o, --output <image>',
        'where to: an archive or layout folder in the form of the source, docker-archive:PATH[:TAG], oci:DIR[:TAG], oci-archive:PATH[:TAG], or - for standard output',
      ),
    )
    .addOption(own('--tag <name>', 'a new name for the image that is written'))
    .optionsGroup('Plan:')
    .addOption(own('--plan <file>', 'write the plan to a file; without -o nothing else is done'))
    .addOption(own('--apply <file>', 'carry out a plan that was written before, and perhaps changed').conflicts(['only', 'finding', 'path', 'mode']))
    .addOption(own('--only <what>', 'a severity (that and worse), a rule id or glob, or none; may be given several times').argParser(collected))
    .addOption(own('--finding <fingerprint>', 'this finding alone; may be given several times').argParser(collected))
    .addOption(own('--path <glob>', 'take this path out too, whatever it holds; may be given several times').argParser(collected))
    .addOption(
      own('--mode <glob=treatment>', 'drop, empty, redact or rewrite these paths, or env:NAME=redact; may be given several times').argParser(
        collected,
      ),
    )
    .optionsGroup('Proof:')
    .addOption(
      own('--try', 'run the image before and after, what was removed given back: a result with which the app no longer works is not written'),
    )
    .addOption(repeatable('--try-http <port:/path>', 'with --try: ask this port of the container until it answers'))
    .addOption(new Option('--try-timeout <seconds>', 'with --try: wait so long (default: 60; for the end alone: 10)').argParser(seconds))
    .addOption(own('--allow-unread', 'clean although parts of the image cannot be read: nothing is proved of those'))
    .optionsGroup('What comes with it:')
    .addOption(own('--vault <folder>', 'keep what is removed, to be given back at run time'))
    .addOption(own('--encrypt-to <recipient>', 'encrypt the vault to an age recipient; may be given several times').argParser(collected))
    .addOption(own('--attest <file>', 'write an in-toto statement of the cleaning'))
    .addOption(own('--dockerfile <file>', 'the Dockerfile of the image: a patch for it is shown'))
    .addOption(own('--patch <file>', 'write that patch to a file, exact: it may hold values that stand in the Dockerfile'))
    .optionsGroup('Report:')
    .addOption(own('-f, --format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .addOption(own('--report <file>', 'write the report to a file instead of standard output'))
    .addOption(option('--color <when>', 'colour the text report').choices(['auto', 'always', 'never']).default('auto'))
    .addOption(option('-q, --quiet', 'no progress on standard error'));
  withHomeFlag(command).addOption(option('--runtime <program>', 'with --try: the OCI runtime (default: runc, crun or youki, whichever is there)'));
  withEngineFlags(withImageFlags(command)).optionsGroup('What counts:');
  withPolicyFlags(command, 'the least severity that is cleaned when nothing else is asked for (default: low)');
  return withRuleFlags(command)
    .addHelpText('after', notes)
    .action(async (reference: string, flags: CleanFlags) => {
      const { runClean } = await import('./clean.ts');
      process.exitCode = await runClean(reference, flags, version);
    });
}

/** A report file of a scan must not become an image. */
function own(flags: string, description: string): Option {
  return option(flags, description, 'clean');
}

function collected(value: string, values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? []), value];
}

const notes = `
Exit codes:
  0  done and proved, or only the plan was made    4    parts of the image cannot be read; --try could tell nothing
  2  wrong usage                                    5    the result was not what the plan says: nothing was written
  3  the image could not be read or written         130  interrupted

Examples:
  unbake clean app.tar -o clean.tar
  unbake clean app.tar --plan plan.json && unbake clean app.tar --apply plan.json -o clean.tar
  unbake clean oci:in:1 -o oci:out:1 --vault vault/
  docker save app | unbake clean - -o - | docker load`;
