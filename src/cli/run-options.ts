// The flags of `unbake run`, spelled as docker spells them.
import { Command, Option } from 'commander';
import { asDocker } from './container-options.ts';
import { repeatable, withHomeFlag, withOneValueEach } from './home-flag.ts';
import { withPolicyFlags, withRuleFlags } from './image-flags.ts';
import { option } from './option.ts';
import type { RunFlags } from './starting.ts';

export function runCommand(version: string): Command {
  const command = new Command('run')
    .argument('<image>', 'archive, OCI layout, or the name of an image in the local store')
    .argument('[argument...]', "in place of the image's command")
    .passThroughOptions()
    .optionsGroup('Container:')
    .option('-d, --detach', 'leave it running and print its ID')
    .option('--rm', 'remove it when it has ended')
    .option('--name <name>', 'a name for it')
    .option('-i, --interactive', 'give it our standard input')
    .option('-t, --tty', 'give it our terminal');
  withVaultFlags(
    withLimitFlags(withNetworkFlags(withProgramFlags(command))),
    'what unbake clean --vault kept: mounted read-only where it was, variables set again',
  )
    .optionsGroup('Machine:')
    .addOption(option('--runtime <program>', 'the OCI runtime (default: runc, crun or youki, whichever is there)'))
    .option('--platform <platform>', 'os/architecture[/variant] (default: that of this machine)');
  withHomeFlag(command).option('-q, --quiet', 'no progress on standard error').optionsGroup('Gate:');
  withPolicyFlags(command, 'the least severity that keeps the image from running (default: low)')
    .addOption(option('--allow-findings', 'run it all the same, and say so'))
    .option('--no-scan', 'do not scan it')
    .addOption(option('--limit <name=n...>', 'set a limit of the scan'));
  return withOneValueEach(withRuleFlags(command))
    .addHelpText('after', help)
    .action(async (reference: string, args: readonly string[], flags: RunFlags) => {
      process.exitCode = await asDocker(async () => {
        const { runRun } = await import('./run.ts');
        return runRun(reference, args, flags, version);
      });
    });
}

export function withProgramFlags(command: Command): Command {
  return command
    .addOption(repeatable('-e, --env <name=value>', 'set a variable; NAME alone takes ours'))
    .addOption(repeatable('--env-file <file>', 'variables, one NAME=value a line'))
    .option('-w, --workdir <path>', 'where it starts')
    .option('-u, --user <user[:group]>', 'names of the image, or numbers')
    .option('--entrypoint <program>', "in place of the image's entrypoint")
    .option('--hostname <name>', 'its host name (default: how its ID begins)')
    .addOption(repeatable('-v, --volume <source:destination[:ro]>', 'mount a file or folder of this machine'))
    .option('--read-only', 'let it change no file of its root file system')
    .option('--stop-signal <signal>', 'what asks it to end')
    .option('--stop-timeout <seconds>', 'how long to wait for that before all its processes are killed (default: 10)');
}

export function withNetworkFlags(command: Command): Command {
  return command
    .optionsGroup('Network:')
    .addOption(
      repeatable(
        '-p, --publish <[address:][port:]port[/protocol]>',
        'a port of this machine that leads to one of the container; on loopback unless an address is given',
      ),
    )
    .addOption(
      new Option('--network <network>', 'none: loopback and published ports alone; bridge: the outside too; host: that of this machine')
        .choices(['none', 'bridge', 'host'])
        .default('none'),
    );
}

export function withLimitFlags(command: Command): Command {
  return command
    .optionsGroup('Limits and rights:')
    .option('-m, --memory <bytes>', 'at most so much memory, such as 200m; at least 6m')
    .option('--memory-swap <bytes>', 'memory and swap together; -1: unlimited (default: twice the memory)')
    .option('--memory-reservation <bytes>', 'what the kernel tries to keep it to')
    .option('--cpu-shares <number>', 'its share of busy processors, against 1024')
    .option('--cpus <number>', 'at most so many processors, such as 0.5')
    .option('--pids-limit <number>', 'at most so many processes')
    .addOption(repeatable('--cap-add <capability>', 'give it a capability'))
    .addOption(repeatable('--cap-drop <capability>', 'take one away, or ALL'))
    .addOption(repeatable('--security-opt <option>', 'no-new-privileges=false, seccomp=unconfined'))
    .optionsGroup('Health:')
    .option('--health-cmd <command>', 'what tells whether it is healthy')
    .option('--health-interval <time>', 'between two checks')
    .option('--health-timeout <time>', 'of one check')
    .option('--health-start-period <time>', 'in which failures do not count')
    .option('--health-start-interval <time>', 'between two checks in that period')
    .option('--health-retries <number>', 'failures in a row that make it unhealthy')
    .option('--no-healthcheck', "leave the image's check out");
}

export function withVaultFlags(command: Command, description: string): Command {
  return command
    .optionsGroup('Secrets:')
    .addOption(option('--vault <folder>', description, 'run'))
    .addOption(repeatable('--vault-identity <file>', 'age identities that decrypt it'));
}

const help = `
Exit codes:
  that of the container, or
  125  it could not be made, or the image was refused    126  its program cannot be executed
  137  killed: told when for want of memory              127  its program is not there

Examples:
  unbake run -d --name kuard -p 8080:8080 --memory 200m --memory-swap 1G --cpu-shares 1024 clean.tar
  unbake run --rm --vault vault/ clean.tar
  unbake run --rm -it --network bridge app:1 sh`;
