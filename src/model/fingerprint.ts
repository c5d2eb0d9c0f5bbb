// Names for findings that stay the same over rebuilds and give nothing away: whoever holds a report must not be able to try out
// passwords against it.
import { createHmac } from 'node:crypto';
import { type Place, wholePath } from './finding.ts';
import type { Secret } from './secret.ts';

/**
 * 16 hexadecimal digits of a keyed hash of rule, place and value. Without a key of the user's the value counts with 12 bits only:
 * enough to tell a changed secret, too little to confirm a guess (docs/decisions/0003-fingerprints.md).
 */
export function fingerprintOf(ruleId: string, place: Place, secret: Secret, key: string | undefined): string {
  const value = key === undefined ? secret.identity.slice(0, 3) : valueFingerprint(secret, key);
  return createHmac('sha256', key ?? 'unbake')
    .update(JSON.stringify([ruleId, stablePlace(place), value]))
    .digest('hex')
    .slice(0, 16);
}

/** Of the value alone, for grouping over reports: needs a key. */
export function valueFingerprint(secret: Secret, key: string): string {
  return secret.keyedHash(key);
}

/** Lines, indices, digests and the names of packs of git change with every build; other paths and names do not. */
function stablePlace(place: Place): string {
  switch (place.kind) {
    case 'file':
      return wholePath(place).replace(/(\/objects\/pack\/pack-)[0-9a-f]{40,64}(?=\.pack!\/)/, '$1*');
    case 'header':
      return `header ${place.path}`;
    case 'stray':
      return `stray ${place.what.replace(/[0-9a-f]{12,}/g, '*')}`;
    case 'metadata':
      return place.pointer.replace(/\[\d+\]/g, '[]').replace(/[0-9a-f]{12,}/g, '*');
  }
}
