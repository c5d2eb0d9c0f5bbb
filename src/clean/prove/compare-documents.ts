// An old and a new config or manifest side by side: they may differ where a step of the plan says so, where they name a layer or the
// config, and nowhere else. Compared value by value, from the written bytes.
import type { MetadataDocument } from '../../model/image.ts';
import type { JsonMember, JsonNode } from '../../model/json.ts';
import type { Treatment } from '../../model/plan.ts';
import { printable } from '../../model/printable.ts';
import { memberPointer } from '../../scan/metadata-texts.ts';

/** What the plan does at a pointer, as a step spells it; undefined where it does nothing. */
export type PlannedAt = (pointer: string) => Treatment | undefined;

/** Digests and sizes follow from the layers: they are compared with the written bytes elsewhere. */
const following = /^(?:rootfs\.diff_ids\[\d+\]|manifest\.(?:config|layers\[\d+\])\.(?:digest|size|mediaType))$/;
/** A copy of the content, and what speaks of the compressed bytes, go with the old digest. */
const leaving = /^manifest\.(?:config|layers\[\d+\])\.(?:data$|annotations\[".*\b(?:stargz|estargz|zstd-chunked)\b.*"\]$)/i;

/** One sentence for each difference that no step speaks of. Cost: linear in the documents. */
export function documentProblems(before: MetadataDocument, after: MetadataDocument, plannedAt: PlannedAt): readonly string[] {
  const problems: string[] = [];
  const rootPointer = before.name === 'config' ? '' : before.name;
  const waiting: { readonly a: JsonNode; readonly b: JsonNode; readonly pointer: string }[] = [
    { a: before.root, b: after.root, pointer: rootPointer },
  ];
  const differs = (pointer: string, how: string) => problems.push(`${before.name}: ${printable(pointer)} ${how}, and no step speaks of it`);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { a, b, pointer } = next;
    if (following.test(pointer)) continue;
    if (a.kind === 'array' && b.kind === 'array') {
      const kept = a.items.map((item, index) => ({ item, at: `${pointer}[${index}]` })).filter(({ at }) => plannedAt(at) !== 'drop');
      if (kept.length !== b.items.length) differs(pointer, `has ${b.items.length} items and should have ${kept.length}`);
      else for (const [index, { item, at }] of kept.entries()) waiting.push({ a: item, b: b.items[index], pointer: at });
    } else if (a.kind === 'object' && b.kind === 'object') {
      for (const pair of paired(a.entries, b.entries, pointer, plannedAt))
        if (typeof pair === 'string') differs(pair, 'is another member');
        else waiting.push(pair);
    } else if (!isSame(a, b) && (plannedAt(pointer) === undefined || a.kind !== 'string' || b.kind !== 'string'))
      differs(pointer, 'has another value');
  }
  return problems;
}

function isSame(a: JsonNode, b: JsonNode): boolean {
  return a.kind === b.kind && 'value' in a && 'value' in b && a.value === b.value;
}

/** Members of both in their order; a pointer for one that has come, gone or changed its name without being planned. */
function* paired(
  before: readonly JsonMember[],
  after: readonly JsonMember[],
  pointer: string,
  plannedAt: PlannedAt,
): Generator<string | { readonly a: JsonNode; readonly b: JsonNode; readonly pointer: string }> {
  let next = 0;
  for (const { key, value } of before) {
    const at = memberPointer(pointer, key);
    const now = after[next];
    if (now?.key !== key && leaving.test(at)) continue;
    next++;
    if (now !== undefined && (now.key === key || plannedAt(`${at} (key)`) !== undefined)) yield { a: value, b: now.value, pointer: at };
    else yield at;
  }
  for (const { key } of after.slice(next)) yield memberPointer(pointer, key);
}
