// The public half of an unencrypted private key: by the SHA-256 of its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) a key is
// recognised again in a certificate. Only algorithms whose public half is read or costs one multiplication are looked at: for
// DSA and Diffie-Hellman it must be computed from numbers that a stranger chose.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { childrenOf, derOf } from '../../view/format/der.ts';
import { privateKeyFormOf } from '../../view/format/private-key-info.ts';

export interface PublicHalf {
  /** `RSA 2048`, `EC P-256`, `Ed25519`. */
  readonly kind: string;
  /** SHA-256 of the DER of the SubjectPublicKeyInfo, in hexadecimal. */
  readonly spki: string;
}

const readable: ReadonlySet<string> = new Set(['RSA', 'RSA-PSS', 'EC', 'Ed25519', 'Ed448', 'X25519', 'X448']);
const largest = 16 * 1024;

/** Of PKCS #8, PKCS #1 or SEC 1 in DER. Undefined for an encrypted key, another algorithm, or what OpenSSL cannot read. About a millisecond. */
export function publicHalfOf(der: Buffer): PublicHalf | undefined {
  const form = der.length > largest ? undefined : privateKeyFormOf(der);
  if (form === undefined || form.isEncrypted || !readable.has(form.algorithm)) return undefined;
  try {
    const second = childrenOf(derOf(der))[1]?.tag;
    const type = second === 0x30 ? 'pkcs8' : second === 0x02 ? 'pkcs1' : 'sec1';
    return publicHalfOfKey(createPublicKey(createPrivateKey({ key: der, format: 'der', type })));
  } catch {
    return undefined;
  }
}

/** Throws what OpenSSL throws. */
export function publicHalfOfKey(key: KeyObject): PublicHalf {
  const spki = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return { kind: kindOf(key), spki };
}

const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521', secp224r1: 'P-224' };
const types: Readonly<Record<string, string>> = { ed25519: 'Ed25519', ed448: 'Ed448', x25519: 'X25519', x448: 'X448' };

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return `RSA ${details?.modulusLength ?? ''}`.trim();
  if (type === 'rsa-pss') return `RSA-PSS ${details?.modulusLength ?? ''}`.trim();
  if (type === 'ec') return `EC ${curves[details?.namedCurve ?? ''] ?? details?.namedCurve ?? ''}`.trim();
  return types[type ?? ''] ?? type ?? '';
}

/** How reports name it: what `openssl pkey -pubout -outform der | openssl dgst -sha256 -binary | base64` prints. */
export function spkiFact({ spki }: Pick<PublicHalf, 'spki'>): string {
  return `public key SPKI SHA256:${Buffer.from(spki, 'hex').toString('base64').replace(/=+$/, '')}`;
}
