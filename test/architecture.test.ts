// The shape of the house, read from the imports of every file: which room may know which, and who may touch the world outside.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const source = new URL('../src/', import.meta.url).pathname;

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file, texts.get(file)!));
const ours = imports.filter(({ to }) => texts.has(to));

/** Modules of ours are named by their path in src/, the others as they are written. */
function importsOf(file: string, text: string): Import[] {
  const target = (specifier: string) => (specifier.startsWith('.') ? relative(source, join(source, dirname(file), specifier)) : specifier);
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const specifiers = [...code.matchAll(/^(?:import|export)\s+(?:[^;'"]*?\s*from\s*)?'([^']+)'/gm), ...code.matchAll(/\bimport\(\s*'([^']+)'/g)];
  return specifiers.map(([, specifier]) => ({ from: file, to: target(specifier) }));
}

function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
}

const everything = ['model', 'core', 'tar', 'judge', 'report', 'store', 'view', 'rule', 'scan', 'clean', 'shim'];

/** What each room may import. A scan opens the store that its reference leads to, so `scan` knows `store`; `store` knows no scan. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  core: ['model'],
  tar: ['model', 'core'],
  judge: ['model'],
  report: ['model'],
  store: ['model', 'tar'],
  view: ['model', 'core', 'tar'],
  rule: ['model', 'core', 'view'],
  scan: ['model', 'core', 'tar', 'view', 'rule', 'store'],
  clean: ['model', 'core', 'tar', 'view', 'rule', 'store', 'scan', 'judge'],
  shim: ['model', 'tar', 'store'],
  cli: everything,
  'index.ts': everything,
};

describe('the rooms of src/', () => {
  it('were read at all', () => {
    assert.ok(files.length > 50 && ours.length > 100, `${files.length} files, ${ours.length} imports`);
    assert.deepEqual(
      imports.filter(({ to }) => to.endsWith('.ts') && !texts.has(to)),
      [],
      'imports of ours that lead nowhere',
    );
  });

  it('are the ones that are known', () => {
    assert.deepEqual(
      [...new Set(files.map(roomOf))].filter((room) => !(room in mayImport)),
      [],
    );
  });

  it('import downwards only', () => {
    const wrong = ours.filter(({ from, to }) => roomOf(from) !== roomOf(to) && !mayImport[roomOf(from)].includes(roomOf(to)));
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it('of cleaning import downwards only: values, plan, apply, prove', () => {
    const mayImportWithin: Readonly<Record<string, readonly string[]>> = {
      values: [],
      cause: [],
      plan: ['values'],
      apply: ['values', 'plan'],
      prove: ['values', 'plan', 'apply'],
      vault: ['values', 'plan', 'apply'],
      tell: ['values', 'plan', 'apply', 'cause'],
    };
    const folderOf = (file: string) => /^clean\/([^/]+)\//.exec(file)?.[1];
    const within = ours.filter(({ from, to }) => folderOf(from) !== undefined && to.startsWith('clean/') && folderOf(from) !== folderOf(to));
    assert.ok(within.length > 20);
    assert.deepEqual(
      within.filter(({ from, to }) => !mayImportWithin[folderOf(from)!]?.includes(folderOf(to) ?? '')).map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it('have no circle of files, not even of types', () => {
    const circles: string[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (state.has(file)) return;
      state.set(file, 'open');
      for (const { to } of ours.filter(({ from }) => from === file)) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it('know libraries and the world outside only where they should', () => {
    const only = (pattern: RegExp, ...rooms: readonly string[]) =>
      imports.filter(({ from, to }) => pattern.test(to) && !rooms.includes(roomOf(from))).map(({ from, to }) => `${from} imports ${to}`);
    assert.deepEqual(only(/^@secretlint\//, 'rule'), []);
    assert.deepEqual(only(/^(?:node-sarif-builder|chalk)$/, 'report'), []);
    assert.deepEqual(only(/^commander$/, 'cli'), []);
    assert.deepEqual(
      only(
        /^node:(?:fs|fs\/promises|child_process|net|tls|dgram|dns|http|https|http2|worker_threads|os|readline)$/,
        'store',
        'rule',
        'scan',
        'shim',
        'cli',
      ),
      [],
    );
    assert.deepEqual(
      imports.filter(({ to }) => /^(?:fs|child_process|net|http|https|os|path|crypto|zlib|stream|util)$/.test(to)),
      [],
      'builtins without node:',
    );
  });
});

describe('the files of src/', () => {
  it('are short', () => {
    assert.deepEqual(
      files.filter((file) => texts.get(file)!.trimEnd().split('\n').length > 350),
      [],
    );
  });

  it('are named for an idea', () => {
    const empty = /(?:^|[/-])(?:utils?|helpers?|common|types?|managers?|services?|handlers?|misc|shared)(?:[-./]|$)/;
    assert.deepEqual(
      files.filter((file) => empty.test(file)),
      [],
    );
  });

  it('open with what they are for', () => {
    assert.deepEqual(
      files.filter((file) => !/^(?:#![^\n]*\n)?\/\/ [^\n]+/.test(texts.get(file)!)),
      [],
    );
  });
});

describe('the values of secrets', () => {
  it('are revealed in these files, each for a reason', () => {
    const reviewed: Readonly<Record<string, string>> = {
      'clean/vault/gather.ts': 'tells variables of several images with the same value',
      'clean/prove/prove.ts': 'looks for removed values among those that are still found',
      'clean/values/removed-value.ts': 'makes the forms that are searched for, and written over',
      'clean/vault/values.ts': '--vault',
      'model/secret.ts': 'where it is defined',
      'scan/cache/secret-traits.ts': 'makes the hashes that are kept in its place',
      'scan/mask.ts': 'looks for the value in other texts, to hide it there',
      'scan/scan-metadata.ts': 'tells a value that was found twice in one place',
      'scan/workers/packed-detections.ts': 'hands what was found from one thread of the scan to another',
      'report/json.ts': '--show-secrets',
      'report/sarif-result.ts': '--show-secrets',
      'report/text-secret.ts': '--show-secrets',
      'report/neutral.ts': 'looks for the value in other texts, to hide it there',
    };
    assert.deepEqual(files.filter((file) => texts.get(file)!.includes('reveal(')).sort(), Object.keys(reviewed).sort());
  });
});
