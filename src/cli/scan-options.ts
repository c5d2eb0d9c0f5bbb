// The flags of `unbake scan`.
import { Command } from 'commander';
import { imageArgument, withImageFlags, withPolicyFlags, withRuleFlags } from './image-flags.ts';
import { withEngineFlags } from './engine-flags.ts';
import { option } from './option.ts';
import { collectFormat, collectOutput, type Output } from './outputs.ts';
import type { ScanFlags } from './scan.ts';

export function scanCommand(version: string): Command {
  const outputs: Output[] = [];
  const command = new Command('scan')
    .argument(...imageArgument)
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
    .addOption(option('-q, --quiet', 'no progress on standard error'));
  withEngineFlags(withImageFlags(command))
    .addOption(option('--base <image>', 'the base image: findings in its layers are marked as inherited'))
    .optionsGroup('What counts:');
  withPolicyFlags(command, 'the least severity that makes the exit code 1 (default: low)').addOption(
    option('--fail-on-incomplete', 'exit with 4 when anything was not read, limits included'),
  );
  withRuleFlags(command)
    .optionsGroup('Cache:')
    .addOption(option('--no-cache', 'neither use nor keep what earlier scans have found in the same layers'))
    .addOption(option('--verify', 'hash layers that the cache knows: otherwise their digests are taken from the manifest'));
  return command.addHelpText('after', exitCodesHelp).action(async (reference: string, flags: Omit<ScanFlags, 'output'>) => {
    const { runScan } = await import('./scan.ts');
    process.exitCode = await runScan(reference, { ...flags, output: outputs }, version);
  });
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
