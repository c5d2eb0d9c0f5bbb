// Walks into containers and rewrites them, and writes down what was shown and told.
import assert from 'node:assert/strict';
import { type Blob, blobOf, bytesOf } from '../../../src/model/blob.ts';
import type { SkipReason } from '../../../src/model/report.ts';
import {
  headLength,
  type NestedDocument,
  type NestedKind,
  nestedKindOf,
  type NestedLimits,
  type NestedReading,
  readNested,
} from '../../../src/view/nested/nested.ts';
import { rewriteNested } from '../../../src/view/nested/rewrite.ts';
import { whileOverwriting } from '../../support/lent.ts';

/** Less than the head that is looked at, and no divisor of a block. */
const pieceLength = 300;
/** What is larger is walked through only once. */
const longestTwice = 4 * 2 ** 20;
const mostTwice = 1000;

export interface Told {
  readonly way: string;
  readonly reason: SkipReason;
  readonly detail: string;
  readonly limit: string | undefined;
}

export interface Walked {
  /** Documents by their way, its steps joined by ` > `. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** What is said of them beside their bytes, in the same order. */
  readonly descriptions: readonly Description[];
  readonly told: readonly Told[];
}

export type Description = Pick<NestedDocument, 'name' | 'size' | 'git'> & { readonly way: string };

export const generous: NestedLimits = { depth: 16, bytes: 2 ** 31, ratio: 100_000 };

/** In memory; the bytes are copied, so that nobody keeps a buffer that is used again. */
export async function hold(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return blobOf(Buffer.concat(copies));
}

/** Gives its bytes in chunks of this length. */
export function inChunks(bytes: Buffer, length: number): Blob {
  return {
    size: bytes.length,
    async *open(start = 0) {
      for (let at = start; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
    },
  };
}

export function kindOf(bytes: Buffer): NestedKind {
  const kind = nestedKindOf(bytes.subarray(0, headLength));
  assert.ok(kind, 'these bytes are no container');
  return kind;
}

/** The same must come out when all that may be lent is lent, and overwritten. */
export async function walked(
  bytes: Buffer | Blob,
  limits: Partial<NestedLimits> = {},
  kind?: NestedKind,
  reading: Partial<NestedReading> = {},
): Promise<Walked> {
  const walk = await walkedOnce(bytes, limits, kind, reading);
  const size = [...walk.documents.values()].reduce((sum, { length }) => sum + length, 0);
  const isPure = reading.hold === undefined && reading.signal === undefined;
  if (isPure && size < longestTwice && walk.documents.size < mostTwice) {
    // In the same pieces both times: with damage, what is told first depends on how the bytes are cut.
    const inPieces = (each: Partial<NestedReading>) => whileOverwriting(pieceLength, () => walkedOnce(bytes, limits, kind, each));
    const kept = await inPieces(reading);
    assert.deepEqual(await inPieces({ ...reading, isBorrowing: true }), kept);
  }
  return walk;
}

async function walkedOnce(
  bytes: Buffer | Blob,
  limits: Partial<NestedLimits>,
  kind: NestedKind | undefined,
  reading: Partial<NestedReading>,
): Promise<Walked> {
  const blob = Buffer.isBuffer(bytes) ? blobOf(bytes) : bytes;
  const documents = new Map<string, Buffer>();
  const descriptions: Description[] = [];
  const told: Told[] = [];
  let isOpen = false;
  await readNested(
    blob,
    kind ?? kindOf(await bytesOf(blob)),
    async (document) => {
      assert.ok(!isOpen, 'two documents at a time');
      isOpen = true;
      const way = document.way.join(' > ');
      assert.ok(!documents.has(way), `two documents at ${way}`);
      const chunks: Buffer[] = [];
      for await (const chunk of document.bytes) chunks.push(Buffer.from(chunk));
      documents.set(way, Buffer.concat(chunks));
      const { name, size, git } = document;
      descriptions.push({ way, name, ...(size === undefined ? {} : { size }), ...(git === undefined ? {} : { git }) });
      isOpen = false;
    },
    {
      hold,
      limits: { ...generous, ...limits },
      skipped: (way, reason, detail, limit) => told.push({ way: way.join(' > '), reason, detail, limit }),
      ...reading,
    },
  );
  return { documents, descriptions, told };
}

/** As `walked`, with members apart. */
export function walkedApart(bytes: Buffer | Blob, limits: Partial<NestedLimits> = {}, name = 'x', kind?: NestedKind): Promise<Walked> {
  return walked(bytes, limits, kind, { members: 'apart', name });
}

/** What is shown with members apart, with nothing told; without what stands beside the members. */
export async function apartOf(bytes: Buffer | Blob, name?: string): Promise<ReadonlyMap<string, Buffer>> {
  const { documents, told } = await walkedApart(bytes, {}, name);
  assert.deepEqual(told, []);
  return new Map([...documents].filter(([way]) => !way.endsWith(' headers')));
}

/** What is shown, with nothing told. */
export async function documentsOf(bytes: Buffer | Blob): Promise<ReadonlyMap<string, Buffer>> {
  const { documents, told } = await walked(bytes);
  assert.deepEqual(told, []);
  return documents;
}

/** Writes crosses over every place where the text stands. */
export function crossedOut(text: string): (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  return async function* (bytes) {
    const whole = await bytesOf(await hold(bytes));
    for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + 1)) whole.fill('x', at, at + text.length);
    yield whole;
  };
}

export interface Rewritten {
  /** Ways, joined by ` > `; '' for the plain bytes of the file. */
  readonly touched: ReadonlySet<string> | readonly string[];
  readonly transform?: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  readonly limits?: Partial<NestedLimits>;
}

export async function tryRewriting(bytes: Buffer, { touched, transform, limits }: Rewritten): Promise<{ bytes: Buffer } | { cannot: string }> {
  const ways = new Set(touched);
  const result = await rewriteNested(blobOf(bytes), kindOf(bytes), {
    hold,
    limits: { ...generous, ...limits },
    skipped: () => assert.fail('a rewrite tells nothing of what cannot be read'),
    isTouched: (way) => ways.has(way.join(' > ')),
    transform: transform ?? ((chunks) => chunks),
  });
  return 'cannot' in result ? result : { bytes: await bytesOf(result.blob) };
}

export async function rewritten(bytes: Buffer, how: Rewritten): Promise<Buffer> {
  const result = await tryRewriting(bytes, how);
  if ('cannot' in result) assert.fail(result.cannot);
  return result.bytes;
}

export async function whyNot(bytes: Buffer, how: Rewritten): Promise<string> {
  const result = await tryRewriting(bytes, how);
  assert.ok('cannot' in result, 'it was rewritten');
  return result.cannot;
}

/** Documents without the text, those that had it crossed out. */
export function assertOnlyCrossedOut(before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>, text: string): void {
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [way, bytes] of before) {
    // A container inside has another form than before, and the same documents.
    if (nestedKindOf(bytes.subarray(0, headLength)) !== undefined) continue;
    const expected = Buffer.from(bytes.toString('latin1').replaceAll(text, 'x'.repeat(text.length)), 'latin1');
    assert.ok(after.get(way)!.equals(expected), `the document ${way}`);
  }
}
