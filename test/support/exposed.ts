// Looks for values in what was written, by other means than unbake has: unpacked by tar, decompressed by zlib, searched byte for byte.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { tool } from './tool.ts';

/** The forms of a value: as it is, escaped as in JSON, and base64 at each of three offsets, without what its neighbours decide. */
function formsOf(value: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(`${'x'.repeat(shift)}${value.trim()}`)
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(shift === 0 ? 0 : 4, -3);
  });
  return [value.trim(), JSON.stringify(value.trim()).slice(1, -1), ...base64];
}

/** The names of those values that stand in the text, in any of these forms. */
export function exposedIn(text: string | Buffer, values: Readonly<Record<string, string>>): string[] {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
  return Object.keys(values).filter((name) => formsOf(values[name]!).some((form) => bytes.includes(form)));
}

function decompressed(bytes: Buffer): Buffer {
  if (bytes.length >= 4 && bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes);
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes);
  return bytes;
}

/** The names of those values that stand in an archive, compressed as a whole or not, or anywhere in a folder. Needs tar. */
export function exposedAt(path: string, values: Readonly<Record<string, string>>): string[] {
  if (statSync(path).isDirectory()) {
    const names = readdirSync(path).flatMap((name) => [...exposedIn(name, values), ...exposedAt(join(path, name), values)]);
    return [...new Set(names)].sort();
  }
  const bytes = decompressed(readFileSync(path));
  const isArchive = bytes.subarray(257, 262).toString() === 'ustar';
  const names = exposedIn(bytes, values);
  if (!isArchive || !/^(?:oci-layout|blobs\/|index\.json|manifest\.json|[0-9a-f]{64})/.test(bytes.subarray(0, 100).toString())) return names.sort();
  const folder = mkdtempSync(join(tmpdir(), 'unbake-test-unpacked-'));
  try {
    tool('tar', ['-x', '-C', folder, '-f', '-'], { input: bytes });
    return [...new Set([...names, ...exposedAt(folder, values)])].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
