// What is written of a secret to a cache. The hashes would let a reader try out short values, so they are written only where whoever can
// read them has the value anyway: see `sealed.ts`.
import { traitOf } from '../../model/hidden-texts.ts';
import { printable } from '../../model/printable.ts';
import type { Secret, SecretTraits } from '../../model/secret.ts';

export function traitsOf(secret: Secret, fingerprintKey: string | undefined): SecretTraits {
  if (secret.traits !== undefined) return secret.traits;
  const value = secret.reveal();
  return {
    mask: secret.mask,
    identity: secret.identity,
    ...(fingerprintKey === undefined ? {} : { keyedHash: secret.keyedHash(fingerprintKey) }),
    texts: { whole: traitOf(value), lines: value.split('\n').map(traitOf), printed: traitOf(printable(value)) },
  };
}
