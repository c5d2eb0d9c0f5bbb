// A compressed stream through `openCompressed`, and all that it said on the way.
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import type { Compression } from '../../src/tar/compression.ts';
import type { Decompressing } from '../../src/tar/aside.ts';
import { openCompressed } from '../../src/tar/decompress.ts';
import { chunksOf } from './recorded.ts';

export interface Decompressed {
  readonly compression: Compression;
  readonly output: Buffer;
  /** What was handed aside, pieces that follow each other joined. */
  readonly stray: readonly { readonly what: string; readonly offset: number; readonly text: string }[];
  readonly damage: readonly { readonly detail: string; readonly offset: number }[];
  readonly limits: readonly string[];
}

export async function decompressed(
  bytes: Buffer,
  chunkSizes: readonly number[] = [],
  limits: Limits = defaultLimits,
  decompressing?: Decompressing,
): Promise<Decompressed> {
  const stray: { what: string; offset: number; text: string; end: number }[] = [];
  const damage: { detail: string; offset: number }[] = [];
  const reached: string[] = [];
  const aside = {
    async stray(piece: Uint8Array, what: string, offset: number) {
      const text = Buffer.from(piece).toString('latin1');
      const last = stray.at(-1);
      if (last?.what === what && last.end === offset) {
        last.text += text;
        last.end += piece.length;
      } else stray.push({ what, offset, text, end: offset + piece.length });
    },
    damage: (detail: string, offset: number) => void damage.push({ detail, offset }),
    limit: (name: keyof Limits) => void reached.push(name),
  };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    // Readers may keep their chunks, so these are not wiped.
    for (const chunk of chunksOf(bytes, chunkSizes)) yield Buffer.from(chunk);
  }
  const opened = await openCompressed(chunks(), blobOf(bytes), aside, limits, decompressing);
  const output: Buffer[] = [];
  // Kept as they are: they are ours, unless they were borrowed.
  for await (const chunk of opened.bytes) output.push(decompressing?.isBorrowing ? Buffer.from(chunk) : (chunk as Buffer));
  return {
    compression: opened.compression,
    output: Buffer.concat(output),
    stray: stray.map(({ what, offset, text }) => ({ what, offset, text })),
    damage,
    limits: reached,
  };
}

/** Text that compresses about as well as a layer does, the same for the same seed. */
export function text(length: number, seed = 1): Buffer {
  const words: string[] = [];
  let state = seed >>> 0;
  for (let size = 0; size < length;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const word = state % 7 === 0 ? `${state.toString(36)}\n` : `${['alpha', 'beta', 'gamma', 'delta', 'the', 'of'][(state >>> 8) % 6]} `;
    words.push(word);
    size += word.length;
  }
  return Buffer.from(words.join('').slice(0, length));
}
