// Databases of password managers: KeePass 1 and 2, and Password Safe. They are encrypted; how well, their headers say.
import { ByteWalk } from './byte-walk.ts';
import type { Gathered } from './content.ts';

/** The names of key derivations in a header of KDBX 4. */
const derivations: Readonly<Record<string, string>> = {
  ef636ddf8c29444b91f7a9a403e30a0c: 'Argon2d',
  '9e298b1956db4773b23dfc3ec6f0a1e6': 'Argon2id',
  c9d9f39a628a4460bf740d08c18a4fea: 'AES-KDF',
  '7c02bb8279a74ac0927d114a00648238': 'AES-KDF',
};
const transformRounds = 6;
const kdfParameters = 11;
const mostFields = 32;

export function readKeepass(file: Buffer, gathered: Gathered): void {
  const isFirst = new ByteWalk(file, 4).u32le() === 0xb54bfb65;
  const proved = isFirst ? keepass1(file) : keepass2(file);
  gathered.find({ kind: 'keepass-database', start: 0, end: file.length, proved: [...proved, 'encrypted'] });
}

function keepass1(file: Buffer): string[] {
  const walk = new ByteWalk(file, 8);
  walk.skip(4 + 4 + 16 + 16);
  const [groups, entries] = [walk.u32le(), walk.u32le()];
  walk.skip(32 + 32);
  return [`KeePass 1 database, ${groups} groups, ${entries} entries`, `${walk.u32le()} rounds`];
}

/** Header fields: a number, a length, the value. KDBX 4 has longer lengths than those before it. */
function keepass2(file: Buffer): string[] {
  const walk = new ByteWalk(file, 8);
  walk.skip(2);
  const major = walk.u16le();
  const proved = [`KeePass 2 database, KDBX ${major}`];
  for (let fields = 0; fields < mostFields; fields++) {
    const id = walk.u8();
    const value = walk.take(major >= 4 ? walk.u32le() : walk.u16le());
    if (id === transformRounds && value.length === 8) proved.push(`AES-KDF, ${value.readBigUInt64LE()} rounds`);
    if (id === kdfParameters) {
      const uuid = value.indexOf('$UUID');
      const name = derivations[value.toString('hex', uuid + 9, uuid + 25)];
      if (uuid >= 0 && name !== undefined) proved.push(name);
    }
    if (id === 0) break;
  }
  return proved;
}

/** Salt and count stand behind the mark (Password Safe, formatV3). */
export function readPasswordSafe(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file, 4 + 32);
  const iterations = walk.u32le();
  walk.skip(32 + 64 + 16);
  gathered.find({ kind: 'password-safe-database', start: 0, end: file.length, proved: [`encrypted, ${iterations} iterations`] });
}
