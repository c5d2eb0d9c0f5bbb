// The rules that go by the name beside a value, over what people write: `§` stands for the value, which is put together here.
import assert from 'node:assert/strict';
import { loadRuleset } from '../../../src/rule/ruleset.ts';
import type { Ruleset } from '../../../src/model/rule.ts';

const chosen = `h7Gt-${'Zk81x!'}`;
const issued = `k7Qz81mP${'xw0LtR5v'}`;

/** By the place where they stand: the path, then one text a line; `\n` is a line end. */
const found: Readonly<Record<string, string>> = {
  'app/.env': String.raw`
    DB_PASSWORD=§
    export API_KEY='§'
    DBpassword=§`,
  'app/Dockerfile': String.raw`
    ENV DB_PASS §
    ENV A=b DB_PASSWORD="§" C=d
    ARG NPM_TOKEN=§`,
  'app/values.yml':
    String.raw`
    db:\n  pass: "§"
    - name: DB_PASSWORD\n  value: §
    secret: >-\n  §
    environment:\n  - DB_PASSWORD=§
    password: $` +
    String.raw`{DB_PASSWORD:-§}
    DBPassword:\n  Type: String\n  NoEcho: true\n  Default: §`,
  'app/settings.json': String.raw`
    {"db":{"user":"bob","password":"§"}}
    {"name":"DB_PASSWORD","value":"§"}
    {"key": "password", "value": "§"}
    {\"password\":\"§\"}`,
  'app/settings.toml': 'password = "§"',
  'app/settings.xml': String.raw`
    <password>§</password>
    <entry key="db.password">§</entry>
    <add key="Password" value="§" />
    <property name="hibernate.connection.password">§</property>
    <Resource username="a" password="§"/>
    <dbPassword><![CDATA[§]]></dbPassword>
    <AdministratorPassword><Value>§</Value></AdministratorPassword>
    <key>ApiKey</key>\n<string>§</string>`,
  'app/db.sql': String.raw`
    CREATE USER 'bob'@'%' IDENTIFIED BY '§';
    ALTER ROLE bob WITH LOGIN PASSWORD '§';
    ALTER USER bob IDENTIFIED BY "§";
    CREATE LOGIN bob WITH PASSWORD = '§';`,
  'src/main.tf': String.raw`
    variable "db_password" {\n  default = "§"\n}`,
  'src/main.php': String.raw`
    define('DB_PASSWORD', '§');
    'password' => '§',
    new PDO("mysql:host=db;dbname=x", "bob", "§")`,
  'src/main.py': String.raw`
    PASSWORD: str = '§'
    connect(host="db", user="bob", passwd="§")
    os.environ.setdefault("DB_PASSWORD", "§")
    requests.get(url, auth=("bob", "§"))
    hashlib.pbkdf2_hmac("sha256", b"§", salt, 1000)
    parser.add_argument("--password", default="§")
    password = b"§"
    password = """§"""
    if password == "§":`,
  'src/main.rb': String.raw`
    ENV["SECRET"] ||= "§"
    :password => '§'`,
  'src/main.ts': String.raw`
    private readonly apiSecret: string = "§";
    const token = process.env.TOKEN || "§";`,
  'src/main.go': String.raw`
    password := "§"
    var apiKey string = "§"
    req.SetBasicAuth("bob", "§")
    var secretKey = []byte("§")`,
  Makefile: String.raw`
    API_TOKEN ?= "§"
    API_TOKEN ::= "§"`,
  'src/Main.java': String.raw`
    ds.setPassword("§");
    props.put("password", "§");
    DriverManager.getConnection(url, "bob", "§")
    if (password.equals("§"))
    if ("§".equals(password))`,
  'src/main.c': String.raw`
    char password[32] = "§";
    #define WIFI_PASSWORD "§"
    if (strcmp(password, "§") == 0)`,
  'src/main.m': 'NSString *password = @"§";',
  'src/main.rs': String.raw`
    let password = String::from("§");
    const TOKEN: &str = "§";`,
  'src/main.kt': 'val password: String = "§"',
  'notes.txt': String.raw`
    username: bob\npassword: §
    login: bob / password: §
    The password is §
    sign in as \`bob\` and password \`§\``.replaceAll('\\`', '`'),
  'etc/app.conf': String.raw`
    user bob insecure-password §
    rootpw §
    secret "§";`,
};

const silent: Readonly<Record<string, readonly string[]>> = {
  'app/.env': ['API_KEY=your-api-key-here', 'PASSWORD_FILE=/run/secrets/pw', 'SESSION_DRIVER=file', 'TOKEN_TTL=3600', 'DB_PASSWORD=$DB_PASSWORD'],
  'app/values.yml': [
    'password: !vault |',
    'secretName: my-tls-secret',
    'existingSecret: postgres-credentials',
    '- name: DB_PASSWORD\n  value: ${PW}',
  ],
  'app/db.sql': ['password VARCHAR(255) NOT NULL', 'SELECT password FROM users'],
  'src/main.tf': ['password = random_password.db.result', 'password = var.db_password'],
  'src/main.py': [
    'password = getpass.getpass("Password: ")',
    'token = tokenizer.next_token()',
    'password = password.encode("latin1")',
    'def sign(private_key: "_RSAPrivateKey", data: bytes)',
    'from x import (\n    _Ed25519PrivateKey,\n    _Ed25519PublicKey,\n)',
    'HEX_PAT = "[0-9A-Fa-f]{1,4}"',
  ],
  'src/main.ts': [
    'password: string;',
    'const BARE_KEY = /^[a-z0-9-_]+$/i;',
    'key:"ArrowDown"',
    '"string"==typeof token',
    'password=t.password,e.token=n.token;',
  ],
  'src/main.go': ['password := flag.String("password", "", "database password")', 'Password string `json:"password"`'],
  'src/main.php': ["'password' => 'required|min:8'", "'password' => env('DB_PASSWORD', ''),"],
  'src/Main.java': ['if ("password".equals(name))', 'private static final String PASSWORD_KEY = "user.password.key";'],
  'src/style.py': ['Token.Name.Builtin.Clef: "bold #08547A",'],
  'locales/de.json': ['"password": "Kennwort ändern"'],
  'app/package.json': ['"minipass": "^7.1.2"'],
  'usr/share/doc/binutils/summary': ['PASS: binutils-all/i386/pr21231a', 'PASS: ld-i386/pr19609-2b'],
  'README.md': ['passwords must be at least 8 characters', 'token: <your-token>', '> `npm install @noble/hashes` needs no password.\n\n> `npm test`'],
};

async function valuesIn(ruleset: Ruleset, path: string, text: string): Promise<readonly string[]> {
  const { detections } = await ruleset.detect(text, path, [...ruleset.detectors.keys()]);
  return detections.map(({ secret }) => secret.reveal());
}

describe('a name and its value', () => {
  let ruleset: Ruleset;
  before(async () => {
    ruleset = await loadRuleset({
      enable: ['*-secret', 'prose-password', 'directive-password', 'login-call-password', 'chpasswd-password', 'maven-settings-password'],
    });
  });

  for (const [path, lines] of Object.entries(found)) {
    it(`are seen in ${path}`, async () => {
      for (const line of lines.split('\n').filter((text) => text.trim() !== '')) {
        for (const value of [chosen, issued]) {
          const text = line
            .trim()
            .replaceAll(String.raw`\n`, '\n')
            .replace('§', () => value);
          // What needs no name to be a password is a password; a key in a sentence or a call may go by its own rule only.
          assert.ok(
            (await valuesIn(ruleset, path, text)).some((secret) => secret.includes(value)),
            `${path}: ${line.trim()}`,
          );
        }
      }
    });
  }

  for (const [path, texts] of Object.entries(silent)) {
    it(`are told from what only looks like them in ${path}`, async () => {
      for (const text of texts) assert.deepEqual(await valuesIn(ruleset, path, text), [], text);
    });
  }

  it('a word and a year is a password where no program stands', async () => {
    const season = `Summer${2020}`;
    for (const [path, text] of [
      ['app/values.yml', `password: ${season}`],
      ['app/beans.xml', `<property name="connection.password">${season}</property>`],
      ['var/log/app.log', `DEBUG password=${season} user=bob`],
      ['etc/app.conf', `password ${season}`],
    ] as const)
      assert.deepEqual(await valuesIn(ruleset, path, text), [season], path);
    for (const [path, text] of [
      ['src/main.js', `password=${season};`],
      ['app/values.yml', 'password: pbkdf2-512'],
      ['var/log/app.log', 'password: 2020-10-11'],
    ] as const)
      assert.deepEqual(await valuesIn(ruleset, path, text), [], path);
  });

  it('a value in pieces is one value', async () => {
    const [first, second] = [chosen.slice(0, 5), chosen.slice(5)];
    const [secret] = await valuesIn(ruleset, 'src/main.js', `const password = '${first}' + '${second}';`);
    assert.ok(secret !== undefined && secret.includes(first) && secret.includes(second));
    assert.deepEqual(await valuesIn(ruleset, 'src/main.js', "const password = 'pass' + 'word';"), []);
  });

  it('a key of a table is less than a key of a door', async () => {
    const { detections } = await ruleset.detect(`pool_salt = "${issued}"`, 'src/main.py', [...ruleset.detectors.keys()]);
    assert.deepEqual(
      detections.map(({ severity }) => severity),
      ['low'],
    );
  });
});
