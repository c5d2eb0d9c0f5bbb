// One header of rpm as its database keeps it (rpm.org, "RPM v4 Package format", section "Header structure"): an index of tags, then their data.
import { printable } from '../../model/printable.ts';
import type { ClaimSink, DigestName } from './claim.ts';

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  fileDigests: 1035,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  digestAlgorithm: 5011,
};
/** Numbers of OpenPGP. Before rpm 4.6 there was MD5 alone, and no tag for it. */
const algorithms: Readonly<Record<number, DigestName>> = { 1: 'md5', 2: 'sha1', 8: 'sha256' };
const entrySize = 16;
/** Files of one package; the kernel's sources have 90,000. */
const mostFiles = 1 << 20;

interface Tag {
  readonly offset: number;
  readonly count: number;
}

/** False for what is no header. A directory and a link are in the list as well, and have no digest: they are passed over. */
export function readRpmHeader(blob: Buffer, claim: ClaimSink): boolean {
  const entries = blob.length < 8 ? 0 : blob.readUInt32BE(0);
  const start = 8 + entries * entrySize;
  if (entries === 0 || start > blob.length) return false;
  const index = new Map<number, Tag>();
  for (let at = 8; at < start; at += entrySize) {
    index.set(blob.readUInt32BE(at), { offset: start + blob.readUInt32BE(at + 8), count: blob.readUInt32BE(at + 12) });
  }
  const strings = (tag: number): readonly string[] => stringsAt(blob, index.get(tag));
  const numbers = (tag: number): readonly number[] => numbersAt(blob, index.get(tag));
  const [name = '', version = '', release = ''] = [tags.name, tags.version, tags.release].map((tag) => stringsAt(blob, index.get(tag), 1)[0]);
  if (name === '') return false;
  const algorithm = algorithms[numbers(tags.digestAlgorithm)[0] ?? 1];
  const folders = strings(tags.dirNames);
  const folderOf = numbers(tags.dirIndexes);
  const digests = strings(tags.fileDigests);
  const label = printable(`${name} ${version}-${release}`);
  for (const [at, base] of strings(tags.baseNames).entries()) {
    const hex = digests[at] ?? '';
    if (hex === '') continue;
    const path = `${folders[folderOf[at] ?? -1] ?? ''}${base}`.replace(/^\//, '');
    claim(path, { kind: 'rpm', package: label, ...(algorithm && { digest: { name: algorithm, hex } }) });
  }
  return true;
}

/** Strings one behind the other, each with a zero byte at its end. */
function stringsAt(blob: Buffer, tag: Tag | undefined, most = mostFiles): readonly string[] {
  const found: string[] = [];
  for (let at = tag?.offset ?? blob.length; found.length < Math.min(tag?.count ?? 0, most);) {
    const end = blob.indexOf(0, at);
    if (end === -1) break;
    found.push(blob.toString('latin1', at, end));
    at = end + 1;
  }
  return found;
}

function numbersAt(blob: Buffer, tag: Tag | undefined): readonly number[] {
  const found: number[] = [];
  const count = Math.min(tag?.count ?? 0, mostFiles);
  for (let at = tag?.offset ?? blob.length; found.length < count && at + 4 <= blob.length; at += 4) found.push(blob.readUInt32BE(at));
  return found;
}
