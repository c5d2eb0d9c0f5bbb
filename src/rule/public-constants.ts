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
  'ca7459e2b26776de', // RFC 6749, client credentials
  'cf4d418ed3de92d7', // RFC 7617
  'ad71fb4165536675', // OpenID Connect Core, access token
  'a71b359a87afde13', // draft of MAC tokens
  'b8e148545b13c78b', // RFC 6750
  '6c96130f130ab0d6', // RFC 6749, access token
  '00cf4c781dc37003', // RFC 6749, refresh token
  'a35b81a7d7927b70', // RFC 6749, code
  '8d567eb88afff34f', // RFC 5849, consumer key
  '9d03b692e941d5ac', // RFC 5849, token
  'bf145d9380bbe05b', // PyJWT, in its description on PyPI
  'ac0fd5fb36e32010', // pip's manual, a password that is percent-encoded
  // API keys that stand in the public sources of github.com/firebase/firebase-android-sdk and are copied from there.
  'f56e323494a6ffc2',
  '27a9a42931dff7eb',
  '49f777db995e8260',
  'a6c814bc555ae62c',
  '8731261cb72d8626',
  '37f8f09bdf12c2f2',
  'eb540d2b6ee2a0a4',
  '2037abcaffb2b777',
  '3a8b61d0f636b007',
  '4c98242dcadc8b29',
  'ea9bb1082cf95663',
  '3f370c9dd8225c63',
  'a19f89ab3555eac1',
  'e4a5542bb7fd7b67',
  'dc0fcf046c61640c',
  '0b476bdf9acf2123',
]);

// Hashing every long text would cost; the constants are of these lengths only.
const exampleLengths: ReadonlySet<number> = new Set([9, 10, 12, 15, 16, 22, 28, 39, 105, 155, 172]);

export function isPublicConstant(secret: string): boolean {
  if (exampleForms.some((form) => form.test(secret))) return true;
  if (!exampleLengths.has(secret.length)) return false;
  return exampleHashes.has(createHash('sha256').update(secret).digest('hex').slice(0, 16));
}
