// What unpacking needs of an entry and its model leaves out: numbers of devices, the length of a sparse file, extended attributes.
// Read from the header blocks and PAX records in the order in which the walk hands them out.
import type { Entry } from '../../model/entry.ts';
import { isExtendedHeader } from '../../tar/extended.ts';
import { number, parseHeader } from '../../tar/header.ts';
import { parsePax } from '../../tar/pax.ts';

export interface DeviceNumbers {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
}

/** Numbers that cannot be read are 0. */
export function deviceNumbers(metadata: readonly Uint8Array[]): DeviceNumbers {
  const { block } = partsOf(metadata);
  const type = block?.[156] === 0x34 ? 'b' : 'c';
  return { type, major: block === undefined ? 0 : (number(block, 329, 8) ?? 0), minor: block === undefined ? 0 : (number(block, 337, 8) ?? 0) };
}

/** Bytes of the unpacked file, its holes included; undefined where the entry is not sparse or does not say it, NaN where it cannot be read. */
export function sparseLength(entry: Entry, metadata: readonly Uint8Array[]): number | undefined {
  if (entry.isSparse !== true) return undefined;
  const { block, pax } = partsOf(metadata);
  const text = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size');
  const isOld = text === undefined && block !== undefined && parseHeader(block).type === 'S';
  if (text === undefined && !isOld) return undefined;
  const length = isOld ? (number(block, 483, 12) ?? NaN) : Number(text);
  return Number.isSafeInteger(length) && length >= 0 ? length : NaN;
}

const attributePrefix = 'SCHILY.xattr.';

/** Names and values as latin1, one character a byte; undefined when there are none. */
export function extendedAttributes(metadata: readonly Uint8Array[]): ReadonlyMap<string, string> | undefined {
  // Ordinary entries have one header block and nothing else.
  if (metadata.length < 2) return undefined;
  const found = [...partsOf(metadata).pax].filter(([key]) => key.startsWith(attributePrefix));
  return found.length === 0 ? undefined : new Map(found.map(([key, value]) => [key.slice(attributePrefix.length), value]));
}

interface Parts {
  readonly block: Buffer | undefined;
  readonly pax: ReadonlyMap<string, string>;
}

/** The entry's own header block, and the PAX records that hold for it: those of the last extended header. */
function partsOf(metadata: readonly Uint8Array[]): Parts {
  let pax: ReadonlyMap<string, string> = new Map();
  for (let i = 0; i < metadata.length; i++) {
    const block = asBuffer(metadata[i]);
    const type = block.toString('latin1', 156, 157);
    if (!isExtendedHeader(type)) return { block, pax };
    const body = metadata[++i];
    if ((type === 'x' || type === 'X') && body !== undefined) pax = parsePax(asBuffer(body)).records;
  }
  return { block: undefined, pax };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
