// An archive in which entries get bodies of other lengths, made the way unbake makes it.
import type { Entry } from '../../src/model/entry.ts';
import { bodyStartOf, withSize } from '../../src/tar/entry-metadata.ts';
import { type Edit, spliced } from '../../src/tar/splice.ts';
import { pad } from '../support/raw-tar.ts';
import { walked } from './recorded.ts';

/** Each entry gets the body that `bodyFor` gives; undefined leaves it as it is. */
export async function resized(archive: Buffer, bodyFor: (entry: Entry) => Buffer | undefined): Promise<Buffer> {
  const edits = walked(archive).entries.flatMap(({ entry }): Edit[] => {
    const body = bodyFor(entry);
    if (body === undefined) return [];
    return [
      { start: entry.span.start, end: bodyStartOf(entry), with: (metadata) => withSize(metadata, body.length) },
      { start: bodyStartOf(entry), end: entry.span.end, with: pad(body) },
    ];
  });
  async function* whole() {
    yield archive;
  }
  const pieces: Uint8Array[] = [];
  for await (const chunk of spliced(whole(), edits)) pieces.push(chunk);
  return Buffer.concat(pieces);
}

/** The bytes before the body of the entry with this index, as they stand in the archive. */
export function metadataOf(archive: Buffer, index = 0): Buffer {
  const { entry } = walked(archive).entries[index];
  return Buffer.from(archive.subarray(entry.span.start, bodyStartOf(entry)));
}
