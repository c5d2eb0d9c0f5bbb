// The first bytes of a stream, looked at before the stream is handed on. The source may use a chunk's memory again for the next one.

export interface Peeked {
  /** The first bytes, in memory of their own: as many as were asked for, fewer only when the stream has no more. */
  readonly head: Buffer;
  /** The whole stream, its head included. It can be left in the middle and gone on with; `return` gives its source back. */
  readonly bytes: AsyncIterableIterator<Uint8Array> & { return(): Promise<IteratorResult<Uint8Array>> };
}

export async function peeked(source: AsyncIterable<Uint8Array>, length: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const ready: Uint8Array[] = [];
  let seen = 0;
  while (seen < length) {
    const last = ready.length - 1;
    if (last >= 0) ready[last] = Buffer.from(ready[last]);
    const { done, value } = await iterator.next();
    if (done) break;
    ready.push(value);
    seen += value.length;
  }
  const head = Buffer.concat(ready, Math.min(seen, length));
  const bytes: Peeked['bytes'] = {
    [Symbol.asyncIterator]: () => bytes,
    next: async () => {
      const value = ready.shift();
      return value === undefined ? iterator.next() : { done: false, value };
    },
    return: async () => {
      ready.length = 0;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { head, bytes };
}
