// The certificates of a text, by their public keys: a private key of the same image that belongs to one of them is the key of a
// server, or of a client, that can be named.
import { X509Certificate } from 'node:crypto';
import { publicHalfOfKey } from './check/spki.ts';

export interface Certificate {
  /** SHA-256 of its SubjectPublicKeyInfo in hexadecimal: the `publicKey` of the detection of its private key. */
  readonly spki: string;
  /** One line, `CN=example.org, O=Example`: written by strangers. */
  readonly subject: string;
  readonly issuer: string;
  /** The day after which it is not valid, `2030-03-17`. */
  readonly notAfter: string;
}

/** Every trust store of a distribution is shorter. */
const mostCertificates = 1000;
const armour = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]{64,32768})-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/**
 * The PEM certificates of a text in their order, also with `\n` written out. What is no certificate, or has a key that OpenSSL
 * cannot read, is left out. About a tenth of a millisecond each, the first 1,000 only.
 */
export function certificatesIn(text: string): readonly Certificate[] {
  const found: Certificate[] = [];
  for (const [, body = ''] of text.matchAll(armour)) {
    const certificate = certificateOf(Buffer.from(body.replace(/\\[nrt]/g, ''), 'base64'));
    if (certificate !== undefined && found.push(certificate) === mostCertificates) break;
  }
  return found;
}

/** One in DER. Undefined when it is none. */
export function certificateOf(der: Buffer): Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    const until = new Date(certificate.validTo);
    return {
      spki: publicHalfOfKey(certificate.publicKey).spki,
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      notAfter: Number.isNaN(until.getTime()) ? '' : until.toISOString().slice(0, 10),
    };
  } catch {
    return undefined;
  }
}

/** Node gives a line for each part, and nothing for a name without parts. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ').slice(0, 500);
}
