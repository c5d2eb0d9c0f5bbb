// An in-toto statement of the cleaning: which image was made of which, layer by layer, and what was proved. It holds no value of a secret,
// and no digest of one alone (in-toto attestation framework, spec/v1/statement.md).
import type { CleanedImageInfo, Proof } from '../../model/clean-report.ts';
import { type Digest, hexOf } from '../../model/digest.ts';
import type { Plan } from '../../model/plan.ts';
import type { Ruleset } from '../../model/rule.ts';

export const predicateType = 'https://unbake.dev/clean/v1';

export interface StatementSource {
  readonly version: string;
  readonly finishedAt: string;
  readonly ruleset: Ruleset;
  readonly ruleIds: readonly string[];
  readonly plan: Plan;
  readonly images: readonly CleanedImageInfo[];
  readonly proof: Proof;
}

export function cleaningStatement({ version, finishedAt, ruleset, ruleIds, plan, images, proof }: StatementSource): string {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: images.map(({ name, after }) => ({ name, digest: digestSet(after.manifestDigest ?? after.configDigest!) })),
    predicateType,
    predicate: {
      tool: { name: 'unbake', version, node: process.versions.node, zlib: process.versions['zlib'], zstd: process.versions['zstd'] },
      finishedAt,
      rules: { hash: digestSet(`sha256:${ruleset.hash}`), fired: [...ruleIds].sort() },
      steps: countsOf(plan),
      images: images.map(({ name, platform, before, after, layers }) => ({
        name,
        platform,
        before,
        after,
        layers: layers.map(({ index, before: old, after: now, isTouched }) => ({ index, isTouched, before: old, after: now })),
      })),
      proof: proof.checks.map(({ name, isPassed, detail }) => ({ name, isPassed, detail })),
      untouched: proof.untouched,
    },
  };
  return `${JSON.stringify(statement, undefined, 2)}\n`;
}

function digestSet(digest: Digest): Record<string, string> {
  return { [digest.slice(0, digest.indexOf(':'))]: hexOf(digest) };
}

/** How many steps of each kind and treatment: paths may tell more than the holder of a statement should know. */
function countsOf({ steps }: Plan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, treatment } of steps) counts[`${kind} ${treatment}`] = (counts[`${kind} ${treatment}`] ?? 0) + 1;
  return counts;
}
