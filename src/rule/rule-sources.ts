// Rule files as they are written, in YAML. Loaded only where rules are not compiled.
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fastGlob from 'fast-glob';
import { parse } from 'yaml';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { digestOfSource, type ParsedRuleFile, parseRuleDocument, type RuleFile } from './rule-file.ts';
import { isRuleFile } from './rule-path.ts';

export interface RuleSource {
  /** Relative to the folder. */
  readonly file: string;
  readonly source: string;
}

/** As `readRulesFolder`, with examples, and never compiled. */
export async function readRuleFiles(path: string): Promise<readonly RuleFile[]> {
  const sources = await readRuleSources(path);
  return sources.map(({ file, source }) => ({ file, digest: digestOfSource(source), ...parseRuleFile(source, file) }));
}

/** Throws UnbakeError `usage` or `io` for what is no folder of rules, and no rule file. */
export async function readRuleSources(path: string): Promise<readonly RuleSource[]> {
  let directory = path;
  let files: readonly string[];
  try {
    const stats = await stat(path);
    if (stats.isFile() && isRuleFile(path)) directory = dirname(path);
    else if (!stats.isDirectory()) throw new UnbakeError('usage', `${path} is no folder of rules, and no .yml or .yaml file`);
    files = stats.isFile() ? [basename(path)] : (await fastGlob('**/*.{yml,yaml}', { cwd: directory })).sort();
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw new UnbakeError('usage', `there is no folder of rules at ${path}`, { cause });
    throw new UnbakeError('io', `the folder of rules ${path} cannot be read`, { cause });
  }
  // At once: a thread that is stopped while it waits for a file would leave that open.
  return files.map((file) => ({ file, source: readFileSync(join(directory, file), 'utf8') }));
}

/** `file` is how errors call it. Fields in `defaults` hold for every rule of the file that does not have them itself. */
export function parseRuleFile(yaml: string, file: string): ParsedRuleFile {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    return { rules: [], formats: [], problems: [new UnbakeError('usage', `${file} is not valid YAML: ${messageOf(cause)}`, { cause })] };
  }
  return parseRuleDocument(document, file);
}
