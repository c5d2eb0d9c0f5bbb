// Which variables of a Dockerfile hold a secret, when some are known to: `ENV B=$A` hands on what A holds, in either direction.
import type { Definition } from './definitions.ts';
import type { Remark } from './plan.ts';
import type { Step } from './steps.ts';
import { aliasOf, namesExpanded } from './variables-in-text.ts';

export interface SecretNames {
  /** For each name that holds a secret the id of that secret: two names that hold the same one share it. */
  readonly ids: ReadonlyMap<string, string>;
  readonly remarks: readonly Remark[];
}

interface Defined {
  readonly line: number;
  readonly definition: Definition;
  /** The variable that the value is, and nothing else. */
  readonly alias: string | undefined;
  readonly reads: ReadonlySet<string>;
}

/** Nobody hands a variable on more often. */
const mostHops = 16;

/**
 * Names are looked at in the whole file: what is a secret in one stage is no less one in another, and every build argument goes into
 * the provenance of the build. `ENV B=$A` makes B secret where A is, and A where B is. `ENV B=https://$A@host` makes B secret where A
 * is; the other way round it is only remarked, as A may be the host. A list that grows (`ENV PATH=$A:$PATH`) stays.
 */
export function secretNames(steps: readonly Step[], names: readonly string[], escape: string): SecretNames {
  const byName = new Map<string, Defined[]>();
  const readers = new Map<string, Defined[]>();
  for (const { instruction, definitions } of steps) {
    for (const definition of definitions) {
      const value = definition.value ?? '';
      const defined = { line: instruction.line, definition, alias: aliasOf(value), reads: namesExpanded(value, escape) };
      add(byName, definition.name, defined);
      for (const name of defined.reads) add(readers, name, defined);
    }
  }

  const secret = new Set(names.filter((name) => byName.has(name)));
  const remarks: Remark[] = [];
  for (const name of secret) {
    for (const { alias } of byName.get(name)!) if (alias !== undefined && byName.has(alias)) secret.add(alias);
    for (const { line, definition, alias, reads } of readers.get(name) ?? []) {
      const reader = definition.name;
      if (reader === name || secret.has(reader)) continue;
      const isGrown = reads.has(reader);
      if (!isGrown) secret.add(reader);
      if (isGrown) remarks.push({ line, sentence: `${reader} is put together from itself and ${name}, which is empty now: take ${name} out of it.` });
      else if (alias === undefined)
        remarks.push({ line, sentence: `${reader} holds ${name}, so it goes too: give the whole of it where it is needed.` });
    }
  }
  for (const name of secret) {
    for (const { line, alias, reads } of byName.get(name)!) {
      const others = [...reads].filter((other) => alias === undefined && !secret.has(other) && byName.has(other));
      if (others.length > 0)
        remarks.push({
          line,
          sentence: `${name} is put together from ${others.join(', ')}: if the secret is in there, take ${others.join(', ')} out in the same way.`,
        });
    }
  }
  return { ids: new Map(Array.from(secret, (name) => [name, originOf(name, byName)])), remarks };
}

/** Follows `ENV B=$A` to A, for as long as that is all that B is ever set to. */
function originOf(name: string, byName: ReadonlyMap<string, readonly Defined[]>): string {
  const seen = new Set<string>();
  for (let origin = name; ;) {
    if (seen.size === mostHops) return origin;
    seen.add(origin);
    const set = byName.get(origin)!.filter(({ definition, alias }) => definition.value !== undefined && alias !== origin);
    const aliases = new Set(set.map(({ alias }) => alias));
    const [next] = aliases;
    if (aliases.size !== 1 || next === undefined || !byName.has(next)) return origin;
    if (seen.has(next)) return name;
    origin = next;
  }
}

function add(map: Map<string, Defined[]>, name: string, defined: Defined): void {
  const same = map.get(name);
  if (same === undefined) map.set(name, [defined]);
  else same.push(defined);
}
