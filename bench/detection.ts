// How much the rules find, and how often they fire on what is none: scans corpora of cases that other projects published, each as a document.
// They stay outside the repository (`../shared/corpora`); without them this says so and ends. Fails when a target is missed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { defaultLimits } from '../src/model/limits.ts';
import type { Detection } from '../src/model/rule.ts';
import { loadRuleset } from '../src/rule/ruleset.ts';
import { DocumentScanner } from '../src/scan/document-scanner.ts';
import type { Sighting } from '../src/scan/kept-sightings.ts';

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

interface Tally {
  readonly hits: number;
  readonly all: number;
}

/** Shares between 0 and 1. The negatives are of all tiers together. */
const targets = { core: 0.95, tier1: 0.97, alarmsAny: 0.08, alarmsProvider: 0.08 };

const shared = fileURLToPath(new URL('../../shared/', import.meta.url));
const corpora = join(shared, 'corpora');
const types = join(shared, 'design', 'credential-types.md');
const leastRecall = 6;
const leastShare = 0.6;
const isAsked = (flag: string) => process.argv.includes(flag);

function overlaps(value: string, secret: string): boolean {
  const [short, long] = value.length < secret.length ? [value, secret] : [secret, value];
  return long.includes(short) && (short.length >= leastRecall || short.length >= long.length * leastShare);
}

const wantedOf = (row: Case): readonly string[] => row.secrets ?? (row.secret === null ? [] : [row.secret]);

/** The value, and where it stands encoded, that text too: a row names its secret as it stands, a scan what it is decoded to. */
function textsOf({ origin, detection, position, decoded }: Sighting<Case>): readonly string[] {
  const value = detection.secret.reveal();
  if (decoded === undefined) return [value];
  return [value, Buffer.from(origin.content).toString('utf8', position.offset, position.offset + position.length)];
}

function isHit(row: Case, sightings: readonly Sighting<Case>[]): boolean {
  const wanted = wantedOf(row);
  if (wanted.length === 0) return sightings.length > 0;
  return sightings.flatMap(textsOf).some((text) => wanted.some((value) => overlaps(text, value)));
}

/** Some rows name as their secret what stands beside it (the host, the name of the variable): whether its line has a finding at all. */
function isFoundOnLine(row: Case, sightings: readonly Sighting<Case>[]): boolean {
  const lineOf = (at: number) => row.content.slice(0, at).split('\n').length;
  const lines = new Set(wantedOf(row).flatMap((value) => (row.content.includes(value) ? [lineOf(row.content.indexOf(value))] : [])));
  return sightings.some(({ position }) => lines.has(position.line));
}

/** A host without credentials, a bare variable name, an id that its owner shows to everybody: told apart, and still counted as missed. */
function isLabelOfNoSecret(row: Case): boolean {
  const isShown = (value: string) =>
    /^(?:https?:\/\/|\/\/)?[\w-]+(?:\.[\w-]+)+(?:[/:][^@]*)?$/.test(value) || /^[A-Z][A-Z_]+=?$/.test(value) || /^[xX]+$|[xX]{8,}/.test(value);
  return wantedOf(row).length > 0 && wantedOf(row).every(isShown);
}

/** Names of a provider that its rule ids use. */
function isOfProvider(row: Case, detection: Detection): boolean {
  const provider = row.provider.toLowerCase().replace(/[^a-z0-9]/g, '');
  return [detection.ruleId, ...detection.alsoRules].some((id) => id.replace(/[^a-z0-9]/g, '').includes(provider));
}

/** The lines around the value that was looked for, at most 300 characters of them. */
function excerpt(row: Case): string {
  const at = Math.max(0, ...wantedOf(row).map((value) => row.content.indexOf(value.slice(0, 40))));
  return JSON.stringify(row.content.slice(Math.max(0, at - 120), at + 180));
}

/** Providers of the list's tier 1; empty when the list is not there. */
function tier1Providers(): ReadonlySet<string> {
  if (!existsSync(types)) return new Set();
  const section = /^### Tier 1[^\n]*\n([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(readFileSync(types, 'utf8'))?.[1] ?? '';
  return new Set([...section.matchAll(/([\w.-]+) \(\d+\/\d+\/\d+\)/g)].map((match) => match[1]!));
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const shareOf = ({ hits, all }: Tally) => (all === 0 ? 0 : hits / all);
const sumOf = (tallies: Iterable<Tally>): Tally =>
  [...tallies].reduce((sum, row) => ({ hits: sum.hits + row.hits, all: sum.all + row.all }), { hits: 0, all: 0 });
const macroOf = (tallies: readonly Tally[]) => tallies.reduce((sum, row) => sum + shareOf(row), 0) / Math.max(1, tallies.length);
const told = (tally: Tally) => `${percent(shareOf(tally))} (${tally.hits} of ${tally.all})`;
const count = (map: Map<string, Tally>, key: string, isOne: boolean) => {
  const row = map.get(key) ?? { hits: 0, all: 0 };
  map.set(key, { hits: row.hits + Number(isOne), all: row.all + 1 });
};

if (!existsSync(corpora)) {
  console.log(`no corpora at ${corpora}: nothing to measure`);
  process.exit(0);
}
const ruleset = await loadRuleset();
let sightings: Sighting<Case>[] = [];
let failures = 0;
const scanner = new DocumentScanner<Case>(ruleset, defaultLimits, {
  found: (sighting) => sightings.push(sighting),
  failed: () => (failures += 1),
  limited: () => (failures += 1),
});
const recall = new Map<string, Tally>();
const byTier = new Map<string, Tally>();
const bySource = new Map<string, Tally>();
const alarms = new Map<string, Tally>();
const alarmsByTier = new Map<string, Tally>();
const alarmsBySource = new Map<string, Tally>();
const alarmRules = new Map<string, number>();
const started = performance.now();
let slowest = { ms: 0, id: '' };
let beside = 0;
let noSecret = 0;
for (const file of readdirSync(corpora).filter((name) => name.endsWith('.jsonl.gz') && !name.startsWith('filenames'))) {
  const source = file.replace('.jsonl.gz', '');
  const lines = gunzipSync(readFileSync(join(corpora, file)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    const row = JSON.parse(line) as Case;
    const before = performance.now();
    sightings = [];
    scanner.scan(row.file, row, Buffer.from(row.content));
    await scanner.settle();
    const ms = performance.now() - before;
    if (ms > slowest.ms) slowest = { ms, id: row.id };
    if (row.kind === 'positive') tellPositive(row, source);
    else if (row.kind === 'negative') tellNegative(row, source);
  }
}

function tellPositive(row: Case, source: string): void {
  const hit = isHit(row, sightings);
  count(byTier, row.tier ?? 'none', hit);
  if (row.tier !== 'core') return;
  count(recall, row.provider, hit);
  count(bySource, source, hit);
  if (hit) return;
  if (isFoundOnLine(row, sightings)) beside += 1;
  else if (isLabelOfNoSecret(row)) noSecret += 1;
  if (!isAsked('--misses')) return;
  console.log(`miss ${row.provider} ${row.id} ${row.file}`);
  if (isAsked('--show')) console.log(`     ${excerpt(row)}`);
}

function tellNegative(row: Case, source: string): void {
  const detections = sightings.map(({ detection }) => detection);
  const offending = row.scope === 'provider' ? detections.filter((detection) => isOfProvider(row, detection)) : detections;
  const fired = offending.length > 0;
  count(alarms, row.scope ?? 'none', fired);
  count(alarmsByTier, `${row.scope} ${row.tier}`, fired);
  count(alarmsBySource, source, fired);
  for (const { ruleId } of offending) alarmRules.set(ruleId, (alarmRules.get(ruleId) ?? 0) + 1);
  if (!fired || !isAsked('--alarms')) return;
  console.log(`alarm ${row.provider} ${row.id} ${row.scope} by ${offending.map(({ ruleId }) => ruleId).join(' ')}`);
  if (isAsked('--show')) console.log(`     ${excerpt(row)}`);
}

const core = sumOf(recall.values());
const listed = tier1Providers();
const tier1 = [...recall].filter(([provider]) => listed.has(provider));
const tier1Macro = macroOf(tier1.map(([, tally]) => tally));
const byMisses = (rows: readonly (readonly [string, Tally])[]) =>
  rows
    .filter(([, row]) => row.hits < row.all)
    .sort((a, b) => b[1].all - b[1].hits - (a[1].all - a[1].hits))
    .slice(0, 60)
    .map(([name, row]) => `${name} ${row.hits}/${row.all}`)
    .join(', ');
console.log(
  `rules ${ruleset.rules.length}, ${((performance.now() - started) / 1000).toFixed(1)} s, slowest case ${slowest.ms.toFixed(0)} ms (${slowest.id}), ${failures} times a rule failed or a limit was reached`,
);
console.log(`recall, core rows: ${told(core)}`);
console.log(`found on the line of the label: ${told({ hits: core.hits + beside, all: core.all })}`);
console.log(`  of the ${core.all - core.hits - beside} others, ${noSecret} name a host, a variable or a mask`);
console.log(`recall, macro over ${recall.size} providers: ${percent(macroOf([...recall.values()]))}`);
if (tier1.length > 0) console.log(`recall, macro over ${tier1.length} providers of tier 1: ${percent(tier1Macro)}`);
console.log(`recall by tier: ${[...byTier].map(([tier, row]) => `${tier} ${percent(shareOf(row))} of ${row.all}`).join(', ')}`);
for (const [scope, row] of alarms) console.log(`negatives that fire, scope ${scope}: ${told(row)}`);
console.log(`by scope and tier: ${[...alarmsByTier].map(([key, row]) => `${key} ${row.hits}/${row.all}`).join(', ')}`);
for (const source of new Set([...bySource.keys(), ...alarmsBySource.keys()])) {
  const found = bySource.get(source);
  const fired = alarmsBySource.get(source);
  console.log(
    `  ${source.padEnd(16)} core ${found === undefined ? '-' : told(found)}, negatives that fire ${fired === undefined ? '-' : `${fired.hits} of ${fired.all}`}`,
  );
}
console.log(
  `rules that fire on negatives: ${[...alarmRules]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 20)
    .map(([id, n]) => `${id} ${n}`)
    .join(', ')}`,
);
console.log(`worst providers: ${byMisses([...recall])}`);
if (tier1.length > 0) console.log(`worst of tier 1: ${byMisses(tier1)}`);

const missed = [
  shareOf(core) < targets.core ? `core recall below ${percent(targets.core)}` : '',
  tier1.length > 0 && tier1Macro < targets.tier1 ? `recall over tier 1 below ${percent(targets.tier1)}` : '',
  shareOf(alarms.get('any') ?? { hits: 0, all: 0 }) > targets.alarmsAny ? `negatives of scope any above ${percent(targets.alarmsAny)}` : '',
  shareOf(alarms.get('provider') ?? { hits: 0, all: 0 }) > targets.alarmsProvider
    ? `negatives of scope provider above ${percent(targets.alarmsProvider)}`
    : '',
].filter((line) => line !== '');
console.log(missed.length === 0 ? 'all targets are met' : `missed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
