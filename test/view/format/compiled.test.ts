// Compiled code of Java and Python, as their compilers write it: constants, beside the names that they are given to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatOf, readFormat } from '../../../src/view/format/format.ts';
import { scratch } from '../../support/scratch.ts';
import { isInstalled, needs, tool } from '../../support/tool.ts';
import { linesOf, read } from './reading.ts';

describe('a class of Java', () => {
  const files = scratch();
  let file: Buffer;

  before(function () {
    needs(this, 'javac');
    const folder = files.newFolder();
    const source = `import java.util.*;
      public class T {
        public static final String API_KEY = "constant 1";
        private String password = "field 2";
        static String token = "static 3";
        void m(Map<String, String> map, Properties properties, int i) {
          map.put("db.password", "item 4");
          properties.setProperty("user.pass", "property 5");
          setSecret("setter 6");
          System.getenv("ASKED_FOR");
          switch (i) { case 1: token = "case 7"; break; case 2: token = "case 8"; break; case 900: token = "case 9"; }
          long l = 5_000_000_000L;
          System.out.println("alone 10\\nsecond line" + l);
        }
        void setSecret(String s) {}
      }`;
    writeFileSync(join(folder, 'T.java'), source);
    tool('javac', ['T.java'], { cwd: folder });
    file = readFileSync(join(folder, 'T.class'));
  });

  it('shows constants with the fields, methods and keys that they are given to', () => {
    const lines = linesOf(read('java-class', file));
    const expected = ['API_KEY = "constant 1"', 'password = "field 2"', 'token = "static 3"', 'db.password = "item 4"', 'user.pass = "property 5"'];
    for (const line of [...expected, 'Secret = "setter 6"', 'token = "case 7"', 'token = "case 8"', 'token = "case 9"', 'ASKED_FOR']) {
      assert.ok(lines.includes(line), `${line} in ${lines.join('\n')}`);
    }
  });

  it('cut off anywhere, or with any byte changed, is told calmly', () => {
    for (let length = 0; length < file.length; length++) readFormat('java-class', file.subarray(0, length));
    for (let at = 0; at < file.length; at++) readFormat('java-class', Buffer.from(file).fill(file[at] ^ 0xff, at, at + 1));
  });
});

const source = `
PASSWORD = "module 1"
conf = {"db_password": "item 2", "user": "root"}
conf["api_key"] = "item 3"
big = {"a": "x", "token": input, "secret": "item 4"}
class A:
    key = b"class 5"
    def __init__(self, password="default 6", **rest):
        self.passwd = "attribute 7"
        local = "local 8"
        connect(host="h", password_9="argument 9", port=print())
        os.environ.get("DB_PASS", "default 10")
        print("alone 11")
def f():
    global G
    G = "global 12"
`;

/** Where pyenv keeps several versions, all of them are to be had by their names. */
function pythonSettings(): Readonly<Record<string, string>> {
  return isInstalled('pyenv') ? { PYENV_VERSION: tool('pyenv', ['versions', '--bare']).split('\n').join(':') } : {};
}

describe('compiled Python', () => {
  const files = scratch();
  const env = pythonSettings();

  const compiled = (python: string): Buffer => {
    const folder = files.newFolder();
    writeFileSync(join(folder, 'm.py'), source);
    tool(python, ['-c', 'import py_compile; py_compile.compile("m.py", "m.pyc")'], { cwd: folder, env });
    return readFileSync(join(folder, 'm.pyc'));
  };

  const pairs = [
    'PASSWORD = "module 1"',
    'db_password = "item 2"',
    'api_key = "item 3"',
    'secret = "item 4"',
    'key = "class 5"',
    'password = "default 6"',
    'passwd = "attribute 7"',
    'local = "local 8"',
    'password_9 = "argument 9"',
    'DB_PASS = "default 10"',
    'G = "global 12"',
    'alone 11',
  ];

  /** A machine may have several; each version has bytecode of its own. */
  for (const python of ['python3', 'python3.6', 'python3.7', 'python3.8', 'python3.9', 'python3.10', 'python3.11', 'python3.12', 'python3.13']) {
    it(`of ${python} shows constants with the names that they are given to`, function () {
      if (python === 'python3') needs(this, python);
      else if (spawnSync(python, ['--version'], { env: { ...process.env, ...env } }).status !== 0) this.skip();
      const file = compiled(python);
      const lines = linesOf(read('python-bytecode', file));
      // Of versions to come the constants are shown, and not their names.
      const hasNames = file.readUInt16LE(0) < 3600;
      for (const line of hasNames ? pairs : ['module 1', 'item 2', 'alone 11']) assert.ok(lines.includes(line), `${line} in ${lines.join('\n')}`);
    });
  }

  it('cut off anywhere, or with any byte changed, is told calmly', function () {
    needs(this, 'python3');
    const file = compiled('python3');
    for (let length = 0; length < file.length; length++) readFormat('python-bytecode', file.subarray(0, length));
    for (let at = 0; at < file.length; at++) readFormat('python-bytecode', Buffer.from(file).fill(file[at] ^ 0xff, at, at + 1));
  });

  const header = Buffer.concat([Buffer.from('a70d0d0a', 'hex'), Buffer.alloc(12)]);

  it('of Python 2, whose names are numbers', () => {
    const texts = Buffer.concat([Buffer.from('(\x03\0\0\0t\x05\0\0\0first', 'latin1'), Buffer.from('R\0\0\0\0u\x06\0\0\0second', 'latin1')]);
    const empty = Buffer.from('(\0\0\0\0', 'latin1');
    const name = Buffer.from('s\x01\0\0\0x', 'latin1');
    const counts = Buffer.alloc(16);
    const code = Buffer.concat([
      Buffer.from('c'),
      counts,
      Buffer.from('s\0\0\0\0', 'latin1'),
      texts,
      empty,
      empty,
      empty,
      empty,
      name,
      name,
      Buffer.alloc(4),
      name,
    ]);
    const file = Buffer.concat([Buffer.from('03f30d0a', 'hex'), Buffer.alloc(4), code]);
    assert.deepEqual(linesOf(read('python-bytecode', file)), ['first', 'second']);
  });

  it('that stands in itself, or too deep: nothing of it is shown, and nothing is thrown', () => {
    for (const body of [
      `c${'\0'.repeat(20)}${')\x01'.repeat(5000)}`,
      `\xa9\x01r\0\0\0\0`,
      `c${'\0'.repeat(20)}(\xff\xff\xff\xff`,
      `c${'\0'.repeat(20)}l\0\0\0\x80`,
    ]) {
      const { texts, finds } = readFormat('python-bytecode', Buffer.concat([header, Buffer.from(body, 'latin1')]));
      assert.deepEqual([texts, finds], [[], []]);
    }
  });

  it('that refers to one code again and again is followed to a bound', () => {
    // A code whose constants name the same two megabytes of instructions a hundred thousand times.
    const u32le = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
    const name = Buffer.from('z\x01x', 'latin1');
    const instructions = Buffer.alloc(1_000_000, Buffer.from([100, 0]));
    const rest = [Buffer.from(')\0)\0)\0', 'latin1'), Buffer.from('s\0\0\0\0', 'latin1'), name, name, name, Buffer.alloc(4), name, name];
    const same = Buffer.concat([Buffer.from('c'), Buffer.alloc(20), Buffer.from('r\0\0\0\0', 'latin1'), ...rest]);
    const count = 20_000;
    const constants = Buffer.concat([Buffer.from('('), u32le(count), ...Array.from({ length: count }, () => same)]);
    const first = Buffer.concat([Buffer.from([0x80 | 0x73]), u32le(instructions.length), instructions]);
    const file = Buffer.concat([header, Buffer.from('c'), Buffer.alloc(20), first, constants, ...rest]);
    assert.equal(formatOf(file.subarray(0, 512), 'x'), 'python-bytecode');
    assert.deepEqual(readFormat('python-bytecode', file).finds, []);
  });
});
