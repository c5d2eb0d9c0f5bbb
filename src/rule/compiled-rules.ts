// The packaged rules in one file that the build writes: to read a thousand files of YAML takes longer than most scans.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { isSystemError } from '../model/error.ts';
import { parseRuleDocument, type RuleFile } from './rule-file.ts';

interface CompiledFile {
  readonly file: string;
  readonly source: string;
  readonly document: unknown;
}

/** Throws the problem when a file has one: what is compiled is known to be right. */
export function compileRules(files: readonly RuleFile[]): string {
  for (const problem of files.flatMap(({ problems }) => problems)) throw problem;
  return JSON.stringify(files.map(({ file, source }): CompiledFile => ({ file, source, document: parse(source) })));
}

/** As `readRulesFolder` gives the files that were compiled; undefined when there is no such file. */
export async function readCompiledRules(path: string): Promise<readonly RuleFile[] | undefined> {
  try {
    const files = JSON.parse(await readFile(path, 'utf8')) as readonly CompiledFile[];
    return files.map(({ file, source, document }) => ({ file, source, ...parseRuleDocument(document, file, true) }));
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}
