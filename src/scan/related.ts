// What is locked, and what opens it: each by itself is a lesser find, both in one image are as good as the plain text. Deleted files count,
// for their layers travel with the image. Nothing is tried out here.
import { type Place, wholePath } from '../model/finding.ts';
import { bySeverity } from '../model/severity.ts';
import type { PlacedSighting } from './assemble.ts';

interface Pair {
  /** Ids of rules. */
  readonly locked: string;
  readonly opener: string;
  /** The one opens the other only when both stand in the same folder. */
  readonly isBeside?: true;
}

const pairs: readonly Pair[] = [
  { locked: 'ansible-vault', opener: 'ansible-vault-password' },
  { locked: 'jenkins-encrypted-secret', opener: 'jenkins-master-key' },
  { locked: 'rails-encrypted-credentials', opener: 'rails-master-key' },
  { locked: 'maven-encrypted-password', opener: 'maven-master-password' },
  { locked: 'jasypt-encrypted-value', opener: 'jasypt-password' },
  { locked: 'weblogic-encrypted-password', opener: 'weblogic-system-key' },
  { locked: 'firefox-logins', opener: 'nss-private-key', isBeside: true },
  { locked: 'keepass-database', opener: 'keepass-key-file' },
];

const openers: ReadonlySet<string> = new Set(pairs.map(({ opener }) => opener));

/** The same sightings of one image: what is locked there and can be opened there is high at least, and says by what. */
export function relatedKeys(placed: readonly PlacedSighting[]): readonly PlacedSighting[] {
  const found = placed.filter(({ detection }) => openers.has(detection.ruleId));
  if (found.length === 0) return placed;
  return placed.map((sighting) => {
    const { detection, place } = sighting;
    const pair = pairs.find(({ locked }) => locked === detection.ruleId);
    if (pair === undefined) return sighting;
    const opener = found.find(
      (other) => other.detection.ruleId === pair.opener && (pair.isBeside !== true || folderOf(other.place) === folderOf(place)),
    );
    if (opener === undefined) return sighting;
    const severity = bySeverity(detection.severity, 'high') > 0 ? ('high' as const) : detection.severity;
    return {
      ...sighting,
      detection: { ...detection, severity, proved: [...detection.proved, `what opens it is in the image: ${nameOf(opener.place)}`] },
    };
  });
}

function folderOf(place: Place): string {
  const name = nameOf(place);
  return name.slice(0, name.lastIndexOf('/') + 1);
}

function nameOf(place: Place): string {
  return 'path' in place ? wholePath(place) : 'pointer' in place ? place.pointer : place.what;
}
