// What lies in the cache of scans, for people and for programs.
import type { CacheContents } from '../model/cache-contents.ts';
import { printable } from '../model/printable.ts';
import { jsonText } from './json-text.ts';
import { age, byteCount, table } from './table.ts';

export function* cacheTable({ folder, problem, kinds, bytes, maxBytes, oldest, newest }: CacheContents, now: Date): Generator<string> {
  yield `Folder: ${printable(folder)}\n`;
  if (problem !== undefined) yield `Not used: ${printable(problem)}\n`;
  yield `Size: ${byteCount(bytes)} of at most ${byteCount(maxBytes)}\n`;
  if (oldest !== undefined && newest !== undefined) yield `Used last: ${age(newest, now)} ago, the oldest ${age(oldest, now)} ago\n`;
  yield '\n';
  yield* table(
    ['KIND', 'ENTRIES', 'SIZE'],
    Object.entries(kinds).map(([kind, { entries, bytes: size }]) => [kind, String(entries), byteCount(size)]),
  );
}

export function* cacheLines(contents: CacheContents): Generator<string> {
  yield `${jsonText(contents)}\n`;
}
