// docker-run.sh and owners.sh of a vault: files go in as bind mounts, variables by an env file, and those that no such file can hold
// through the environment of docker itself, so that no value is ever in a command line.
import type { StoredFile } from './files.ts';
import { leftOut, type PutBack } from './put-back.ts';
import { encryptedGuard, scriptText, shellQuoted } from './shell.ts';

/** A bind mount shows the owner and mode that the file has on the host, so they are set there, for the files of all images. */
export function ownersScript(files: readonly StoredFile[], isEncrypted: boolean): string {
  const mounted = files.filter(({ mountedIn }) => mountedIn.length > 0);
  return scriptText(
    [
      'Gives the files of this vault the owner and the mode that they had in the image: a container sees those of the host.',
      'Run it as root, before compose.yaml is used; docker-run.sh does so itself. The folder stays closed to others.',
    ],
    [
      ...(isEncrypted ? encryptedGuard : []),
      'cd -- "$vault"',
      ...mounted.flatMap(({ file, from: { uid, gid, mode } }) => [
        ...(isOwner(uid) && isOwner(gid) ? [`chown ${uid}:${gid} ${file}`] : [`# ${leftOut(file, `Linux has no owner ${uid}:${gid}`)}`]),
        `chmod ${(mode & 0o777).toString(8).padStart(4, '0')} ${file}`,
      ]),
    ],
  );
}

/** 4294967295 stands for no owner. */
function isOwner(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < 0xffff_ffff;
}

/** The arguments go to docker behind what is put back: more options, the image, its command. Without any, the cleaned image is run by its name. */
export function dockerScript({ reference, files, variables, remarks, isEncrypted }: PutBack): string {
  const mounts = files.filter(canMount);
  const exported = variables.filter((variable) => !variable.isInEnvFile && canExport(variable));
  const omitted = [
    ...files.filter((file) => !canMount(file)).map(({ target }) => leftOut(target, 'docker takes no path that ends in a space or has a CR LF')),
    ...variables
      .filter((variable) => !variable.isInEnvFile && !canExport(variable))
      .map(({ name }) => leftOut(name, 'no env file can hold it, and no shell can pass it on under this name')),
  ];
  const options = [
    ...(variables.some(({ isInEnvFile }) => isInEnvFile) ? ['--env-file "$vault/env"'] : []),
    ...exported.map(({ name }) => `--env ${name}`),
    ...mounts.map(({ file, target }) => `--mount "type=bind,\\"source=$csv/${file}\\","${shellQuoted(`${csvField(`target=${target}`)},readonly`)}`),
  ];
  return scriptText(
    [
      'Runs the cleaned image with the files and variables of this vault put back.',
      '  sh docker-run.sh [[OPTION...] IMAGE [COMMAND...]]',
      ...(reference === undefined ? [] : [`IMAGE is ${reference} when nothing is given.`]),
      ...remarks,
      ...omitted,
    ],
    [
      ...(isEncrypted ? encryptedGuard : []),
      'if [ $# -eq 0 ]; then',
      ...(reference === undefined
        ? ["  echo 'usage: sh docker-run.sh [OPTION...] IMAGE [COMMAND...]' >&2", '  exit 2']
        : [`  set -- ${shellQuoted(reference)}`]),
      'fi',
      ...(mounts.length === 0 ? [] : ownersSet),
      ...exported.flatMap(({ name, file }) => [
        // The letter keeps line feeds at the end, which command substitution would cut off.
        `${name}=$(cat "$vault/${file}" && echo x)`,
        `${name}=\${${name}%x}`,
        `export ${name}`,
      ]),
      ['exec docker run', ...options, '"$@"'].join(' \\\n  '),
    ],
  );
}

const ownersSet: readonly string[] = [
  'if [ "$(id -u)" -eq 0 ]; then',
  '  sh "$vault/owners.sh"',
  'else',
  "  echo 'not root: the files keep their owner, so a user of the container other than root may not be able to read them' >&2",
  'fi',
  `csv=$(printf '%s' "$vault" | sed 's/"/""/g')`,
];

/** docker reads a mount as a line of CSV, whose reader turns CR LF into LF; a value that ends in a space it refuses. */
function canMount({ target }: { readonly target: string }): boolean {
  return !/\r\n|[\s\u0085]$/.test(target);
}

function csvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

// Names that mean something to the shell that runs the script, to the linker, to docker or to the runtime of its language.
const steering = new RegExp(
  `^(?:${[
    '_|vault|csv|PATH|HOME|IFS|ENV|PWD|OLDPWD|CDPATH|PPID|LINENO|OPTARG|OPTIND|OPTERR|PS\\d|E?UID|GROUPS|RANDOM|SECONDS|FUNC\\w+|DIRSTACK|LANG|TMPDIR',
    '(?:SHELL|BASH|HIST|MAIL)\\w*|(?:LC|LD|DYLD|XDG|DOCKER|BUILDKIT)_\\w+',
    'SSH_AUTH_SOCK|SSH_ASKPASS\\w*|SSL_CERT_(?:FILE|DIR)|\\w+_(?:PROXY|proxy)|GO(?:DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK|RACE|COVERDIR)',
  ].join('|')})$`,
);

function canExport({ name }: { readonly name: string }): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !steering.test(name);
}
