// `node bench/inflate-only.ts gzip|zstd FILE...`: the least that Node's own zlib needs to decompress files: its synchronous handle, without
// a stream, into one buffer that is used again and again. Prints the bytes that came out and the seconds, the start of Node left out.
import { closeSync, openSync, readSync } from 'node:fs';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';

interface Handle {
  writeSync(flush: number, from: Buffer, at: number, length: number, to: Buffer, toAt: number, toLength: number): void;
  close(): void;
}

/** What the streams of node:zlib keep to themselves. */
interface Inside {
  readonly _handle: Handle;
  /** Bytes that are left, of the room for output and of the input. */
  readonly _writeState: Uint32Array;
}

const chunkBytes = 256 * 1024;
const input = Buffer.allocUnsafeSlow(chunkBytes);
const output = Buffer.allocUnsafeSlow(chunkBytes);
const [kind, ...files] = process.argv.slice(2);
const noFlush = kind === 'zstd' ? constants.ZSTD_e_continue : constants.Z_NO_FLUSH;

const cpuBefore = process.cpuUsage();
const before = performance.now();
let bytes = 0;
for (const file of files) {
  const { _handle: handle, _writeState: left } = (kind === 'zstd' ? createZstdDecompress() : createGunzip()) as unknown as Inside;
  const descriptor = openSync(file, 'r');
  for (let read = 1; read > 0;) {
    read = readSync(descriptor, input, 0, chunkBytes, null);
    for (let at = 0, isFull = read > 0; isFull;) {
      handle.writeSync(noFlush, input, at, read - at, output, 0, chunkBytes);
      bytes += chunkBytes - left[0];
      at = read - left[1];
      isFull = left[0] === 0;
    }
  }
  closeSync(descriptor);
  handle.close();
}
const wall = (performance.now() - before) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(JSON.stringify({ bytes, wall, cpu: (user + system) / 1e6 }));
