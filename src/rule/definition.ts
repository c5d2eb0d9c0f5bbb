// A rule as its YAML file says it, parsed: what the rest of this room works with.
import type { Reach, RuleInfo } from '../model/rule.ts';
import type { Allowance } from './allowance.ts';
import type { Occurrences } from './shape/occurrences.ts';

/** A text that the rule must find (or must not), with the path that it would have in an image. */
export interface Example {
  readonly path: string;
  readonly text: string;
}

/** A named check with its argument: `entropy:3.5` is { name: 'entropy', argument: '3.5' }. */
export interface CheckCall {
  readonly name: string;
  readonly argument: string;
}

export interface RuleDefinition {
  readonly info: RuleInfo;
  /** Flags `gmu`, and `i` when the source began with `(?i)`. Stateful (`g`): set `lastIndex` before use. May be compiled when it is first read. */
  readonly pattern: RegExp;
  readonly reach: Reach;
  /** Where its keywords stand in its pattern, when that was found out before. */
  readonly occurrences?: Occurrences | undefined;
  /** Globs, and regular expressions between slashes; empty = every path. */
  readonly paths: readonly string[];
  readonly checks: readonly CheckCall[];
  /** A candidate that falls under one of them is dropped. */
  readonly allow: readonly Allowance[];
  /** True for rules that know a value by the name beside it and not by its own form. */
  readonly isGeneric: boolean;
  /** True when the rule was written for another tool: nothing proves it, for it has no examples of its own. */
  readonly isImported: boolean;
  /** None where the rule comes from compiled ones. */
  readonly examples: readonly Example[];
  readonly counterExamples: readonly Example[];
  /** The YAML file, for messages. */
  readonly file: string;
}

/** The same rule with other words about it. What it makes when it is first read stays unmade, which a copy by `...` would change. */
export function withInfo(rule: RuleDefinition, info: RuleInfo): RuleDefinition {
  return new Reworded(rule, info);
}

/** Accessors are of the class: as a thousand closures they would cost more than the expressions that they save. */
class Reworded implements RuleDefinition {
  readonly info: RuleInfo;
  readonly reach: Reach;
  readonly occurrences: Occurrences | undefined;
  readonly paths: readonly string[];
  readonly checks: readonly CheckCall[];
  readonly isGeneric: boolean;
  readonly isImported: boolean;
  readonly examples: readonly Example[];
  readonly counterExamples: readonly Example[];
  readonly file: string;
  readonly #rule: RuleDefinition;

  constructor(rule: RuleDefinition, info: RuleInfo) {
    this.#rule = rule;
    this.info = info;
    this.reach = rule.reach;
    this.occurrences = rule.occurrences;
    this.paths = rule.paths;
    this.checks = rule.checks;
    this.isGeneric = rule.isGeneric;
    this.isImported = rule.isImported;
    this.examples = rule.examples;
    this.counterExamples = rule.counterExamples;
    this.file = rule.file;
  }

  get pattern(): RegExp {
    return this.#rule.pattern;
  }

  get allow(): readonly Allowance[] {
    return this.#rule.allow;
  }
}
