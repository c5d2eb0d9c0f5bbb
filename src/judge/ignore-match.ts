// Which entry of an ignore file a finding falls under.
import picomatch from 'picomatch';
import { type Finding, type Place, wholePath } from '../model/finding.ts';
import type { IgnoreEntry } from './ignorefile.ts';

interface PlaceMatcher {
  readonly entry: IgnoreEntry;
  readonly matches: (place: Place) => boolean;
}

/** Gives every entry that the finding falls under, in the order of the file. Cost: the entries of the finding's rule. */
export function ignoreMatcher(entries: readonly IgnoreEntry[]): (finding: Finding) => readonly IgnoreEntry[] {
  const byFingerprint = new Map<string, IgnoreEntry[]>();
  const byRule = new Map<string, PlaceMatcher[]>();
  for (const entry of entries) {
    const { target } = entry;
    if (target.kind === 'fingerprint') append(byFingerprint, target.fingerprint, entry);
    else append(byRule, target.ruleId, { entry, matches: placeMatcher(target.place) });
  }
  return (finding) => {
    const candidates = [...(byRule.get(finding.ruleId) ?? []), ...(byRule.get('*') ?? [])];
    const fitting = candidates.filter(({ matches }) => matches(finding.place)).map(({ entry }) => entry);
    return [...(byFingerprint.get(finding.fingerprint) ?? []), ...fitting].sort((a, b) => a.line - b.line);
  };
}

/** A glob for paths, hidden files included; elsewhere only `*` is special, for pointers are full of brackets. */
function placeMatcher(pattern: string): (place: Place) => boolean {
  // `windows: false`: paths of an image are the same wherever the tool runs.
  const glob = picomatch(withoutSlash(pattern), { dot: true, nonegate: true, windows: false });
  const literal = new RegExp(`^${pattern.split(/\*+/).map(escaped).join('.*')}$`, 's');
  return (place) => {
    switch (place.kind) {
      case 'file':
        return glob(withoutSlash(place.path)) || (place.way !== undefined && glob(withoutSlash(wholePath(place))));
      case 'header':
        return glob(withoutSlash(place.path));
      case 'stray':
        return literal.test(place.what);
      case 'metadata':
        return literal.test(place.pointer);
    }
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function withoutSlash(path: string): string {
  return path.replace(/^\/+/, '');
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
