import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { vaultMembers } from '../../../src/clean/vault/vault.ts';
import { hostileNames, textOf, variable, vaultContents, vaultFile } from './sample-vault.ts';

/** docker compose puts variables in, and takes two dollars for one (compose-spec, "Interpolation"). */
function interpolated(text: string): string {
  return text.replace(/\$(\$|.)/g, (_, next: string) => {
    assert.equal(next, '$', `a variable would be put into ${text}`);
    return '$';
  });
}

async function compose(change: Parameters<typeof vaultContents>[0], recipients: readonly string[] = []) {
  const text = textOf(await vaultMembers(vaultContents(change), recipients), 'compose.yaml');
  return { text, document: parse(text, { version: '1.1' }) };
}

describe('compose.yaml of a vault', () => {
  it('gives the service its files as secrets and its variables as they stand', async () => {
    const { document } = await compose({ files: [vaultFile('srv/.env', { mode: 0o104640 })], variables: [variable('A', '$x')] });
    assert.deepEqual(document, {
      services: {
        'web-app': {
          image: 'registry.example/team/Web_App:clean',
          env_file: [{ path: './env', format: 'raw' }],
          secrets: [{ source: '0001-.env', target: '/srv/.env', uid: '1234', gid: '2345', mode: 0o640 }],
        },
      },
      secrets: { '0001-.env': { file: './files/0001-.env' } },
    });
  });

  it('has targets of any name', async () => {
    const { document } = await compose({ files: hostileNames.map((name) => vaultFile(name)) });
    assert.deepEqual(
      document.services['web-app'].secrets.map(({ target }: { target: string }) => interpolated(target)),
      hostileNames.map((name) => `/${name}`),
    );
    for (const { source } of document.services['web-app'].secrets) assert.match(document.secrets[source].file, /^\.\/files\/[A-Za-z0-9._-]+$/);
  });

  it('says what it leaves out, and holds no value', async () => {
    const { text, document } = await compose({
      images: [{ ...vaultContents().images[0]!, name: '$(id)' }],
      files: [vaultFile(Buffer.from('ff', 'hex')), vaultFile('gone', { isVisible: false })],
      variables: [variable('LINES\n', 'one\ntwo')],
    });
    assert.deepEqual(document, { services: { app: { image: 'IMAGE' } } });
    assert.match(text, /^# Left out: files\/0001-_: its path is not UTF-8/m);
    assert.match(text, /^# Left out: LINES\\n: .*variables\/LINES_\.$/m);
    assert.doesNotMatch(text, /one|two|gone/);
  });
});
