// Files in containers in containers, at random, with what must be in each of them.
import fc from 'fast-check';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { gzipMember } from '../support/compressed.ts';
import { directory, file, tar } from '../support/raw-tar.ts';
import { rawZip } from '../view/nested/raw-zip.ts';

export interface Nesting {
  readonly bytes: Buffer;
  /** Texts by the way to them, as a report names it; a file that is no container has the empty way. */
  readonly texts: ReadonlyMap<string, string>;
}

type Member = readonly [name: string, nesting: Nesting];

function inArchive(members: readonly Member[], bytes: Buffer): Nesting {
  const texts = members.flatMap(([name, nesting]) =>
    [...nesting.texts].map(([way, text]): [string, string] => [way === '' ? name : `${name}!/${way}`, text]),
  );
  return { bytes, texts: new Map(texts) };
}

const wrap = {
  // Small ones are decoded in one call, but not those with a name in their header.
  gunzip: (bytes: Buffer) => (bytes.length % 2 === 0 ? gzipSync(bytes) : gzipMember(bytes, { name: 'a name' })),
  unzstd: zstdCompressSync,
} as const;

/** Containers up to `depth` in each other, around the given texts. */
export function nestings(text: fc.Arbitrary<string>, depth = 3): fc.Arbitrary<Nesting> {
  const leaf = text.map((content): Nesting => ({ bytes: Buffer.from(content), texts: new Map([['', content]]) }));
  if (depth === 0) return leaf;
  const inner = nestings(text, depth - 1);
  const members = fc
    .array(inner, { minLength: 1, maxLength: 3 })
    .map((all) => all.map((nesting, index): Member => [`d/${index}.properties`, nesting]));
  const packed = fc
    .tuple(fc.constantFrom('gunzip' as const, 'unzstd' as const), inner)
    .map(([step, nesting]) => inArchive([[step, nesting]], wrap[step](nesting.bytes)));
  const zipped = fc
    .tuple(members, fc.array(fc.constantFrom(0, 8), { minLength: 3, maxLength: 3 }))
    .map(([all, methods]) =>
      inArchive(all, rawZip({ members: all.map(([name, { bytes }], index) => ({ name, data: bytes, method: methods[index] })) })),
    );
  const tarred = members.map((all) => inArchive(all, tar(directory('d'), ...all.map(([name, { bytes }]) => file(name, bytes)))));
  return fc.oneof(
    { weight: 1, arbitrary: leaf },
    { weight: 2, arbitrary: packed },
    { weight: 3, arbitrary: zipped },
    { weight: 2, arbitrary: tarred },
  );
}
