// Writes packs of git and deltas, byte for byte.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** The name of an object. */
export function objectName(type: string, content: Buffer | string): string {
  return createHash('sha1')
    .update(`${type} ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');
}

/** Seven bits a byte, the lowest first. */
function sizeBytes(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    if (rest < 128) return Buffer.from(bytes);
  }
}

/** The head of an object in a pack: 3 a blob, 6 a delta by offset, 7 a delta by name. */
export function packHead(code: number, size: number): Buffer {
  const rest = Math.floor(size / 16);
  const first = (code << 4) | (size % 16);
  return rest === 0 ? Buffer.from([first]) : Buffer.concat([Buffer.from([first | 0x80]), sizeBytes(rest)]);
}

export function blobObject(content: Buffer): Buffer {
  return Buffer.concat([packHead(3, content.length), deflateSync(content)]);
}

export function nameDelta(base: string, delta: Buffer): Buffer {
  return Buffer.concat([packHead(7, delta.length), Buffer.from(base, 'hex'), deflateSync(delta)]);
}

export function pack(objects: readonly Buffer[], count = objects.length): Buffer {
  const counted = Buffer.alloc(4);
  counted.writeUInt32BE(count);
  const body = Buffer.concat([Buffer.from('PACK\0\0\0\x02'), counted, ...objects]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Copies the first `length` bytes of its base (at most 0xffffff) again and again, then adds a little. */
export function repetition(baseSize: number, length: number, times: number, added: string, resultSize = length * times + added.length): Buffer {
  const copy = Buffer.from([0x80 | 0x10 | 0x20 | 0x40, length & 0xff, (length >> 8) & 0xff, length >> 16]);
  return Buffer.concat([
    sizeBytes(baseSize),
    sizeBytes(resultSize),
    ...Array.from({ length: times }, () => copy),
    Buffer.from([added.length]),
    Buffer.from(added),
  ]);
}
