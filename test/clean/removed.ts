// Values to remove, for the tests of what looks for them and writes over them.
import { Secret } from '../../src/model/secret.ts';
import type { RemovedValue } from '../../src/clean/values/removed-value.ts';

export function removed(text: string, changes: Partial<RemovedValue> = {}): RemovedValue {
  return { id: `s-${text.slice(0, 4)}`, secret: new Secret(text), findings: ['f1'], ruleIds: ['rule'], isTelling: true, isGuess: false, ...changes };
}

export function removedAll(...texts: readonly string[]): readonly RemovedValue[] {
  return texts.map((text, index) => removed(text, { id: `s${index + 1}` }));
}

/** The bytes in pieces of these lengths, over and over. */
export function* pieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const length = Math.max(1, lengths[index % lengths.length] ?? bytes.length);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

export async function* streamed(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  yield* pieces(bytes, lengths);
}

export async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}
