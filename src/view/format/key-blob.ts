// Private keys in one block: DER, the form of Microsoft's CryptoAPI (strong name keys of .NET), and PVK files.
import type { Gathered } from './content.ts';
import { privateKeyFormOf } from './private-key-info.ts';

/** The largest keys in use, RSA of 16,384 bits, take 9 KiB. */
export const largestKey = 16_384;
const privateBlob = Buffer.from([0x07, 0x02, 0x00, 0x00, 0x00]);

/** PRIVATEKEYBLOB, version 2, an RSA key for signing (24) or exchange (a4), and `RSA2`. */
export function isCapiKey(head: Buffer): boolean {
  const isRsa = head[5] === 0x24 || head[5] === 0xa4;
  return head.subarray(0, 5).equals(privateBlob) && isRsa && head[6] === 0 && head[7] === 0 && head.toString('latin1', 8, 12) === 'RSA2';
}

export function readCapiKey(file: Buffer, gathered: Gathered): void {
  const bits = file.length >= 16 ? file.readUInt32LE(12) : 0;
  // Nine sixteenths of a byte for each bit of the modulus, behind 20 bytes: anything shorter is cut off.
  if (bits < 384 || bits > 16_384 || file.length < 20 + (bits * 9) / 16) return;
  gathered.find({ kind: 'capi-private-key', start: 0, end: file.length, proved: [`private key (RSA, ${bits} bits)`, 'not encrypted'] });
}

/** A header of 24 bytes, perhaps a salt, and the block as above, which may be encrypted from its ninth byte on. */
export function readPvk(file: Buffer, gathered: Gathered): void {
  if (file.length < 24) return;
  const isEncrypted = file.readUInt32LE(12) !== 0;
  const [salt, length] = [file.readUInt32LE(16), file.readUInt32LE(20)];
  if (24 + salt + length > file.length || length < 64) return;
  gathered.find({
    kind: 'capi-private-key',
    start: 0,
    end: file.length,
    proved: ['private key (PVK)', isEncrypted ? 'encrypted' : 'not encrypted'],
    severity: isEncrypted ? 'medium' : 'critical',
  });
}

export function readDerKey(file: Buffer, gathered: Gathered): void {
  const form = file.length > largestKey ? undefined : privateKeyFormOf(file);
  if (form === undefined) return;
  gathered.find({
    kind: 'der-private-key',
    start: 0,
    end: file.length,
    proved: [form.isEncrypted ? 'private key, encrypted' : `private key (${form.algorithm})`, ...(form.isEncrypted ? [] : ['not encrypted'])],
    severity: form.isEncrypted ? 'medium' : 'critical',
    confidence: 'high',
  });
}
