// Names and texts of an image are written by strangers: none of them steers a terminal, breaks a line or gives a workflow command,
// and no secret is shown unless it was asked for.
import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { assertNeutral, findingsOf, type JsonReport, run } from '../support/cli.ts';
import { archive, classicArchive, docker25Archive } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file, symlink } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...stringsOf(child)]);
}

describe('names and texts that were made to steer the reader', function () {
  this.timeout(60_000);
  const files = scratch();
  const evil = [
    '\u001b[2J\u001b]0;owned\u0007',
    'line\nbreak\r\n',
    '\n::error file=x::owned',
    '\n##[error]owned',
    '\u202eevil',
    '\u009b31m',
    '<script>alert(1)</script>',
    '\n::add-mask::x',
  ];
  const secretsOf = (where: string): string[] => evil.map((_, index) => githubToken(`${where} ${index}`));

  function evilArchive(): Buffer {
    const image = assemble({
      tags: [`app:${evil.join('')}`],
      layers: evil.map((text, index) => ({
        entries: [file(`srv/${text}/${index}`, secretsOf('file')[index]!), symlink(`srv/link${index}`, `${text} ${secretsOf('link')[index]}`)],
        createdBy: `RUN ${text} T=${secretsOf('history')[index]} ${text}`,
      })),
      config: {
        Env: evil.map((text, index) => `T${text}=${secretsOf('env')[index]} ${text}`),
        Labels: Object.fromEntries(evil.map((text, index) => [text, `${text} ${secretsOf('label')[index]}`])),
      },
      annotations: Object.fromEntries(evil.map((text, index) => [text, `${text} ${secretsOf('annotation')[index]}`])),
    });
    return archive(docker25Archive(image));
  }

  const all = ['file', 'link', 'history', 'env', 'label', 'annotation'].flatMap(secretsOf);

  for (const format of ['text', 'json', 'sarif']) {
    it(`${format}: no control character, no workflow command, no secret`, async () => {
      const outcome = await run(['scan', files.file(evilArchive()), '-f', format]);
      assert.equal(outcome.code, 1, outcome.stderr);
      const said = outcome.stdout + outcome.stderr;
      assert.ok(said.length > 1000);
      for (const secret of all) assert.ok(!said.includes(secret), 'a secret is shown');
      assertNeutral(said);
      if (format !== 'text') for (const text of stringsOf(JSON.parse(outcome.stdout))) assertNeutral(text);
    });
  }

  it('colour is for terminals: with FORCE_COLOR only our own escapes are written', async () => {
    const outcome = await run(['scan', files.file(evilArchive())], { env: { FORCE_COLOR: '1', NO_COLOR: '' } });
    assertNeutral(stripVTControlCharacters(outcome.stdout));
    const sequences = outcome.stdout.split('\u001b').slice(1);
    assert.ok(
      sequences.every((sequence) => /^\[[\d;]*m/.test(sequence)),
      'an escape that sets no colour',
    );
  });

  it('every one of them is found, with --show-secrets', async () => {
    const outcome = await run(['scan', files.file(evilArchive()), '-f', 'json', '--show-secrets']);
    const report = JSON.parse(outcome.stdout) as JsonReport;
    for (const secret of all) assert.notDeepEqual(findingsOf(report, secret), []);
  });

  it('the tags that an error lists are neutralised, and secrets in them masked', async () => {
    const tags = [...evil.map((text) => `app:${text}`), `app:${githubToken('in tag')}`];
    const path = files.file(archive(classicArchive(assemble({ tags, layers: [{ entries: [file('a', 'a')] }] }))));
    const outcome = await run(['scan', `docker-archive:${path}:app:nothing`]);
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /owned/);
    assertNeutral(outcome.stderr);
    assert.ok(!outcome.stderr.includes(githubToken('in tag')));
  });
});
