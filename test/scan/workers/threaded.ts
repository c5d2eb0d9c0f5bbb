// Scans of the same image by one thread and by several, with rules that any thread can load.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRuleset, type RulesetOptions } from '../../../src/rule/ruleset.ts';
import type { ScanOptions } from '../../../src/scan/scan-options.ts';
import type { Scratch } from '../../support/scratch.ts';
import { inAllFormats, scanned } from '../cache/cached.ts';

/** One rule alone, which finds the tokens of `small-rules.ts`. */
export function tokenRules(files: Scratch): RulesetOptions {
  const rule = {
    id: 'token',
    name: 'Token',
    pattern: '\\b(?<secret>tok_[a-z0-9]{8})(?![a-z0-9])',
    keywords: ['tok_'],
    severity: 'high',
    confidence: 'high',
    description: 'A token.',
    advice: 'Revoke it.',
  };
  const path = join(files.newFolder(), 'rules.yml');
  writeFileSync(path, JSON.stringify({ imported: true, rules: [rule] }));
  return { rulesDirectories: [path], enable: ['token'] };
}

/** However small the image and however few the cores, so many threads. */
export const always = (threads: number): Partial<ScanOptions> => ({ jobs: threads, threading: { leastBytes: 0, cores: threads } });

/** Scans with one thread, two and three, and gives the reports of the first when all are the same. */
export async function sameReports(reference: string, rulesetOptions: RulesetOptions, threads = [2, 3]) {
  const ruleset = await loadRuleset(rulesetOptions);
  const single = await scanned(reference, { ruleset, rulesetOptions, jobs: 1 });
  const expected = await inAllFormats(single);
  for (const count of threads) {
    const several = await scanned(reference, { ruleset, rulesetOptions, ...always(count) });
    assert.deepEqual(await inAllFormats(several), expected, `${count} threads`);
    assert.deepEqual([...several.layers.keys()], [...single.layers.keys()]);
  }
  return single.report;
}
