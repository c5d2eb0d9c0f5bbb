// Key stores, databases and files that are one secret, in an image as they are, and packed into a jar and a tar.gz: each is found at its
// place, a trust store is not, and a cleaning leaves nothing of any.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { clean } from '../support/cleaning.ts';
import { type ReportedFinding, scan } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble, type BuiltImage } from '../support/image.ts';
import * as stores from '../support/key-stores.ts';
import * as planted from '../support/planted.ts';
import { file, tar, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { isInstalled, needs, tool } from '../support/tool.ts';
import { rawZip } from '../view/nested/raw-zip.ts';

const password = planted.password('key stores');
const hex = (seed: string, digits: number) => stores.random(seed, digits / 2).toString('hex');
const base64 = (seed: string, bytes: number) => stores.random(seed, bytes).toString('base64');
const vault = `$ANSIBLE_VAULT;1.1;AES256\n${Array.from({ length: 4 }, (_, line) => hex(`vault ${line}`, 80)).join('\n')}\n`;
const putty = [
  'PuTTY-User-Key-File-2: ssh-ed25519',
  'Encryption: none',
  'Comment: x',
  'Public-Lines: 2',
  base64('public', 48),
  base64('more', 16),
  'Private-Lines: 1',
  base64('private', 36),
  `Private-MAC: ${hex('mac', 40)}`,
].join('\n');

type Held = Readonly<Record<string, { readonly body: Buffer | string; readonly rule: string }>>;

/** By path, with the rule that tells of it. */
const held: Held = {
  'tomcat.jks': { body: stores.jks({ keys: ['web'], password: 'changeit' }), rule: 'jks-key' },
  'client.bks': { body: stores.bks('key', 'k3v9x2m8q4'), rule: 'bks-key' },
  'id.ppk': { body: putty, rule: 'putty-private-key' },
  'team.kdbx': { body: stores.kdbx(4), rule: 'keepass-database' },
  'old.kdb': { body: stores.kdb(), rule: 'keepass-database' },
  'secring.gpg': { body: stores.secretRing('plain'), rule: 'gnupg-secret-key' },
  'private-keys-v1.d/1F.key': { body: stores.gnupgKey('private-key'), rule: 'gnupg-secret-key' },
  'krb5.keytab': { body: stores.keytab('host/web.example.com@EXAMPLE.COM'), rule: 'kerberos-keytab' },
  'key3.db': { body: stores.nssKey3(true), rule: 'nss-private-key' },
  'logins.json': {
    body: JSON.stringify({
      nextId: 2,
      logins: [{ id: 1, hostname: 'https://a.example', encryptedUsername: base64('user', 30), encryptedPassword: base64('word', 30) }],
    }),
    rule: 'firefox-logins',
  },
  '.mylogin.cnf': { body: stores.mylogin(`[client]\nuser = "root"\npassword = "${password}"\n`), rule: 'my-cnf-password' },
  'secrets/master.key': { body: hex('master', 256), rule: 'jenkins-master-key' },
  'credentials.xml': { body: `<password>{AQAAABAAAAAQ${base64('jenkins', 48)}}</password>`, rule: 'jenkins-encrypted-secret' },
  '.vault_pass': { body: `${planted.password('vault')}\n`, rule: 'ansible-vault-password' },
  'group_vars/all.yml': { body: vault, rule: 'ansible-vault' },
};

/** Only certificates are in them. */
const silent: Readonly<Record<string, Buffer>> = {
  'lib/security/cacerts': stores.jks({ certificates: ['ca', 'ca2'], password: 'changeit' }),
  'trust.bks': stores.bks('certificate', 'changeit'),
  'pubring.gpg': stores.secretRing('public'),
};

type Told = ReportedFinding & { readonly severity: string; readonly proved?: readonly string[] };

function image(...layers: readonly (readonly Buffer[])[]): BuiltImage {
  return assemble({ layers: layers.map((entries) => ({ entries, compression: 'gzip' as const })) });
}

/** `rule at path!/way`, each once. */
function told(findings: readonly ReportedFinding[]): readonly string[] {
  return [...new Set(findings.map(inWords))].sort();
}

function inWords({ ruleId, place }: ReportedFinding): string {
  return place.kind === 'file' ? `${ruleId} at ${[place.path, ...(place.way ?? [])].join('!/')}` : place.kind;
}

describe('key stores and files that are secrets, in an image', function () {
  this.timeout(240_000);
  const files = scratch();
  let all: Held;
  let reference: string;

  before(function () {
    needs(this, 'openssl');
    all = { ...held, ...fromTools() };
    const members = [...Object.entries(all).map(([name, { body }]) => ({ name, data: body })), ...silentMembers()];
    const plain = members.map(({ name, data }) => file(`srv/${name}`, data));
    const packed = tar(...members.map(({ name, data }) => file(name, data)));
    reference = files.file(
      archive(ociLayout(image([...plain, file('srv/app.jar', rawZip({ members })), file('srv/backup.tar.gz', gzipSync(packed))]))),
    );
  });

  const silentMembers = () => Object.entries(silent).map(([name, data]) => ({ name, data }));

  /** What the programs of this machine write. */
  function fromTools(): Held {
    const folder = files.newFolder();
    const inFolder = { cwd: folder };
    const body = (name: string) => readFileSync(join(folder, name));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    tool('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=x'], inFolder);
    tool('openssl', ['pkcs12', '-export', '-inkey', 'key.pem', '-in', 'cert.pem', '-passout', 'pass:changeit', '-out', 'web.p12'], inFolder);
    const made: Record<string, Held[string]> = { 'web.p12': { body: body('web.p12'), rule: 'pkcs12-key' } };
    const database = new DatabaseSync(join(folder, 'app.db'));
    database.exec(`CREATE TABLE tokens (name TEXT, value TEXT); INSERT INTO tokens VALUES ('github', '${planted.githubToken('sqlite')}')`);
    database.close();
    made['app.db'] = { body: body('app.db'), rule: 'github-token' };
    if (isInstalled('keytool')) {
      const common = ['-storetype', 'JCEKS', '-keystore', 'web.jceks', '-storepass', 'changeit', '-keypass', 'changeit', '-alias', 'web'];
      tool('keytool', ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=x', ...common], inFolder);
      made['web.jceks'] = { body: body('web.jceks'), rule: 'jks-key' };
    }
    if (isInstalled('javac')) {
      writeFileSync(join(folder, 'T.java'), `class T { static String token = "${planted.githubToken('java')}"; }`);
      tool('javac', ['T.java'], inFolder);
      made['T.class'] = { body: body('T.class'), rule: 'github-token' };
    }
    if (isInstalled('python3')) {
      writeFileSync(join(folder, 't.py'), `token = "${planted.githubToken('python')}"\n`);
      tool('python3', ['-c', 'import py_compile; py_compile.compile("t.py", "t.pyc")'], inFolder);
      made['t.pyc'] = { body: body('t.pyc'), rule: 'github-token' };
    }
    return made;
  }

  it('are found as they are, in a jar and in a tar.gz; a trust store is not', async () => {
    const { report } = await scan(reference);
    const findings = told(report.findings);
    for (const [name, { rule }] of Object.entries(all)) {
      for (const path of [`/srv/${name}`, `/srv/app.jar!/${name}`, `/srv/backup.tar.gz!/gunzip!/${name}`]) {
        assert.ok(
          findings.some((each) => each === `${rule} at ${path}` || each.startsWith(`${rule} at ${path}!/`)),
          `${rule} at ${path} is lost: ${findings.filter((each) => each.includes(name)).join(', ')}`,
        );
      }
    }
    for (const name of Object.keys(silent))
      assert.deepEqual(
        findings.filter((each) => each.endsWith(name)),
        [],
        name,
      );
    assert.deepEqual(report.skipped, []);
  });

  it('says which default password opens a store', async () => {
    const { report } = await scan(reference);
    for (const name of ['web.p12', 'tomcat.jks']) {
      const found = report.findings.find(({ place }) => place.kind === 'file' && place.path === `/srv/${name}` && place.way === undefined) as Told;
      assert.equal(found.severity, 'critical', name);
      assert.match(found.proved!.join('; '), /opened by the default password "changeit"/, name);
    }
  });

  it('are gone after a cleaning, from the archives too', async () => {
    const output = join(files.newFolder(), 'out.tar');
    await clean(reference, ['-o', output], { values: { password } });
    assert.deepEqual(told((await scan(output)).report.findings), []);
  });

  const severityOf = async (of: BuiltImage, rule: string) => {
    const { report } = await scan(files.file(archive(ociLayout(of))));
    const { severity, proved } = report.findings.find(({ ruleId }) => ruleId === rule) as Told;
    return `${severity}: ${(proved ?? []).join('; ')}`;
  };

  it('weigh more where what opens them is in the image, deleted or not', async () => {
    const locked = file('srv/group_vars/all.yml', vault);
    assert.doesNotMatch(await severityOf(image([locked]), 'ansible-vault'), /^high|what opens it/);
    const below = image([locked, file('srv/.vault_pass', held['.vault_pass'].body)], [whiteout('srv/.vault_pass')]);
    assert.equal(await severityOf(below, 'ansible-vault'), 'high: what opens it is in the image: /srv/.vault_pass');
    const jenkins = ['credentials.xml', 'secrets/master.key'].map((name) => file(`var/jenkins_home/${name}`, held[name].body));
    assert.equal(
      await severityOf(image(jenkins), 'jenkins-encrypted-secret'),
      'high: what opens it is in the image: /var/jenkins_home/secrets/master.key',
    );
  });
});
