// The packaged rules in one file that the build writes: to read a thousand files of YAML takes longer than most scans. They were right
// when they were compiled, so nothing is looked at again, and a pattern becomes an expression only when it is asked for.
import { readFileSync } from 'node:fs';
import { isSystemError } from '../model/error.ts';
import { type Allowance, readAllowances } from './allowance.ts';
import type { Reach, RuleInfo } from '../model/rule.ts';
import type { CheckCall, RuleDefinition } from './definition.ts';
import type { Mapping } from './fields.ts';
import { parseFormatRule } from './format-rule.ts';
import { toRulePattern } from './pattern.ts';
import type { Occurrences } from './shape/occurrences.ts';
import type { RuleFile } from './rule-file.ts';

export interface CompiledRule extends Pick<RuleDefinition, 'info' | 'reach' | 'paths' | 'checks' | 'isGeneric' | 'isImported'> {
  /** As the file writes it. */
  readonly pattern: string;
  readonly occurrences?: Occurrences;
  /** The same, of the rule and of its file. */
  readonly allow?: readonly unknown[];
}

export interface CompiledFile {
  readonly file: string;
  readonly digest: string;
  readonly rules: readonly CompiledRule[];
  /** As the file writes them. */
  readonly formats: readonly Mapping[];
}

/** As `readRulesFolder` gives the files that were compiled, without the examples; undefined when there is no such file. */
export async function readCompiledRules(path: string): Promise<readonly RuleFile[] | undefined> {
  try {
    const files = JSON.parse(readFileSync(path, 'utf8')) as readonly CompiledFile[];
    return files.map(({ file, digest, rules, formats }) => ({
      file,
      digest,
      rules: rules.map((rule) => new CompiledDefinition(rule, file)),
      formats: formats.map((mapping) => parseFormatRule(mapping, { file, ruleId: String(mapping['id']) })),
      problems: [],
    }));
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

class CompiledDefinition implements RuleDefinition {
  readonly info: RuleInfo;
  readonly reach: Reach;
  readonly paths: readonly string[];
  readonly checks: readonly CheckCall[];
  readonly isGeneric: boolean;
  readonly isImported: boolean;
  readonly examples = [];
  readonly counterExamples = [];
  readonly file: string;
  readonly occurrences: Occurrences | undefined;
  readonly #written: CompiledRule;
  #pattern: RegExp | undefined;
  #allow: readonly Allowance[] | undefined;

  constructor(rule: CompiledRule, file: string) {
    this.#written = rule;
    this.info = rule.info;
    this.reach = rule.reach;
    this.paths = rule.paths;
    this.checks = rule.checks;
    this.isGeneric = rule.isGeneric;
    this.isImported = rule.isImported;
    this.file = file;
    this.occurrences = rule.occurrences;
  }

  get pattern(): RegExp {
    return (this.#pattern ??= toRulePattern(this.#written.pattern));
  }

  get allow(): readonly Allowance[] {
    const { allow } = this.#written;
    return (this.#allow ??= allow === undefined ? [] : readAllowances({ allow }, { file: this.file, ruleId: this.info.id }));
  }
}
