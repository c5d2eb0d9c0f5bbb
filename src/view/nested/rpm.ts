// An RPM package (rpm-packageformat(5)): a lead and two headers, then the payload, a compressed cpio archive.
import { packageHeaders } from './beside.ts';
import type { Descent } from './descent.ts';
import type { Blob } from '../../model/blob.ts';
import { headLength, nestedKindOf } from './kind.ts';
import { innerPlace, type Place } from './names.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import { unreadableKindOf } from './unreadable.ts';
import { Window } from './window.ts';

const leadSize = 96;
const headerMagic = Buffer.from([0x8e, 0xad, 0xe8]);

export async function readRpm(blob: Blob, place: Place, descent: Descent): Promise<void> {
  const window = new Window(blob);
  const signature = await headerEnd(window, leadSize);
  // Only the signature header is padded, to a multiple of eight.
  const payload = signature === undefined ? undefined : await headerEnd(window, Math.ceil(signature / 8) * 8);
  if (descent.isApart) await descent.plain(innerPlace(place, packageHeaders), rangeOf(blob, 0, payload ?? blob.size));
  if (payload === undefined) return descent.tell(place.way, 'damaged', 'the headers of the RPM package cannot be read');
  const head = await window.read(payload, headLength);
  const kind = nestedKindOf(head);
  if (kind !== undefined) return descent.inside(innerPlace(place, 'payload'), rangeOf(blob, payload, blob.size), kind);
  const format = unreadableKindOf(head)?.format;
  const detail = `the payload of the RPM package ${format === undefined ? 'has a compression that is not known here' : `is ${format}, which cannot be read here`}`;
  descent.tell(place.way, 'unsupported', detail);
}

/** Where a header structure ends: 16 bytes, then index entries of 16 bytes each, then the data that they point into. */
async function headerEnd(window: Window, start: number): Promise<number | undefined> {
  const intro = await window.read(start, 16);
  if (intro.length < 16 || !intro.subarray(0, 3).equals(headerMagic)) return undefined;
  const end = start + 16 + 16 * intro.readUInt32BE(8) + intro.readUInt32BE(12);
  return end <= window.size ? end : undefined;
}
