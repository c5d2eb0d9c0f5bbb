// Private keys in DER: PKCS #8, plain and encrypted (RFC 5958), PKCS #1 (RFC 8017, appendix A.1.2) and SEC 1 (RFC 5915).
import { UnbakeError } from '../../model/error.ts';
import { childrenOf, type Der, derOf, numberOf, oidOf } from './der.ts';

const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.113549.1.3.1': 'DH',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

export interface PrivateKeyForm {
  /** `RSA`, `EC`, ... or `of an unknown kind`; of an encrypted key nothing is known. */
  readonly algorithm: string;
  readonly isEncrypted: boolean;
}

/** What private key these bytes are; undefined for anything else. A byte more or less and it is none. */
export function privateKeyFormOf(bytes: Buffer): PrivateKeyForm | undefined {
  try {
    const der = derOf(bytes);
    return der.tag !== 0x30 || der.whole.length !== bytes.length ? undefined : formOf(childrenOf(der));
  } catch (thrown) {
    if (thrown instanceof UnbakeError) return undefined;
    throw thrown;
  }
}

function formOf(fields: readonly Der[]): PrivateKeyForm | undefined {
  const [first, second, third] = fields;
  if (first === undefined || second === undefined) return undefined;
  // PKCS #8, encrypted: the algorithm that it is encrypted with, and octets.
  if (first.tag === 0x30) {
    const scheme = oidOf(childrenOf(first)[0]);
    const isPbe = scheme.startsWith('1.2.840.113549.1.5.') || scheme.startsWith('1.2.840.113549.1.12.1.');
    return fields.length === 2 && second.tag === 0x04 && isPbe ? { algorithm: '', isEncrypted: true } : undefined;
  }
  const version = numberOf(first);
  if (version === undefined || version > 1) return undefined;
  if (second.tag === 0x30 && third?.tag === 0x04) {
    const oid = oidOf(childrenOf(second)[0]);
    return oid === '' ? undefined : { algorithm: algorithms[oid] ?? 'of an unknown kind', isEncrypted: false };
  }
  const isAllIntegers = fields.every(({ tag, body }) => tag === 0x02 && body.length > 0);
  if (isAllIntegers && fields.length === 9 && second.body.length >= 48) return { algorithm: 'RSA', isEncrypted: false };
  // DSA of OpenSSL: version, p, q, g, y, x.
  if (isAllIntegers && fields.length === 6 && version === 0 && second.body.length >= 48) return { algorithm: 'DSA', isEncrypted: false };
  const isCurveKey = version === 1 && second.tag === 0x04 && second.body.length >= 16 && second.body.length <= 66;
  return isCurveKey && third?.tag === 0xa0 ? { algorithm: 'EC', isEncrypted: false } : undefined;
}
