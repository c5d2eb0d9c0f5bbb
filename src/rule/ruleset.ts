// The rules of one run, loaded once and run over every window of text: the face of this room.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { UnbakeError } from '../model/error.ts';
import { defaultLimits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import { isRedacted } from '../model/redaction.ts';
import type { DetectionResult, Detector, KeywordShape, RuleInfo, Ruleset } from '../model/rule.ts';
import { Secret } from '../model/secret.ts';
import { withInfo } from './definition.ts';
import type { FormatRule } from './format-rule.ts';
import { cappedByGrade, type Grade, gradedInfo, gradeOf } from './grading.ts';
import { lint, type LintRule } from './lint.ts';
import type { LoadedRule } from './loaded-rule.ts';
import { mergeOverlapping, type Ranked } from './merge.ts';
import { packagedRules, publicKeysFile } from './packaged-rules.ts';
import { inlineCommentsRule, loadedFromPreset, loadPresetRules, presetRuleId } from './preset-rule.ts';
import { presetRules } from './preset-table.ts';
import { loadUserRules, noUserRules } from './rc-file.ts';
import { digestOfSource, parseRuleDocument } from './rule-file.ts';
import { readRulesFolder, type RuleFile } from './rules-folder.ts';
import { shapeOf } from './shape/shape.ts';
import { secretlintVersions } from './secretlint-versions.ts';
import { mostSightings } from './sighting.ts';
import { type RuleSurvey, surveyOf } from './survey.ts';
import { loadedFromUser } from './user-rule.ts';
import { loadedFromYaml } from './yaml-rule.ts';

export interface RulesetOptions {
  /** Folders of the user's YAML rules, or single files; a rule with the id of one of ours, or of an earlier folder, replaces it. */
  readonly rulesDirectories?: readonly string[];
  /** Rules as a rule file has them, parsed no further; they come behind those of the folders. */
  readonly added?: AddedRules;
  /** Other severities and confidences; a later one wins. */
  readonly grades?: readonly Grade[];
  /** Where to look for `.secretlintrc.*`; undefined = nowhere. Its rules are code, so it must be the user's folder. */
  readonly rcDirectory?: string;
  /** Obey `secretlint-disable` comments in the texts. Off by default: whoever wrote the image would decide what is found in it. */
  readonly respectInlineIgnores?: boolean;
  /** Ids or globs (`secretlint/*`) of the only rules to run. */
  readonly enable?: readonly string[];
  /** Ids or globs of rules to leave out. */
  readonly disable?: readonly string[];
}

export interface AddedRules {
  /** Where they stand, for messages. */
  readonly file: string;
  readonly rules: readonly unknown[];
}

/** Throws UnbakeError `usage` for a wrong rule file, an unknown id, or a configuration that cannot be loaded. */
export async function loadRuleset(options: RulesetOptions = {}): Promise<Ruleset> {
  const { added, grades = [] } = options;
  const folders = await Promise.all([packagedRules, ...(options.rulesDirectories ?? [])].map(readRulesFolder));
  if (added !== undefined) folders.push([addedFile(added)]);
  const files = folders.flat();
  const problem = files.flatMap((file) => file.problems)[0];
  if (problem !== undefined) throw problem;

  const known = new Map<string, LoadedRule | FormatRule>();
  for (const [index, folder] of folders.entries()) {
    for (const definition of folder.flatMap((file) => file.rules)) {
      const origin = index === 0 ? 'builtin' : 'user';
      known.set(definition.info.id, loadedFromYaml(withInfo(definition, gradedInfo({ ...definition.info, origin }, grades))));
    }
    for (const rule of folder.flatMap((file) => file.formats)) {
      const origin = index === 0 ? 'builtin' : 'user';
      known.set(rule.info.id, { ...rule, info: gradedInfo({ ...rule.info, origin }, grades) });
    }
  }
  const user =
    options.rcDirectory === undefined
      ? noUserRules
      : await loadUserRules(options.rcDirectory, [...presetRules.map(presetRuleId), inlineCommentsRule]);
  for (const rule of presetRules) {
    const settings = user.presetSettings.get(presetRuleId(rule));
    if (settings?.disabled !== true && !user.isPresetDisabled) known.set(rule.info.id, loadedFromPreset(rule, settings, grades));
  }
  for (const rule of user.rules) known.set(rule.id, loadedFromUser(rule, grades));

  const selected = select([...known.values()], options);
  const rules = selected.flatMap((rule) => ('format' in rule ? [] : [cappedByGrade(rule, grades)]));
  const formats = selected.filter((rule) => 'format' in rule);
  const hash = createHash('sha256').update(
    JSON.stringify([
      // What else is said of them comes from the files, the grades and the settings.
      selected.map(({ info }) => [info.id, info.origin]),
      files.map((file) => file.digest),
      readFileSync(publicKeysFile, 'utf8'),
      presetRules.map((rule) => [rule.package, rule.info, rule.probe.source, rule.inner?.source, rule.checks]),
      user.fingerprint,
      options.respectInlineIgnores === true,
      grades,
      secretlintVersions(),
    ]),
  );
  return assemble(rules, formats, grades, hash.digest('hex'), options.respectInlineIgnores === true);
}

/** As a file of a folder of its own. */
export function addedFile({ file, rules }: AddedRules): RuleFile {
  return { file, digest: digestOfSource(JSON.stringify(rules)), ...parseRuleDocument({ rules }, file) };
}

function select<Rule extends { readonly info: RuleInfo }>(all: readonly Rule[], { enable, disable, grades = [] }: RulesetOptions): readonly Rule[] {
  for (const pattern of [...(enable ?? []), ...(disable ?? []), ...grades.map(({ rules }) => rules)]) {
    const matches = picomatch(pattern);
    if (!all.some((rule) => matches(rule.info.id))) {
      throw new UnbakeError('usage', `there is no rule "${printable(pattern)}"`, { hint: '`unbake rules list` shows the ids.' });
    }
  }
  const isEnabled = enable === undefined || enable.length === 0 ? () => true : picomatch([...enable]);
  const isDisabled = disable === undefined || disable.length === 0 ? () => false : picomatch([...disable]);
  return all.filter(({ info }) => isEnabled(info.id) && !isDisabled(info.id));
}

function assemble(
  rules: readonly LoadedRule[],
  formats: readonly FormatRule[],
  grades: readonly Grade[],
  hash: string,
  respectsInlineIgnores: boolean,
): Ruleset {
  return {
    rules: [...rules, ...formats].map((rule) => rule.info),
    detectors: rules.map(detectorOf),
    hash,
    formats: new Map(formats.map(({ format, info }) => [format, { info, cap: gradeOf(info.id, grades) ?? {} }])),
    survey: (windows, milliseconds) => surveyOf(rules, windows, milliseconds),
    async detect(text, name, detectors, survey) {
      const { found, failures } = (survey ??
        surveyOf(rules, [{ text, name, detectors: [...detectors] }], defaultLimits.ruleMilliseconds)[0]!) as RuleSurvey;
      if (found.size === 0) return { detections: [], failures };
      const result = await run(rules, found, text, name, respectsInlineIgnores);
      return { ...result, failures: [...failures, ...result.failures] };
    },
  };
}

function detectorOf(rule: LoadedRule): Detector {
  const { info, reach, isGeneric, looksAt } = rule;
  let shape: KeywordShape | undefined;
  let isShapeKnown = false;
  return {
    ruleId: info.id,
    keywords: info.keywords,
    reach,
    isGeneric,
    ...(looksAt === undefined ? {} : { looksAt }),
    shape() {
      if (!isShapeKnown && rule.pattern !== undefined) shape = shapeOf(rule.pattern(), info.keywords, rule.occurrences);
      isShapeKnown = true;
      return shape;
    },
  };
}

async function run(
  rules: readonly LoadedRule[],
  seen: RuleSurvey['found'],
  text: string,
  name: string,
  respectsInlineIgnores: boolean,
): Promise<DetectionResult> {
  const lintRules: LintRule[] = [];
  const byLintId = new Map<string, LoadedRule>();
  for (const [index, surveyed] of seen) {
    const rule = rules[index]!;
    const config = await rule.toSecretlint(surveyed);
    if (byLintId.has(config.id)) continue;
    byLintId.set(config.id, rule);
    lintRules.push({ ruleId: rule.info.id, config });
  }
  if (respectsInlineIgnores)
    lintRules.push({ ruleId: inlineCommentsRule, config: { id: inlineCommentsRule, rule: (await loadPresetRules()).get(inlineCommentsRule)! } });
  // The filter of inline comments loses a comment in a last line without a line end.
  const { reports, failures } = await lint(respectsInlineIgnores ? `${text}\n` : text, name, lintRules);
  const found: Ranked[] = [];
  for (const report of reports) {
    const rule = byLintId.get(report.lintId);
    const sighting = rule?.sightingOf(report, text, name);
    if (rule === undefined || sighting === undefined) continue;
    const { start, end, ...rest } = sighting;
    if (isRedacted(text.slice(start, end))) continue;
    found.push({
      start,
      end,
      isGeneric: rule.isGeneric,
      detection: { ruleId: rule.info.id, ...rest, secret: new Secret(text.slice(start, end)), start, end, alsoRules: [] },
    });
  }
  return { detections: mergeOverlapping(found).map(({ detection }) => detection), failures };
}

/** The most findings that one rule gives for one call of `detect`. */
export { mostSightings };
