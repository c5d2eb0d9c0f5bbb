// The public half of an SSH key as it stands in the clear even in a key under a passphrase: kind, size and fingerprint, as
// `ssh-keygen -l` prints them (RFC 4253, section 6.6; RFC 5656; RFC 8709).
import { createHash } from 'node:crypto';

export interface SshPublicHalf {
  /** `RSA 3072`, `ECDSA P-256`, `Ed25519`, `DSA 1024`; what is not known is named as the key names itself. */
  readonly kind: string;
  /** `SHA256:` and base64 without padding: of a public key, so no secret. */
  readonly fingerprint: string;
}

const names: ReadonlyMap<string, string> = new Map([
  ['ssh-ed25519', 'Ed25519'],
  ['ssh-ed448', 'Ed448'],
]);

/** Of an `openssh-key-v1`: magic, cipher, key derivation and its options, number of keys, public half. Undefined when the bytes end before. */
export function sshPublicHalfOfOpenSsh(bytes: Buffer): SshPublicHalf | undefined {
  const fields = fieldsOf(bytes.subarray('openssh-key-v1\0'.length), 3);
  if (fields === undefined) return undefined;
  const at = 'openssh-key-v1\0'.length + fields.reduce((length, field) => length + 4 + field.length, 0) + 4;
  const blob = at < bytes.length ? fieldsOf(bytes.subarray(at), 1)?.[0] : undefined;
  return blob === undefined ? undefined : sshPublicHalf(blob);
}

/** Of the blob of an `authorized_keys` line or of PuTTY's public lines. */
export function sshPublicHalf(blob: Buffer): SshPublicHalf | undefined {
  const name = fieldsOf(blob, 1)?.[0]?.toString('latin1');
  if (name === undefined || !/^[\w@.-]{4,60}$/.test(name)) return undefined;
  return { kind: kindOf(name, blob), fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` };
}

function kindOf(name: string, blob: Buffer): string {
  // The modulus is the second number of an RSA key, the first one of a DSA key.
  if (name === 'ssh-rsa') return `RSA ${bitsOf(fieldsOf(blob, 3)?.[2])}`.trim();
  if (name === 'ssh-dss') return `DSA ${bitsOf(fieldsOf(blob, 2)?.[1])}`.trim();
  const curve = /^ecdsa-sha2-nistp(\d{3})$/.exec(name)?.[1];
  return curve === undefined ? (names.get(name) ?? name) : `ECDSA P-${curve}`;
}

function bitsOf(number: Buffer | undefined): string {
  const first = number?.findIndex((byte) => byte !== 0) ?? -1;
  return number === undefined || first === -1 ? '' : String((number.length - first) * 8 - Math.clz32(number[first]!) + 24);
}

/** So many strings of a length of four bytes and their bytes; undefined when there are fewer. */
function fieldsOf(bytes: Buffer, count: number): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; fields.length < count;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
