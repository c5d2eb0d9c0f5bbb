// Memory that is lent, for tests of those who are lent it: as soon as the next bytes are asked for, the last ones are no more.
import { Inflate } from '../../src/core/inflate.ts';
import { ZstdDecoder } from '../../src/tar/zstd-decoder.ts';

const gone = 0xff;

/** The bytes in pieces of this length, each in the same memory, which holds nothing of a piece any more when the next one is asked for. */
export async function* lent(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  const room = Buffer.alloc(length);
  for (let at = 0; at < bytes.length; at += length) {
    const piece = bytes.subarray(at, at + length);
    room.set(piece);
    try {
      yield room.subarray(0, piece.length);
    } finally {
      room.fill(gone);
    }
  }
}

/** Does the work while decompressors give their output in pieces of this length at most, and overwrite each that they lend. */
export async function whileOverwriting<T>(length: number, work: () => Promise<T>): Promise<T> {
  const inflate = Inflate.prototype.write;
  const { write, end, close } = ZstdDecoder.prototype;
  const ends = new WeakMap<ZstdDecoder, Buffer>();
  Inflate.prototype.write = function* (bytes) {
    for (const chunk of inflate.call(this, bytes)) yield* overwritten(chunk, length);
  };
  ZstdDecoder.prototype.write = function* (bytes, isBorrowing) {
    for (const chunk of write.call(this, bytes, isBorrowing)) {
      if (isBorrowing) yield* overwritten(chunk, length);
      else for (let at = 0; at < chunk.length; at += length) yield Buffer.from(chunk.subarray(at, at + length));
    }
  };
  ZstdDecoder.prototype.end = function (isBorrowing) {
    const rest = Buffer.from(end.call(this, isBorrowing));
    if (isBorrowing) ends.set(this, rest);
    return rest;
  };
  ZstdDecoder.prototype.close = function (isKept) {
    ends.get(this)?.fill(gone);
    close.call(this, isKept);
  };
  try {
    return await work();
  } finally {
    Inflate.prototype.write = inflate;
    Object.assign(ZstdDecoder.prototype, { write, end, close });
  }
}

function* overwritten(chunk: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += length) {
    const piece = Buffer.from(chunk.subarray(at, at + length));
    try {
      yield piece;
    } finally {
      piece.fill(gone);
    }
  }
}
