import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { vaultMembers } from '../../../src/clean/vault/vault.ts';
import { password, privateKey } from '../../support/planted.ts';
import { scratch } from '../../support/scratch.ts';
import { hostileNames, textOf, variable, vaultContents, vaultFile, writeVault } from './sample-vault.ts';

// As kubectl takes it: `create secret generic NAME --from-file=KEY=PATH`, one equals sign, relative to the working folder.
const kubectl = `#!/bin/sh
[ "$1 $2 $3" = "create secret generic" ] || exit 1
name=$4; shift 4
for source; do
  case $source in
    --from-file=*=*=*) echo "key names or file paths cannot contain '='" >&2; exit 1 ;;
    --from-file=*) source=\${source#--from-file=}; mkdir -p "$SECRETS/$name"; cp "\${source#*=}" "$SECRETS/$name/\${source%%=*}" || exit 1 ;;
    *) echo "$name $source" >> "$SECRETS/options" ;;
  esac
done
`;

describe('Kubernetes and a vault', () => {
  const files = scratch();

  async function secretsMade(change: Parameters<typeof vaultContents>[0], args: readonly string[] = []) {
    const folder = join(files.newFolder(), 'a=b "c" $d');
    const [programs, secrets] = [files.newFolder(), files.newFolder()];
    mkdirSync(folder);
    const members = await vaultMembers(vaultContents(change), []);
    await writeVault(members, folder);
    writeFileSync(join(programs, 'kubectl'), kubectl, { mode: 0o755 });
    const env = { ...process.env, PATH: `${programs}:${process.env['PATH']}`, SECRETS: secrets };
    const { status, stderr } = spawnSync('sh', [join(folder, 'kubernetes.sh'), ...args], { env, cwd: programs });
    assert.equal(status, 0, stderr.toString());
    const yaml = textOf(members, 'kubernetes.yaml');
    return { yaml, deployment: parse(yaml, { version: '1.1' }), read: (...path: string[]) => readFileSync(join(secrets, ...path), 'utf8') };
  }

  it('get Secrets and a Deployment that mounts each file where it was', async () => {
    const value = password('kubernetes');
    const key = privateKey('ed25519', 'kubernetes');
    const { deployment, read, yaml } = await secretsMade(
      {
        files: [vaultFile('srv/.env', { uid: 0, gid: 0 }), vaultFile('srv/key', { mode: 0o100400 })],
        variables: [variable('TOKEN', value), variable('my.key', key)],
      },
      ['--namespace', 'shop'],
    );
    assert.equal(read('web-app-vault-files', '0001-.env'), 'body of srv/.env');
    assert.equal(read('web-app-vault-variables', 'TOKEN'), value);
    assert.equal(read('web-app-vault-variables', 'my.key'), key);
    assert.equal(
      read('options'),
      ['files', 'files', 'variables', 'variables'].map((name, index) => `web-app-vault-${name} ${['--namespace', 'shop'][index % 2]}\n`).join(''),
    );
    assert.ok(!yaml.includes(value));
    assert.deepEqual(deployment.spec.template.spec, {
      securityContext: { fsGroup: 2345 },
      containers: [
        {
          name: 'web-app',
          image: 'registry.example/team/Web_App:clean',
          envFrom: [{ secretRef: { name: 'web-app-vault-variables' } }],
          volumeMounts: [
            { name: 'vault', mountPath: '/srv/.env', subPath: '0001-.env', readOnly: true },
            { name: 'vault', mountPath: '/srv/key', subPath: '0002-key', readOnly: true },
          ],
        },
      ],
      volumes: [
        {
          name: 'vault',
          secret: {
            secretName: 'web-app-vault-files',
            defaultMode: 0o400,
            items: [
              { key: '0001-.env', path: '0001-.env', mode: 0o640 },
              { key: '0002-key', path: '0002-key', mode: 0o400 },
            ],
          },
        },
      ],
    });
    assert.deepEqual(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels);
  });

  it('takes names of any kind, as far as it can', async () => {
    const { deployment, read, yaml } = await secretsMade({ files: hostileNames.map((name) => vaultFile(name)) });
    const { volumes, containers } = deployment.spec.template.spec;
    const possible = hostileNames.filter((name) => !name.includes(':'));
    assert.deepEqual(
      containers[0].volumeMounts.map(({ mountPath, subPath }: { mountPath: string; subPath: string }) => [
        mountPath,
        read('web-app-vault-files', subPath),
      ]),
      possible.map((name) => [`/${name}`, `body of ${name}`]),
    );
    for (const { key } of volumes[0].secret.items) assert.match(key, /^[-._a-zA-Z0-9]{1,253}$/);
    assert.equal([...yaml.matchAll(/^# Left out: /gm)].length, hostileNames.length - possible.length);
  });

  it('is told nothing that the API would refuse', async () => {
    const half = 512 * 1024;
    const { deployment, read, yaml } = await secretsMade({
      images: [{ ...vaultContents().images[0]!, name: 'host:5000/Team/_My.App-@sha256:00' }],
      files: [
        vaultFile('one', { text: 'x'.repeat(half) }),
        vaultFile('two', { text: 'x'.repeat(half + 1) }),
        vaultFile('three', { text: 'x'.repeat(half), gid: 2 ** 40 }),
      ],
      variables: ['..', '..x', '1A', 'a b', 'ü', 'n'.repeat(254), 'A=B'].map((name) => variable(name, 'value')),
    });
    assert.equal(deployment.metadata.name, 'my-app');
    assert.equal(deployment.spec.template.spec.containers[0].envFrom, undefined);
    assert.deepEqual(
      deployment.spec.template.spec.volumes[0].secret.items.map(({ key }: { key: string }) => key),
      ['0001-one', '0003-three'],
    );
    assert.equal(read('my-app-vault-files', '0003-three').length, half);
    assert.equal([...yaml.matchAll(/^# Left out: /gm)].length, 8);
  });

  it('lets a group read what Kubernetes gives to root', async () => {
    const groupFor = async (...owners: readonly { readonly uid: number; readonly gid: number }[]) => {
      const { deployment } = await secretsMade({ files: owners.map((owner, index) => vaultFile(`file-${index}`, owner)) });
      return deployment.spec.template.spec.securityContext?.fsGroup;
    };
    assert.equal(await groupFor({ uid: 0, gid: 0 }), undefined);
    assert.equal(await groupFor({ uid: 0, gid: 0 }, { uid: 0, gid: 7 }, { uid: 5, gid: 5 }), 7);
    assert.equal(await groupFor({ uid: 1000, gid: 0 }), 0);
    assert.equal(await groupFor({ uid: 1000, gid: 2 ** 31 }), undefined, 'the API takes no such group');
  });

  it('has nothing to do where nothing was taken out', async () => {
    const { deployment } = await secretsMade({ images: [] });
    assert.deepEqual(deployment.spec.template.spec, { containers: [{ name: 'app', image: 'IMAGE' }] });
  });
});
