// The flags of `unbake scan`. Every flag can also be given as an environment variable: --fail-on is UNBAKE_FAIL_ON.
import { Command, Option } from 'commander';
import { defaultLimits } from '../model/limits.ts';
import { severities } from '../model/severity.ts';
import { collectFormat, collectOutput, type Output } from './outputs.ts';
import type { ScanFlags } from './scan.ts';

export function scanCommand(version: string): Command {
  const outputs: Output[] = [];
  return new Command('scan')
    .description('Scan an image: every layer, its configuration and history, and what surrounds them.')
    .argument(
      '<image>',
      'archive or OCI layout folder; docker-archive:PATH[:TAG|@INDEX], oci:PATH[:TAG], oci-archive:PATH[:TAG]; - for standard input',
    )
    .optionsGroup('Report:')
    .addOption(
      option('-f, --format <format>', 'text, json or sarif; may be given several times, each with an -o of its own').argParser((text: string) =>
        collectFormat(outputs, text),
      ),
    )
    .addOption(
      option('-o, --output <file>', 'write the report to a file instead of standard output').argParser((file: string) =>
        collectOutput(outputs, file),
      ),
    )
    .addOption(option('--show-secrets', 'print the values of the secrets: they are masked everywhere otherwise'))
    .addOption(option('--show-suppressed', 'list what the baseline and the ignore file suppress'))
    .addOption(option('--color <when>', 'colour the text report').choices(['auto', 'always', 'never']).default('auto'))
    .addOption(option('-q, --quiet', 'no progress on standard error'))
    .optionsGroup('Image:')
    .addOption(option('--platform <platform>', 'os/architecture[/variant], or all that the archive holds').default('all'))
    .addOption(option('--base <image>', 'the base image: findings in its layers are marked as inherited'))
    .addOption(option('--limit <name=n...>', `set a limit: ${Object.keys(defaultLimits).join(', ')}`))
    .optionsGroup('What counts:')
    .addOption(option('--fail-on <severity>', 'the least severity that makes the exit code 1 (default: low)').choices([...severities]))
    .addOption(option('--severity <severity>', 'leave findings below this severity out of the report').choices([...severities]))
    .addOption(option('--fail-on-incomplete', 'exit with 4 when anything was not read, limits included'))
    .addOption(option('--baseline <file>', 'an earlier JSON report: what it holds is suppressed'))
    .addOption(option('--ignorefile <file>', 'what to suppress, with reasons (default: .unbakeignore, when it is there)'))
    .optionsGroup('Rules:')
    .addOption(option('--rules <folder...>', 'folders of YAML rules of your own'))
    .addOption(option('--enable <id...>', 'run these rules alone (ids or globs)'))
    .addOption(option('--disable <id...>', 'leave these rules out (ids or globs)'))
    .addOption(option('--no-rc', 'do not load .secretlintrc.* of the working folder'))
    .addOption(option('--respect-inline-ignores', 'let secretlint-disable comments inside the image hide findings'))
    .addHelpText('after', exitCodesHelp)
    .action(async (reference: string, flags: Omit<ScanFlags, 'output'>) => {
      const { runScan } = await import('./scan.ts');
      process.exitCode = await runScan(reference, { ...flags, output: outputs }, version);
    });
}

/** An option with its environment variable, which commander must know before the option is added. */
function option(flags: string, description: string): Option {
  const created = new Option(flags, description);
  return created.env(`UNBAKE_${created.long!.slice(2).toUpperCase().replaceAll('-', '_')}`);
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
