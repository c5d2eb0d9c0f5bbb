// A secret is found in whatever way its text is stored, and its position is told in lines, columns and bytes of the file.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { findingsOf, type JsonReport, scan } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble, type ImagePlan } from '../support/image.ts';
import * as planted from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const { githubToken } = planted;

type Encoding = (text: string) => Buffer;

const utf8: Encoding = (text) => Buffer.from(text);
const latin1: Encoding = (text) => Buffer.from(text, 'latin1');
const utf16le: Encoding = (text) => Buffer.from(text, 'utf16le');
const utf16be: Encoding = (text) => Buffer.from(text, 'utf16le').swap16();
const utf32le: Encoding = (text) => {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  const bytes = Buffer.alloc(codes.length * 4);
  for (const [index, code] of codes.entries()) bytes.writeUInt32LE(code, index * 4);
  return bytes;
};
const utf32be: Encoding = (text) => utf32le(text).swap32();

/** Bytes that look random, the same each time. */
function noise(length: number): Buffer {
  return createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(Buffer.alloc(length));
}

function layerOf(entries: readonly Buffer[]): ImagePlan {
  return { layers: [{ entries }] };
}

interface Case {
  readonly name: string;
  /** What stands before and after the token, in the same encoding or as bytes. */
  readonly before: Buffer;
  readonly after: Buffer;
  readonly encoding: Encoding;
  readonly line: number;
  /** Not stated where a byte-order mark or bytes that are no text make it a matter of taste. */
  readonly column?: number;
}

function textCase(name: string, encoding: Encoding, before: string, position: { line: number; column?: number }, after = '\nlast line\n'): Case {
  return { name, encoding, before: encoding(before), after: encoding(after), ...position };
}

const opening = 'first line\nsecond line\nkey = ';
const marked = `\ufeff${opening}`;

const cases: readonly Case[] = [
  textCase('utf-8', utf8, opening, { line: 3, column: 7 }),
  textCase('utf-8 with a byte-order mark', utf8, marked, { line: 3, column: 7 }),
  textCase('utf-8 with letters of two, three and four bytes', utf8, 'ключ\n漢字 🔑 = ', { line: 2, column: 9 }),
  textCase('latin1', latin1, 'cl\xe9 priv\xe9e\nmot de passe\xa0: ', { line: 2, column: 16 }),
  textCase('latin1 letters on both sides of the token', latin1, 'clé\n\xe9', { line: 2, column: 2 }, '\xe9\n'),
  textCase('carriage returns', utf8, 'first\r\nsecond\r\nkey=', { line: 3, column: 5 }, '\r\nlast\r\n'),
  textCase('the token alone', utf8, '', { line: 1, column: 1 }, ''),
  textCase('the token last, no newline', utf8, opening, { line: 3, column: 7 }, ''),
  textCase('utf-16le', utf16le, opening, { line: 3, column: 7 }),
  textCase('utf-16le with a byte-order mark', utf16le, marked, { line: 3, column: 7 }),
  textCase('utf-16be', utf16be, opening, { line: 3, column: 7 }),
  textCase('utf-16be with a byte-order mark', utf16be, marked, { line: 3, column: 7 }),
  textCase('utf-16le with letters beyond ascii', utf16le, '\ufeffключ\n漢字 = ', { line: 2, column: 6 }),
  textCase('utf-16le with carriage returns', utf16le, '\ufeffone\r\ntwo\r\n', { line: 3, column: 1 }, '\r\n'),
  textCase('utf-32le', utf32le, opening, { line: 3, column: 7 }),
  textCase('utf-32le with a byte-order mark', utf32le, marked, { line: 3, column: 7 }),
  textCase('utf-32be', utf32be, opening, { line: 3, column: 7 }),
  textCase('utf-32be with a byte-order mark', utf32be, marked, { line: 3, column: 7 }),
  { name: 'a binary, between NULs', encoding: utf8, before: Buffer.alloc(1000), after: Buffer.alloc(1000), line: 1 },
  { name: 'a binary, between bytes above 0x7f', encoding: utf8, before: Buffer.alloc(1000, 0xe9), after: Buffer.alloc(1000, 0xff), line: 1 },
  {
    name: 'a binary, the token right behind a byte of 0xc3',
    encoding: utf8,
    before: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xc3]),
    after: Buffer.from([0x80, 0, 1]),
    line: 1,
  },
  { name: 'utf-16le in a binary, at an even offset', encoding: utf16le, before: Buffer.alloc(1000, 0x90), after: Buffer.alloc(999, 0x90), line: 1 },
  { name: 'utf-16le in a binary, at an odd offset', encoding: utf16le, before: Buffer.alloc(1001, 0x90), after: Buffer.alloc(1000, 0x90), line: 1 },
  { name: 'utf-16le in a binary, between NULs', encoding: utf16le, before: Buffer.alloc(1001), after: Buffer.alloc(1000), line: 1 },
  { name: 'utf-16be in a binary, at an odd offset', encoding: utf16be, before: Buffer.alloc(1001, 0x90), after: Buffer.alloc(1000, 0x90), line: 1 },
];

describe('text', function () {
  this.timeout(120_000);
  const files = scratch();

  async function reportOf(plan: ImagePlan): Promise<JsonReport> {
    const { code, report } = await scan(files.file(archive(ociLayout(assemble(plan)))));
    assert.equal(code, 1);
    assert.deepEqual(report.skipped, []);
    return report;
  }

  describe('encodings', () => {
    let report: JsonReport;
    before(async () => {
      report = await reportOf(
        layerOf(cases.map((one, index) => file(`srv/${index}`, Buffer.concat([one.before, one.encoding(githubToken(one.name)), one.after])))),
      );
    });

    for (const [index, one] of cases.entries()) {
      it(one.name, () => {
        const found = findingsOf(report, githubToken(one.name)).map(({ place }) => place);
        assert.equal(found.length, 1, `found ${found.length} times`);
        const place = found[0]!;
        const token = one.encoding(githubToken(one.name));
        assert.deepEqual([place.kind, place.kind === 'file' && place.path], ['file', `/srv/${index}`]);
        assert.deepEqual([place.position.offset, place.position.length], [one.before.length, token.length]);
        if (one.column === undefined) return;
        const { line, column, endLine, endColumn } = place.position;
        assert.deepEqual([line, column, endLine, endColumn], [one.line, one.column, one.line, one.column + 40]);
      });
    }
  });

  it('a private key runs over several lines', async () => {
    const key = planted.privateKey('rsa');
    const report = await reportOf(layerOf([file('srv/key.pem', `# comment\n${key}`)]));
    const found = findingsOf(report, key);
    assert.equal(found.length, 1);
    const { line, endLine, offset } = found[0]!.place.position;
    assert.ok(line === 2 && endLine >= 2 + key.trim().split('\n').length - 2, `${line} to ${endLine}`);
    assert.ok(offset >= 10 && offset <= 40);
  });

  it('a secret over any border of the chunks that a reader may use', async () => {
    const expected: { seed: string; offset: number }[] = [];
    const entries = [4, 16, 64, 256, 1024].map((kibibytes) => {
      const border = kibibytes * 1024;
      const shifts = Array.from({ length: 41 }, (_, shift) => shift).filter((shift) => kibibytes < 64 || shift % (kibibytes < 1024 ? 4 : 8) === 1);
      const bytes = Buffer.alloc(border * (shifts.length + 1), 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod\n');
      for (const [index, shift] of shifts.entries()) {
        const seed = `${kibibytes} KiB, ${shift} before the border`;
        const offset = border * (index + 1) - shift;
        bytes.write(` ${githubToken(seed)} `, offset - 1);
        expected.push({ seed, offset });
      }
      return file(`srv/${kibibytes}`, bytes);
    });
    const shifted = file('srv/odd', `${githubToken('first')}\n`.padEnd(777, '.'));
    const report = await reportOf({ layers: [{ entries }, { entries: [shifted, ...entries.map((entry) => renamed(entry))], compression: 'gzip' }] });
    for (const { seed, offset } of expected) {
      const found = findingsOf(report, githubToken(seed));
      assert.deepEqual(
        found.map((finding) => finding.place.position.offset),
        [offset, offset],
        seed,
      );
    }
  });

  it('a secret over any border of a binary', async () => {
    const bytes = noise(3 << 20);
    const seeds = Array.from({ length: 48 }, (_, index) => ({ seed: `noise ${index}`, offset: (index + 1) * 65_536 - index }));
    for (const { seed, offset } of seeds.slice(0, 47)) bytes.write(`\0${githubToken(seed)}\0`, offset - 1);
    const report = await reportOf({ layers: [{ entries: [file('bin/app', bytes)], compression: 'zstd' }] });
    for (const { seed, offset } of seeds.slice(0, 47)) {
      assert.deepEqual(
        findingsOf(report, githubToken(seed)).map((finding) => finding.place.position.offset),
        [offset],
        seed,
      );
    }
  });

  it('utf-16 over the borders of chunks', async () => {
    const text = Array.from({ length: 40 }, (_, index) => `${'lorem ipsum '.repeat(2730)}${'.'.repeat(index)} ${githubToken(`wide ${index}`)} `).join(
      '\n',
    );
    const report = await reportOf(layerOf([file('srv/wide', utf16le(`\ufeff${text}`))]));
    for (let index = 0; index < 40; index++) {
      const found = findingsOf(report, githubToken(`wide ${index}`)).map((finding) => finding.place.position);
      assert.deepEqual(
        found.map(({ line, offset }) => [line, offset]),
        [[index + 1, 2 + 2 * text.indexOf(githubToken(`wide ${index}`))]],
      );
    }
  });

  it('a line of 20 MB, with a secret first, in the middle and last', async () => {
    const bytes = Buffer.alloc(20_000_000, 'lorem ipsum ');
    const at = { start: 0, middle: 9_999_990, end: bytes.length - 40 };
    for (const [seed, offset] of Object.entries(at))
      bytes.write(`${seed === 'start' ? '' : ' '}${githubToken(seed)}${seed === 'end' ? '' : ' '}`, seed === 'start' ? 0 : offset - 1);
    const report = await reportOf({ layers: [{ entries: [file('srv/line', bytes)], compression: 'gzip' }] });
    for (const [seed, offset] of Object.entries(at)) {
      const found = findingsOf(report, githubToken(seed)).map(({ place: { position } }) => [position.line, position.column, position.offset]);
      assert.deepEqual(found, [[1, offset + 1, offset]], seed);
    }
  });

  it('many secrets in one file, none is lost', async () => {
    const count = 2000;
    const lines = Array.from({ length: count }, (_, index) => `${index}: ${githubToken(`many ${index}`)}\n`);
    const report = await reportOf(layerOf([file('srv/many', lines.join(''))]));
    const values = new Set(report.findings.map((finding) => finding.secret.value));
    assert.deepEqual(
      Array.from({ length: count }, (_, index) => index).filter((index) => !values.has(githubToken(`many ${index}`))),
      [],
    );
  });

  it('the same secret many times in one file is told at each place', async () => {
    const report = await reportOf(layerOf([file('srv/same', `${githubToken('same')}\n`.repeat(50))]));
    assert.deepEqual(
      findingsOf(report, githubToken('same'))
        .map((finding) => finding.place.position.line)
        .toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  it('comments that switch a scanner off hide nothing', async () => {
    const report = await reportOf(
      layerOf([file('srv/a', `// secretlint-disable\nkey=${githubToken('disabled')} // secretlint-disable-line gitleaks:allow\n`)]),
    );
    assert.equal(findingsOf(report, githubToken('disabled')).length, 1);
  });

  it('secrets of several kinds, each by a rule of its own', async () => {
    const secrets = {
      githubToken: githubToken('kinds'),
      npmToken: planted.npmToken('kinds'),
      slackToken: planted.slackToken('kinds'),
      stripeKey: planted.stripeKey('kinds'),
      awsSecretKey: planted.awsSecretKey('kinds'),
      password: planted.password('kinds'),
      jwt: planted.jwt('kinds'),
      privateKey: planted.privateKey('ed25519', 'kinds'),
    };
    const report = await reportOf(
      layerOf([
        file('root/.npmrc', `//registry.npmjs.org/:_authToken=${secrets.npmToken}\n`),
        file(
          'root/.aws/credentials',
          `[default]\naws_access_key_id = ${planted.awsKeyId('kinds')}\naws_secret_access_key = ${secrets.awsSecretKey}\n`,
        ),
        file(
          'app/.env',
          `GITHUB_TOKEN=${secrets.githubToken}\nDB_PASSWORD=${secrets.password}\nSTRIPE=${secrets.stripeKey}\nSLACK=${secrets.slackToken}\n`,
        ),
        file('app/bundle.js', `const t = "${secrets.jwt}";`),
        file('root/.ssh/id', secrets.privateKey),
      ]),
    );
    const rules = Object.entries(secrets).map(([name, secret]) => [name, new Set(findingsOf(report, secret).map((finding) => finding.ruleId)).size]);
    assert.deepEqual(
      rules,
      Object.keys(secrets).map((name) => [name, 1]),
    );
    assert.equal(new Set(report.findings.map((finding) => finding.ruleId)).size >= Object.keys(secrets).length, true);
  });
});

/** The same entry under `opt/`, so that it does not overwrite the one of the layer below. */
function renamed(entry: Buffer): Buffer {
  const name = entry.toString('latin1', 0, entry.indexOf(0));
  const size = Number.parseInt(entry.toString('latin1', 124, 135), 8);
  return file(name.replace('srv/', 'opt/'), entry.subarray(512, 512 + size));
}
