// compose.yaml of a vault: files as secrets of the service, mounted where they were, and variables from the env file.
import { decryptFirst, leftOut, type PutBack } from './put-back.ts';
import { octalMode, yamlText } from './yaml.ts';

export function composeText({ reference, application, files, variables, remarks, isEncrypted }: PutBack): string {
  const hasEnvFile = variables.some(({ isInEnvFile }) => isInEnvFile);
  const service = {
    image: reference ?? 'IMAGE',
    ...(hasEnvFile ? { env_file: [{ path: './env', format: 'raw' }] } : {}),
    ...(files.length === 0
      ? {}
      : {
          secrets: files.map(({ key, target, from: { uid, gid, mode } }) => ({
            source: key,
            target: literal(target),
            uid: String(uid),
            gid: String(gid),
            mode: octalMode(mode),
          })),
        }),
  };
  return yamlText(
    [
      'To be merged into a compose file: docker compose -f compose.yaml up',
      ...(isEncrypted ? [decryptFirst] : []),
      ...(reference === undefined ? ['IMAGE stands for the name of the cleaned image.'] : []),
      ...(files.length === 0
        ? []
        : ['docker compose ignores uid, gid and mode of secrets that are files (docker stack deploy does not): run  sudo sh owners.sh  once.']),
      ...(hasEnvFile ? ['"format: raw" needs docker compose 2.30 or later; older ones change values with $, quotes or #.'] : []),
      ...remarks,
      ...variables
        .filter(({ isInEnvFile }) => !isInEnvFile)
        .map(({ name, file }) => leftOut(name, `an env file cannot hold it; its value is in ${file}`)),
    ],
    {
      services: { [application]: service },
      ...(files.length === 0 ? {} : { secrets: Object.fromEntries(files.map(({ key, file }) => [key, { file: `./${file}` }])) }),
    },
  );
}

/** docker compose puts variables in where there is a dollar; two of them are one. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
