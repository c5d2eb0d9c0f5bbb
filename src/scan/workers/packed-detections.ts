// What rules found, on its way to another thread of this process. A secret hides its value from whatever copies it, so the value is taken
// out and put in again: it stays in the memory in which the image is read.
import type { Detection } from '../../model/rule.ts';
import { Secret } from '../../model/secret.ts';

export type PackedDetection = Omit<Detection, 'secret'> & { readonly value: string };

export function packDetection({ secret, ...rest }: Detection): PackedDetection {
  return { ...rest, value: secret.reveal() };
}

export function unpackDetection({ value, ...rest }: PackedDetection): Detection {
  return { ...rest, secret: new Secret(value) };
}
