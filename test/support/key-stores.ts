// Files of known formats, built by their documents: the same bytes that the programs of these formats write, with secrets that are made up.
import { createCipheriv, createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { passwordBytes, pkcs12Key } from '../../src/view/format/pkcs12-kdf.ts';

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u32le(value: number): Buffer {
  return u32(value).swap32();
}

/** Made of the seed alone. */
export function random(seed: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; 32 * i < length; i++) pieces.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** PKCS #8, an elliptic curve key of 256 bits. */
export function curveKey(): Buffer {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'pkcs8', format: 'der' });
}

const shortText = (text: string) => Buffer.concat([u16(text.length), Buffer.from(text)]);
const wide = (text: string) => Buffer.from(text, 'utf16le').swap16();
const sized = (bytes: Buffer) => Buffer.concat([u32(bytes.length), bytes]);
const date = Buffer.alloc(8, 1);

/** The key of a JKS entry as Sun protects it. */
function sunProtected(key: Buffer, password: string): Buffer {
  const salt = random('salt', 20);
  const pieces: Buffer[] = [];
  for (let stream = salt; 20 * pieces.length < key.length;) {
    stream = createHash('sha1').update(wide(password)).update(stream).digest();
    pieces.push(stream);
  }
  const hidden = Buffer.from(key.map((byte, i) => byte ^ Buffer.concat(pieces)[i]));
  const check = createHash('sha1').update(wide(password)).update(key).digest();
  const algorithm = der(0x30, der(0x06, Buffer.from('2b060104012a02110101', 'hex')), der(0x05));
  return der(0x30, algorithm, der(0x04, salt, hidden, check));
}

export interface JksPlan {
  readonly keys?: readonly string[];
  readonly certificates?: readonly string[];
  readonly password: string;
  readonly keyPassword?: string;
}

/** Java key store, version 2. */
export function jks({ keys = [], certificates = [], password, keyPassword = password }: JksPlan): Buffer {
  const certificate = Buffer.concat([shortText('X.509'), sized(random('certificate', 40))]);
  const entries = [
    ...keys.map((alias) => [u32(1), shortText(alias), date, sized(sunProtected(curveKey(), keyPassword)), u32(1), certificate]),
    ...certificates.map((alias) => [u32(2), shortText(alias), date, certificate]),
  ];
  const content = Buffer.concat([Buffer.from('feedfeed', 'hex'), u32(2), u32(entries.length), ...entries.flat()]);
  return Buffer.concat([content, createHash('sha1').update(wide(password)).update('Mighty Aphrodite').update(content).digest()]);
}

/** Bouncy Castle's own store, version 2, with one sealed key or one certificate. */
export function bks(type: 'key' | 'certificate', password: string): Buffer {
  const salt = random('bks', 20);
  const certificate = Buffer.concat([shortText('X.509'), sized(random('certificate', 40))]);
  const entry = type === 'key' ? [u32(0), sized(random('sealed', 80))] : [u32(0), certificate];
  const content = Buffer.concat([Buffer.from([type === 'key' ? 4 : 1]), shortText('mine'), date, ...entry, Buffer.from([0])]);
  const key = pkcs12Key({ algorithm: 'sha1', salt, iterations: 1024 }, passwordBytes(password), 'mac', 20)!;
  return Buffer.concat([u32(2), sized(salt), u32(1024), content, createHmac('sha1', key).update(content).digest()]);
}

/** The store of Bouncy Castle that is encrypted as a whole. */
export function uber(): Buffer {
  return Buffer.concat([u32(1), sized(random('uber', 20)), u32(1337), random('twofish', 160)]);
}

export function kdbx(major: 3 | 4): Buffer {
  const field = (id: number, value: Buffer) => {
    const length = major === 4 ? u32le(value.length) : u16(value.length).swap16();
    return Buffer.concat([Buffer.from([id]), length, value]);
  };
  const rounds = Buffer.concat([u32le(60_000), u32le(0)]);
  const argon = Buffer.concat([
    Buffer.from([0, 1, 0x42]),
    u32le(5),
    Buffer.from('$UUID'),
    u32le(16),
    Buffer.from('ef636ddf8c29444b91f7a9a403e30a0c', 'hex'),
    Buffer.from([0]),
  ]);
  const magic = Buffer.from('03d9a29a67fb4bb5', 'hex');
  const fields = [field(4, random('master', 32)), major === 4 ? field(11, argon) : field(6, rounds), field(0, Buffer.from('\r\n\r\n'))];
  return Buffer.concat([magic, Buffer.from([0, 0, major, 0]), ...fields, random('database', 96)]);
}

/** KeePass 1. */
export function kdb(): Buffer {
  const numbers = [u32le(2), u32le(7)];
  const head = [Buffer.from('03d9a29a65fb4bb5', 'hex'), u32le(3), u32le(0x30004), random('seed', 16), random('iv', 16)];
  return Buffer.concat([...head, ...numbers, random('hash', 32), random('transform', 32), u32le(6000), random('entries', 64)]);
}

export function psafe3(): Buffer {
  return Buffer.concat([
    Buffer.from('PWS3'),
    random('salt', 32),
    u32le(262_144),
    random('hash', 32),
    random('keys', 64),
    random('iv', 16),
    random('db', 64),
  ]);
}

const counted = (text: string) => shortText(text);

/** Version 2; an empty principal leaves a hole. */
export function keytab(...principals: readonly string[]): Buffer {
  const entries = principals.map((principal) => {
    if (principal === '') return Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xe0]), Buffer.alloc(32)]);
    const [path, realm] = principal.split('@');
    const parts = path.split('/');
    const key = random(principal, 32);
    return sized(
      Buffer.concat([u16(parts.length), counted(realm), ...parts.map(counted), u32(1), u32(1_700_000_000), Buffer.from([3]), u16(18), u16(32), key]),
    );
  });
  return Buffer.concat([Buffer.from([5, 2]), ...entries]);
}

export function credentialCache(owner: string, ...servers: readonly string[]): Buffer {
  const principal = (name: string) => {
    const [path, realm] = name.split('@');
    const parts = path.split('/');
    return Buffer.concat([u32(1), u32(parts.length), sized(Buffer.from(realm)), ...parts.map((part) => sized(Buffer.from(part)))]);
  };
  const tickets = servers.map((server) => [
    principal(owner),
    principal(server),
    u16(18),
    sized(random(server, 32)),
    ...[0, 0, 1_700_000_000, 0].map(u32),
    Buffer.from([0]),
    u32(0x40e10000),
    u32(0),
    u32(0),
    sized(random('ticket', 60)),
    u32(0),
  ]);
  return Buffer.concat([Buffer.from([5, 4]), u16(0), principal(owner), ...tickets.flat()]);
}

/** As `mysql_config_editor` writes an option file. */
export function mylogin(text: string): Buffer {
  const material = random('mylogin', 20);
  const key = Buffer.alloc(16);
  for (const [i, byte] of material.entries()) key[i % 16] ^= byte;
  const lines = text.split(/(?<=\n)/).map((line) => {
    const cipher = createCipheriv('aes-128-ecb', key, null);
    const hidden = Buffer.concat([cipher.update(line), cipher.final()]);
    return Buffer.concat([u32le(hidden.length), hidden]);
  });
  return Buffer.concat([Buffer.alloc(4), material, ...lines]);
}

const octets = (name: string, value: Buffer) => Buffer.concat([Buffer.from(`(${name.length}:${name}${value.length}:`), value, Buffer.from(')')]);

/** One file of `private-keys-v1.d`. */
export function gnupgKey(kind: 'private-key' | 'protected-private-key' | 'shadowed-private-key'): Buffer {
  const inner = Buffer.concat([Buffer.from('(3:ecc(5:curve7:Ed25519)(5:flags5:eddsa)'), octets('q', random('q', 33)), octets('d', random('d', 32))]);
  return Buffer.concat([Buffer.from(`(${kind.length}:${kind}`), inner, Buffer.from('))')]);
}

export type SecretState = 'plain' | 'encrypted' | 'absent' | 'public';

/** OpenPGP packets: a key of EdDSA with its name, and a subkey of the same kind. */
export function secretRing(state: SecretState, subkey: SecretState = state): Buffer {
  const packet = (tag: number, body: Buffer) => Buffer.concat([Buffer.from([0x80 | (tag << 2), body.length]), body]);
  const number = (seed: string) => Buffer.concat([u16(256), random(seed, 32)]);
  const curve = Buffer.from('092b06010401da470f01', 'hex');
  const key = (seed: string, of: SecretState) => {
    const open = Buffer.concat([Buffer.from([4]), u32(1_700_000_000), Buffer.from([22]), curve, number(`${seed} public`)]);
    switch (of) {
      case 'public':
        return open;
      case 'plain':
        return Buffer.concat([open, Buffer.from([0]), number(seed), u16(4711)]);
      case 'encrypted':
        return Buffer.concat([open, Buffer.from([254, 7, 3, 8]), random('salt', 8), Buffer.from([0x60]), random(seed, 70)]);
      case 'absent':
        return Buffer.concat([open, Buffer.from([255, 7, 101, 2]), Buffer.from('GNU'), Buffer.from([1])]);
    }
  };
  const name = packet(13, Buffer.from('Ann Example <ann@example.org>'));
  return Buffer.concat([packet(state === 'public' ? 6 : 5, key('one', state)), name, packet(subkey === 'public' ? 14 : 7, key('two', subkey))]);
}

/** What CryptoAPI calls a PRIVATEKEYBLOB, and `sn -k` writes. */
export function capiKey(algorithm: 0x24 | 0xa4 = 0x24): Buffer {
  const bits = 512;
  const head = Buffer.concat([Buffer.from([7, 2, 0, 0, 0, algorithm, 0, 0]), Buffer.from('RSA2'), u32le(bits), u32le(65_537)]);
  return Buffer.concat([head, random('rsa', (bits * 9) / 16)]);
}

export function pvk(isEncrypted: boolean): Buffer {
  const blob = capiKey();
  const salt = isEncrypted ? random('salt', 16) : Buffer.alloc(0);
  const head = [Buffer.from('1ef1b5b0', 'hex'), u32le(0), u32le(2), u32le(isEncrypted ? 1 : 0), u32le(salt.length), u32le(blob.length)];
  return Buffer.concat([...head, salt, blob]);
}

export function gnomeKeyring(): Buffer {
  return Buffer.concat([Buffer.from('GnomeKeyring\n\r\0\n', 'latin1'), Buffer.alloc(4), sized(Buffer.from('login')), random('keyring', 80)]);
}

export function kwallet(): Buffer {
  return Buffer.concat([Buffer.from('KWALLET\n\r\0\r\n', 'latin1'), Buffer.from([0, 1, 0, 2]), random('wallet', 80)]);
}

/** Berkeley DB as NSS fills it: enough of it to be told by what is in it. */
export function nssKey3(hasKey: boolean): Buffer {
  const oid = Buffer.from('2a864886f70d010c050103', 'hex');
  const check = [Buffer.from([3, 8, 0]), random('salt', 8), Buffer.from([0, 11]), oid, random('check', 16), Buffer.from('password-check')];
  const salt = random('entry', 8);
  const key = der(0x30, der(0x30, der(0x06, oid), der(0x30, der(0x04, salt), der(0x02, Buffer.from([1])))), der(0x04, random('key', 64)));
  return Buffer.concat([Buffer.from('0006156100000002000004d200001000', 'hex'), Buffer.alloc(64), ...(hasKey ? [key] : []), ...check]);
}
