// The first bytes of a stream, looked at before the stream is handed on.

export interface Peeked {
  /** The first bytes: as many as were asked for, fewer only when the stream has no more. */
  readonly head: Buffer;
  /** The whole stream, its head included. It can be left in the middle and gone on with; `return` gives its source back. */
  readonly bytes: AsyncIterableIterator<Uint8Array> & { return(): Promise<IteratorResult<Uint8Array>> };
}

export async function peeked(source: AsyncIterable<Uint8Array>, length: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const ready: Uint8Array[] = [];
  let seen = 0;
  while (seen < length) {
    const { done, value } = await iterator.next();
    if (done) break;
    ready.push(value);
    seen += value.length;
  }
  const head = ready.length === 1 ? Buffer.from(ready[0].buffer, ready[0].byteOffset, ready[0].byteLength) : Buffer.concat(ready);
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
  return { head: head.subarray(0, length), bytes };
}
