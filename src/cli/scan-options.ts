// The flags of `unbake scan`. Every flag can also be given as an environment variable: --fail-on is UNBAKE_FAIL_ON.
import { Command, Option } from 'commander';
import { defaultLimits } from '../model/limits.ts';
import { severities } from '../model/severity.ts';
import { collectFormat, collectOutput, type Output } from './outputs.ts';
import type { ScanFlags } from './scan.ts';

export function scanCommand(version: string): Command {
  const outputs: Output[] = [];
  const command = new Command('scan')
    .description('Scan an image: every layer, its configuration and history, and what surrounds them.')
    .argument(
      '<image>',
      'archive or OCI layout folder; docker-archive:PATH[:TAG|@INDEX], oci:PATH[:TAG], oci-archive:PATH[:TAG]; - for standard input',
    )
    .optionsGroup('Report:')
    .option('-f, --format <format>', 'text, json or sarif; may be given several times, each with an -o of its own', (text: string) =>
      collectFormat(outputs, text),
    )
    .option('-o, --output <file>', 'write the report to a file instead of standard output', (file: string) => collectOutput(outputs, file))
    .option('--show-secrets', 'print the values of the secrets: they are masked everywhere otherwise')
    .option('--show-suppressed', 'list what the baseline and the ignore file suppress')
    .addOption(new Option('--color <when>', 'colour the text report').choices(['auto', 'always', 'never']).default('auto'))
    .option('-q, --quiet', 'no progress on standard error')
    .optionsGroup('Image:')
    .option('--platform <platform>', 'os/architecture[/variant], or all that the archive holds', 'all')
    .option('--base <image>', 'the base image: findings in its layers are marked as inherited')
    .addOption(new Option('--limit <name=n...>', `set a limit: ${Object.keys(defaultLimits).join(', ')}`))
    .optionsGroup('What counts:')
    .addOption(new Option('--fail-on <severity>', 'the least severity that makes the exit code 1').choices([...severities]).default('low'))
    .addOption(new Option('--severity <severity>', 'leave findings below this severity out of the report').choices([...severities]))
    .option('--fail-on-incomplete', 'exit with 4 when anything was not read, limits included')
    .option('--baseline <file>', 'an earlier JSON report: what it holds is suppressed')
    .option('--ignorefile <file>', 'what to suppress, with reasons (default: .unbakeignore, when it is there)')
    .optionsGroup('Rules:')
    .option('--rules <folder...>', 'folders of YAML rules of your own')
    .option('--enable <id...>', 'run these rules alone (ids or globs)')
    .option('--disable <id...>', 'leave these rules out (ids or globs)')
    .option('--no-rc', 'do not load .secretlintrc.* of the working folder')
    .option('--respect-inline-ignores', 'let secretlint-disable comments inside the image hide findings')
    .addHelpText('after', exitCodesHelp)
    .action(async (reference: string, flags: Omit<ScanFlags, 'output'>) => {
      const { runScan } = await import('./scan.ts');
      process.exitCode = await runScan(reference, { ...flags, output: outputs }, version);
    });
  for (const option of command.options)
    if (option.long && !option.negate) option.env(`UNBAKE_${option.long.slice(2).toUpperCase().replaceAll('-', '_')}`);
  return command;
}

const exitCodesHelp = `
Exit codes:
  0  nothing at or above --fail-on       3    the image could not be read
  1  findings                            4    nothing found, but not everything could be read
  2  wrong usage                         130  interrupted

Examples:
  docker save app | unbake scan -
  unbake scan app.tar -f sarif -o app.sarif -f json -o app.json --fail-on high
  unbake scan oci:layout:1.0 --platform linux/arm64`;
