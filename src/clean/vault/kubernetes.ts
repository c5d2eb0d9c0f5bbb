// kubernetes.sh makes Secrets of a vault, kubernetes.yaml shows a Deployment that uses them. No value is in either.
import { decryptFirst, leftOut, type PutBack } from './put-back.ts';
import { encryptedGuard, scriptText } from './shell.ts';
import type { StoredFile } from './files.ts';
import type { StoredVariable } from './values.ts';
import { octalMode, yamlText } from './yaml.ts';

/** Bytes of all values of one Secret (API reference, "Secret"). */
const secretBytes = 1024 * 1024;

interface Secrets {
  readonly files: readonly (StoredFile & { readonly target: string })[];
  readonly variables: readonly StoredVariable[];
  readonly omitted: readonly string[];
}

function secretsOf({ files, variables }: PutBack): Secrets {
  const omitted: string[] = [];
  const isKept = (what: string, obstacle: string | undefined) => {
    if (obstacle !== undefined) omitted.push(leftOut(what, obstacle));
    return obstacle === undefined;
  };
  const [roomForFiles, roomForVariables] = [room(), room()];
  return {
    files: files.filter(({ target, from: { size } }) =>
      isKept(target, target.includes(':') ? 'Kubernetes mounts nothing where a colon is in the path' : roomForFiles(size)),
    ),
    variables: variables.filter(({ name, content: { size } }) =>
      isKept(name, isKey(name) ? roomForVariables(size) : 'it cannot be a key of a Secret and the name of a variable'),
    ),
    omitted,
  };
}

/** Takes what still fits, in the order in which it is asked, and tells why not. */
function room(): (bytes: number) => string | undefined {
  let left = secretBytes;
  return (bytes) => {
    if (bytes > left) return 'a Secret holds 1 MiB in all';
    left -= bytes;
    return undefined;
  };
}

function isKey(name: string): boolean {
  return /^(?!\.\.?$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]{0,252}$/.test(name);
}

/** Arguments go to both calls of kubectl, such as `--namespace`. */
export function kubernetesScript(put: PutBack): string {
  const { files, variables } = secretsOf(put);
  const create = (name: string, sources: readonly string[]) =>
    sources.length === 0
      ? []
      : [[`kubectl create secret generic ${name}`, ...sources.map((source) => `--from-file=${source}`), '"$@"'].join(' \\\n  ')];
  return scriptText(
    [
      'Makes the Secrets that kubernetes.yaml uses.',
      '  sh kubernetes.sh [KUBECTL OPTION...]',
      'To make them anew, delete them first: kubectl apply would keep a copy of every value in an annotation.',
    ],
    [
      ...(put.isEncrypted ? encryptedGuard : []),
      // kubectl takes no path with an equals sign, so the vault's own is kept out of them.
      'cd -- "$vault"',
      ...create(
        `${put.application}-vault-files`,
        files.map(({ key, file }) => `${key}=${file}`),
      ),
      ...create(
        `${put.application}-vault-variables`,
        variables.map(({ name, file }) => `${name}=${file}`),
      ),
    ],
  );
}

export function kubernetesText(put: PutBack): string {
  const { files, variables, omitted } = secretsOf(put);
  const { application, reference } = put;
  const group = files.find(({ from: { uid, gid } }) => uid !== 0 || gid !== 0)?.from.gid;
  const hasGroup = group !== undefined && Number.isInteger(group) && group >= 0 && group <= 0x7fff_ffff;
  const container = {
    name: application,
    image: reference ?? 'IMAGE',
    ...(variables.length === 0 ? {} : { envFrom: [{ secretRef: { name: `${application}-vault-variables` } }] }),
    ...(files.length === 0
      ? {}
      : { volumeMounts: files.map(({ key, target }) => ({ name: 'vault', mountPath: target, subPath: key, readOnly: true })) }),
  };
  const items = files.map(({ key, from: { mode } }) => ({ key, path: key, mode: octalMode(mode) }));
  return yamlText(
    [
      'Make the Secrets first: sh kubernetes.sh. This file holds no value.',
      ...(put.isEncrypted ? [decryptFirst] : []),
      ...(reference === undefined ? ['IMAGE stands for the name of the cleaned image.'] : []),
      ...(hasGroup ? ['Kubernetes gives mounted Secrets to root: fsGroup lets the group of the first file that was not its own read them all.'] : []),
      ...put.remarks,
      ...omitted,
    ],
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: application },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: application } },
        template: {
          metadata: { labels: { app: application } },
          spec: {
            ...(hasGroup ? { securityContext: { fsGroup: group } } : {}),
            containers: [container],
            ...(files.length === 0
              ? {}
              : { volumes: [{ name: 'vault', secret: { secretName: `${application}-vault-files`, defaultMode: octalMode(0o400), items } }] }),
          },
        },
      },
    },
  );
}
