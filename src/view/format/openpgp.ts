// OpenPGP packets with secret keys: `secring.gpg` and keys that were exported without armour (RFC 9580, sections 4.2 and 5.5.3).
import { ByteWalk } from './byte-walk.ts';
import { damaged, type Gathered, quoted } from './content.ts';

const secretKey = 5;
const secretSubkey = 7;
const userId = 13;

const algorithms: Readonly<Record<number, string>> = {
  1: 'RSA',
  2: 'RSA',
  3: 'RSA',
  16: 'Elgamal',
  17: 'DSA',
  18: 'ECDH',
  19: 'ECDSA',
  20: 'Elgamal',
  22: 'EdDSA',
  25: 'X25519',
  26: 'X448',
  27: 'Ed25519',
  28: 'Ed448',
};

interface Packet {
  readonly tag: number;
  readonly start: number;
  readonly body: Buffer;
}

interface Key {
  readonly start: number;
  end: number;
  readonly algorithm: string;
  name: string;
  subkeys: number;
  hasPlain: boolean;
  hasEncrypted: boolean;
}

/** Whether bytes begin with a secret key: its packet, a version, a time and an algorithm that there is. */
export function isSecretRing(head: Buffer): boolean {
  try {
    const walk = new ByteWalk(head);
    if (headerAt(walk).tag !== secretKey) return false;
    const version = walk.u8();
    walk.skip(4);
    return version >= 3 && version <= 6 && algorithms[version === 3 ? head[walk.at + 2] : walk.u8()] !== undefined;
  } catch {
    return false;
  }
}

/** One find for a key and its subkeys. Parts that stand on a smart card, or were left out, are no secret. */
export function readSecretRing(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file);
  let key: Key | undefined;
  try {
    while (walk.left > 0) {
      const packet = packetAt(walk);
      if (packet.tag === secretKey) {
        tell(gathered, key);
        const algorithm = algorithms[packet.body[packet.body[0] === 3 ? 7 : 5]] ?? 'of an unknown kind';
        key = { start: packet.start, end: walk.at, algorithm, name: '', subkeys: 0, hasPlain: false, hasEncrypted: false };
      }
      if (key === undefined) continue;
      if (packet.tag === userId && key.name === '') key.name = packet.body.toString('utf8', 0, 256);
      if (packet.tag !== secretKey && packet.tag !== secretSubkey) continue;
      const state = protectionOf(packet.body);
      if (packet.tag === secretSubkey && state !== 'absent') key.subkeys++;
      if (state !== 'absent') key.end = walk.at;
      if (state === 'plain') key.hasPlain = true;
      if (state === 'encrypted') key.hasEncrypted = true;
    }
  } finally {
    tell(gathered, key);
  }
}

function tell(gathered: Gathered, key: Key | undefined): void {
  if (key === undefined || !(key.hasPlain || key.hasEncrypted)) return;
  const proved = [`secret key${key.name === '' ? '' : ` of ${quoted(key.name)}`} (${key.algorithm})`];
  if (key.subkeys > 0) proved.push(`${key.subkeys} secret subkey${key.subkeys === 1 ? '' : 's'}`);
  proved.push(key.hasPlain ? 'not encrypted' : 'encrypted');
  gathered.find({
    kind: 'gnupg-secret-key',
    start: key.start,
    end: key.end,
    proved,
    severity: key.hasPlain ? 'critical' : 'medium',
    confidence: 'high',
  });
}

function packetAt(walk: ByteWalk): Packet {
  const start = walk.at;
  const { tag, length } = headerAt(walk);
  return { tag, start, body: walk.take(length ?? walk.left) };
}

/** Both formats of a header; a length is missing where the packet goes on to the end, or comes in pieces, as those of keys never do. */
function headerAt(walk: ByteWalk): { readonly tag: number; readonly length: number | undefined } {
  const first = walk.u8();
  if (first < 0x80) throw damaged(`no OpenPGP packet begins at byte ${walk.at - 1}`);
  if (first < 0xc0) {
    const tag = (first >> 2) & 0x0f;
    const form = first & 3;
    return { tag, length: form === 0 ? walk.u8() : form === 1 ? walk.u16() : form === 2 ? walk.u32() : undefined };
  }
  const tag = first & 0x3f;
  const length = walk.u8();
  if (length < 192) return { tag, length };
  if (length < 224) return { tag, length: (length - 192) * 256 + walk.u8() + 192 };
  return { tag, length: length === 255 ? walk.u32() : undefined };
}

/** What the octet behind the public part says. `absent`: GnuPG's own mark for a secret that is elsewhere. */
function protectionOf(body: Buffer): 'plain' | 'encrypted' | 'absent' {
  const walk = new ByteWalk(body);
  const version = walk.u8();
  walk.skip(4);
  if (version === 3) walk.skip(2);
  const algorithm = walk.u8();
  if (version >= 5) walk.skip(walk.u32());
  else skipPublic(walk, algorithm);
  const usage = walk.u8();
  if (usage === 0) return 'plain';
  if (version >= 5) walk.skip(1);
  if (usage < 253) return 'encrypted';
  walk.skip(usage === 253 ? 2 : 1);
  if (version === 6) walk.skip(1);
  const specifier = walk.u8();
  // Type 101 is GnuPG's, with a hash, the letters GNU and 1 (nothing) or 2 (on a card) behind it.
  return specifier === 101 && walk.left >= 4 && walk.bytes.toString('latin1', walk.at + 1, walk.at + 4) === 'GNU' ? 'absent' : 'encrypted';
}

function skipPublic(walk: ByteWalk, algorithm: number): void {
  const numbers = (count: number) => {
    for (let i = 0; i < count; i++) walk.skip(Math.ceil(walk.u16() / 8));
  };
  switch (algorithm) {
    case 1:
    case 2:
    case 3:
      return numbers(2);
    case 16:
    case 20:
      return numbers(3);
    case 17:
      return numbers(4);
    case 18:
    case 19:
    case 22:
      walk.skip(walk.u8());
      numbers(1);
      if (algorithm === 18) walk.skip(walk.u8());
      return;
    case 25:
    case 27:
      walk.skip(32);
      return;
    case 26:
      walk.skip(56);
      return;
    case 28:
      walk.skip(57);
      return;
    default:
      throw damaged(`an OpenPGP key has the algorithm ${algorithm}`);
  }
}
