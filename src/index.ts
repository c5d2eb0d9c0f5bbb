// The library's face.
export { exitCodeFor } from './judge/exit-code.ts';
export { judge, type Policy } from './judge/judge.ts';
export { parseBaseline } from './judge/baseline.ts';
export { parseIgnoreFile } from './judge/ignorefile.ts';
export { type ErrorCode, UnbakeError } from './model/error.ts';
export type { Fate, Finding, Place, Position } from './model/finding.ts';
export { defaultLimits, type Limits } from './model/limits.ts';
export { parsePlatform, type PlatformChoice } from './model/platform.ts';
export type { Report, Skipped } from './model/report.ts';
export type { RuleInfo, Ruleset } from './model/rule.ts';
export { Secret } from './model/secret.ts';
export { reporterFor } from './report/format.ts';
export { loadRuleset, type RulesetOptions } from './rule/ruleset.ts';
export { scan, type Scanned, type ScanOptions } from './scan/scan.ts';
