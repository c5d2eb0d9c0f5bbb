// Kerberos: keytabs, whose keys need no password, and credential caches (MIT krb5, "Keytab file format" and "Credential cache file format").
import { ByteWalk } from './byte-walk.ts';
import { damaged, type Gathered, quoted } from './content.ts';

const encryptionTypes: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'arcfour-hmac',
  24: 'arcfour-hmac-exp',
  25: 'camellia128-cts-cmac',
  26: 'camellia256-cts-cmac',
};

/** A principal has one or two. */
const mostComponents = 16;

/** Numbers in the byte order of the file: version 1 has that of the machine, and the little end came first on nearly all. */
class Numbers extends ByteWalk {
  readonly #isLittle: boolean;

  constructor(bytes: Buffer, at: number, isLittle: boolean) {
    super(bytes, at);
    this.#isLittle = isLittle;
  }

  short(): number {
    return this.#isLittle ? this.u16le() : this.u16();
  }

  long(): number {
    return this.#isLittle ? this.i32le() : this.i32();
  }
}

/** What begins like a keytab and has no entry of a known encryption type is none. */
export function readKeytab(file: Buffer, gathered: Gathered): void {
  const isFirst = file[1] === 1;
  const walk = new Numbers(file, 2, isFirst);
  while (walk.left >= 4) {
    const size = walk.long();
    if (size === 0) return;
    const start = walk.at;
    const entry = walk.take(Math.abs(size));
    // A hole: an entry that was removed, and its bytes may still be there.
    if (size < 0) continue;
    const fields = new Numbers(entry, 0, isFirst);
    const components = fields.short() - (isFirst ? 1 : 0);
    const realm = fields.take(fields.short()).toString('utf8');
    const names: string[] = [];
    if (components > mostComponents) return;
    for (let i = 0; i < components; i++) names.push(fields.take(fields.short()).toString('utf8'));
    if (!isFirst) fields.skip(4);
    fields.skip(4);
    fields.skip(1);
    const type = encryptionTypes[fields.short()];
    const keySize = fields.take(fields.short()).length;
    if (type === undefined || keySize < 8 || keySize > 64) return;
    gathered.find({
      kind: 'kerberos-keytab',
      start,
      end: start + entry.length,
      proved: [`principal ${quoted(`${names.join('/')}@${realm}`)}`, type],
    });
  }
}

/** Tickets that are over are told too: when they were valid says something of how the file came to be there. */
export function readCredentialCache(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file, 2);
  if (file[1] === 4) walk.skip(walk.u16());
  const owner = principalAt(walk);
  const tickets: string[] = [];
  while (walk.left > 0 && tickets.length < 20) {
    principalAt(walk);
    const server = principalAt(walk);
    walk.u16();
    walk.skip(walk.u32());
    walk.skip(8);
    const end = walk.u32();
    walk.skip(4 + 1 + 4);
    for (let list = 0; list < 2; list++) {
      for (let count = walk.u32(); count > 0; count--) {
        walk.u16();
        walk.skip(walk.u32());
      }
    }
    walk.skip(walk.u32());
    walk.skip(walk.u32());
    // Settings of the cache stand in it as tickets of a realm that there is not.
    if (!server.endsWith('@X-CACHECONF:'))
      tickets.push(`ticket for ${quoted(server)}, valid until ${new Date(end * 1000).toISOString().slice(0, 16)}Z`);
  }
  if (tickets.length === 0) return;
  gathered.find({ kind: 'kerberos-ccache', start: 0, end: file.length, proved: [`principal ${quoted(owner)}`, ...tickets] });
}

function principalAt(walk: ByteWalk): string {
  walk.u32();
  const components = walk.u32();
  const realm = walk.take(walk.u32()).toString('utf8');
  const names: string[] = [];
  if (components > mostComponents) throw damaged(`a principal has ${components} parts`);
  for (let i = 0; i < components; i++) names.push(walk.take(walk.u32()).toString('utf8'));
  return `${names.join('/')}@${realm}`;
}
