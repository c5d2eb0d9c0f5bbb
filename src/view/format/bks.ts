// Key stores of Bouncy Castle: BKS, whose entries can be told, and UBER, which is encrypted as a whole and begins alike.
import { createHmac } from 'node:crypto';
import { UnbakeError } from '../../model/error.ts';
import { ByteWalk } from './byte-walk.ts';
import { damaged, type Gathered, quoted } from './content.ts';
import { defaultPasswords, openedBy } from './default-passwords.ts';
import { hashesOf, passwordBytes, pkcs12Key } from './pkcs12-kdf.ts';
import { Work } from './work.ts';

const macSize = 20;

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly proved: string;
  readonly isPlain: boolean;
}

/** What begins like a store and is none gives nothing. */
export function readBks(file: Buffer, gathered: Gathered): void {
  const walk = new ByteWalk(file);
  const version = walk.u32();
  const salt = walk.take(walk.u32());
  const iterations = walk.u32();
  const contentStart = walk.at;
  const entries = entriesOf(walk);
  if (entries === undefined) return readUber(file, contentStart, iterations, gathered);
  if (entries.length === 0) return;
  const content = file.subarray(contentStart, walk.at);
  const mac = walk.take(macSize);
  const work = new Work();
  const keySize = version === 1 ? 2 : macSize;
  const password = defaultPasswords.find((candidate) => {
    if (!work.spend(hashesOf('sha1', iterations, keySize))) return false;
    const key = pkcs12Key({ algorithm: 'sha1', salt, iterations }, passwordBytes(candidate), 'mac', keySize);
    return key !== undefined && createHmac('sha1', key).update(content).digest().equals(mac);
  });
  for (const { start, end, proved, isPlain } of entries) {
    const state = isPlain
      ? 'not encrypted'
      : password === undefined
        ? 'encrypted, the store is not opened by a default password'
        : `the store is ${openedBy(password)}`;
    gathered.find({
      kind: 'bks-key',
      start,
      end,
      proved: [proved, state],
      severity: isPlain || password !== undefined ? 'critical' : 'medium',
      confidence: 'high',
    });
  }
}

/** The entries that are keys; undefined when these are no entries. Leaves the walk behind their end. */
function entriesOf(walk: ByteWalk): Entry[] | undefined {
  const entries: Entry[] = [];
  try {
    for (;;) {
      const start = walk.at;
      const type = walk.u8();
      if (type === 0) return entries;
      if (type > 4) return undefined;
      const alias = walk.shortText();
      walk.skip(8);
      for (let chain = walk.u32(); chain > 0; chain--) skipTyped(walk);
      if (type === 1) skipTyped(walk);
      else if (type === 2) {
        const keyType = walk.u8();
        walk.shortText();
        const algorithm = walk.shortText();
        walk.skip(walk.u32());
        const isPublic = keyType === 1;
        const what = `${keyType === 0 ? 'private key' : 'secret key'} ${quoted(alias)} (${algorithm.slice(0, 20).replace(/[^\w.-]/g, '')})`;
        if (!isPublic) entries.push({ start, end: walk.at, proved: what, isPlain: true });
      } else {
        walk.skip(walk.u32());
        entries.push({ start, end: walk.at, proved: `${type === 4 ? 'key' : 'secret'} ${quoted(alias)}`, isPlain: false });
      }
    }
  } catch (thrown) {
    if (thrown instanceof UnbakeError) return undefined;
    throw thrown;
  }
}

function skipTyped(walk: ByteWalk): void {
  walk.shortText();
  walk.skip(walk.u32());
}

/** Twofish in CBC mode, so whole blocks of 16; Bouncy Castle chooses 1,024 to 2,047 iterations. */
function readUber(file: Buffer, start: number, iterations: number, gathered: Gathered): void {
  const length = file.length - start;
  if (iterations < 1024 || iterations > 2047 || length < 32 || length % 16 !== 0)
    throw damaged('what begins like a key store of Bouncy Castle has no entries');
  gathered.find({
    kind: 'bks-key',
    start: 0,
    end: file.length,
    proved: ['UBER store, encrypted as a whole', 'its content cannot be told'],
    severity: 'medium',
    confidence: 'low',
  });
}
