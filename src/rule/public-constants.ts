// Values that stand in public documentation as examples: they open nothing, so they are dropped wherever they stand.
// Kept as hashes and forms, so that this file is no finding itself.
import { createHash } from 'node:crypto';

/** Forms that documentation reserves: AWS marks its examples with the word at the end. */
const exampleForms: readonly RegExp[] = [
  /^A[A-Z0-9]{3}[A-Z0-9]{9}EXAMPLE$/, // AWS access key ids
  /^[A-Za-z0-9/+]{30,34}EXAMPLEKEY$/, // the AWS secret key beside them
];

/** SHA-256 of further ones, first 16 hexadecimal digits. */
const exampleHashes: ReadonlySet<string> = new Set([
  '7f75367e78812551', // the token that jwt.io opened with for years
  'c794fa6d20c64efb', // and the one that it opens with since
]);

// Hashing every long text would cost; the constants are of these lengths only.
const exampleLengths: ReadonlySet<number> = new Set([155, 172]);

export function isPublicConstant(secret: string): boolean {
  if (exampleForms.some((form) => form.test(secret))) return true;
  if (!exampleLengths.has(secret.length)) return false;
  return exampleHashes.has(createHash('sha256').update(secret).digest('hex').slice(0, 16));
}
