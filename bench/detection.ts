// How much the rules find, and how often they fire on what is none: runs corpora of cases that other projects published.
// They stay outside the repository (`../shared/corpora`); without them this says so and ends.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { loadRuleset } from '../src/rule/ruleset.ts';
import type { Detection, Ruleset } from '../src/model/rule.ts';

interface Case {
  readonly id: string;
  readonly provider: string;
  readonly kind: string;
  readonly file: string;
  readonly content: string;
  readonly secret: string | null;
  readonly secrets?: readonly string[];
  readonly tier?: string;
  readonly scope?: string;
}

const corpora = fileURLToPath(new URL('../../shared/corpora/', import.meta.url));
const leastRecall = 6;
const leastShare = 0.6;

/** Indices of the detectors of which a keyword occurs, as the scan's filter would find them. */
export function awake(ruleset: Ruleset, text: string): readonly number[] {
  const folded = text.toLowerCase();
  const occurs = (keyword: string) => (/[A-Z]/.test(keyword) ? text.includes(keyword) : folded.includes(keyword));
  return [...ruleset.detectors.keys()].filter((index) => {
    const { keywords } = ruleset.detectors[index]!;
    return keywords.length === 0 || keywords.some(occurs);
  });
}

function overlaps(value: string, secret: string): boolean {
  const [short, long] = value.length < secret.length ? [value, secret] : [secret, value];
  return long.includes(short) && (short.length >= leastRecall || short.length >= long.length * leastShare);
}

function isHit(row: Case, detections: readonly Detection[]): boolean {
  const wanted = row.secrets ?? (row.secret === null ? [] : [row.secret]);
  if (wanted.length === 0) return detections.length > 0;
  return detections.some(({ secret }) => wanted.some((value) => overlaps(secret.reveal(), value)));
}

/** Names of a provider that its rule ids use. */
function isOfProvider(row: Case, detection: Detection): boolean {
  const provider = row.provider.toLowerCase().replace(/[^a-z0-9]/g, '');
  return [detection.ruleId, ...detection.alsoRules].some((id) => id.replace(/[^a-z0-9]/g, '').includes(provider));
}

if (!existsSync(corpora)) {
  console.log(`no corpora at ${corpora}: nothing to measure`);
  process.exit(0);
}
const ruleset = await loadRuleset();
const verbose = process.argv.includes('--misses');
const firing = process.argv.includes('--alarms');
const recall = new Map<string, { hits: number; all: number }>();
const byTier = new Map<string, { hits: number; all: number }>();
const alarms = new Map<string, { fired: number; all: number }>();
const alarmRules = new Map<string, number>();
const count = (map: Map<string, { hits: number; all: number }>, key: string, isHitNow: boolean) => {
  const row = map.get(key) ?? { hits: 0, all: 0 };
  map.set(key, { hits: row.hits + Number(isHitNow), all: row.all + 1 });
};
const started = performance.now();
let slowest = { ms: 0, id: '' };
for (const file of readdirSync(corpora).filter((name) => name.endsWith('.jsonl.gz') && !name.startsWith('filenames'))) {
  for (const line of gunzipSync(readFileSync(join(corpora, file)))
    .toString('utf8')
    .split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line) as Case;
    const before = performance.now();
    const { detections } = await ruleset.detect(row.content, row.file, awake(ruleset, row.content));
    const ms = performance.now() - before;
    if (ms > slowest.ms) slowest = { ms, id: row.id };
    if (row.kind === 'positive') {
      const hit = isHit(row, detections);
      count(byTier, row.tier ?? 'none', hit);
      if (row.tier !== 'core') continue;
      count(recall, row.provider, hit);
      if (!hit && verbose) console.log(`miss ${row.provider} ${row.id} ${row.file}`);
    } else if (row.kind === 'negative') {
      const key = `${row.scope} ${row.tier}`;
      const offending = row.scope === 'provider' ? detections.filter((detection) => isOfProvider(row, detection)) : detections;
      const tally = alarms.get(key) ?? { fired: 0, all: 0 };
      alarms.set(key, { fired: tally.fired + Number(offending.length > 0), all: tally.all + 1 });
      for (const { ruleId } of offending) alarmRules.set(ruleId, (alarmRules.get(ruleId) ?? 0) + 1);
      if (offending.length > 0 && firing)
        console.log(`alarm ${row.provider} ${row.id} ${row.scope} by ${offending.map(({ ruleId }) => ruleId).join(' ')}`);
    }
  }
}
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const all = [...recall.values()];
const hits = all.reduce((sum, row) => sum + row.hits, 0);
const rows = all.reduce((sum, row) => sum + row.all, 0);
console.log(
  `rules ${ruleset.rules.length}, ${((performance.now() - started) / 1000).toFixed(1)} s, slowest case ${slowest.ms.toFixed(0)} ms (${slowest.id})`,
);
console.log(`recall, core rows: ${percent(hits / rows)} (${hits} of ${rows})`);
console.log(`recall, macro over ${all.length} providers: ${percent(all.reduce((sum, row) => sum + row.hits / row.all, 0) / all.length)}`);
console.log(`recall by tier: ${[...byTier].map(([tier, row]) => `${tier} ${percent(row.hits / row.all)} of ${row.all}`).join(', ')}`);
for (const [scope, row] of alarms) console.log(`negatives that fire, scope ${scope}: ${percent(row.fired / row.all)} (${row.fired} of ${row.all})`);
console.log(
  `rules that fire on them: ${[...alarmRules]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 20)
    .map(([id, n]) => `${id} ${n}`)
    .join(', ')}`,
);
console.log(
  `worst providers: ${[...recall]
    .filter(([, row]) => row.hits < row.all)
    .sort((a, b) => b[1].all - b[1].hits - (a[1].all - a[1].hits))
    .slice(0, 60)
    .map(([name, row]) => `${name} ${row.hits}/${row.all}`)
    .join(', ')}`,
);
