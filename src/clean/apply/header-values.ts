// Takes values out of what stands before the body of an entry: names, link targets, attributes. As long as before, and with every number
// as it was: of the header only the checksum changes.
import { withChecksums } from '../../tar/entry-metadata.ts';
import { metadataParts } from '../../tar/metadata-parts.ts';
import { Hunt } from '../values/hunt.ts';
import { fill } from '../values/redact.ts';
import { plainBytes, plainRanges, type RemovedValue } from '../values/removed-value.ts';

/** Names and attributes with the values written over: telling ones in every form, others as they are. */
export function withoutValues(metadata: Buffer, values: readonly RemovedValue[]): Buffer {
  const result = Buffer.from(metadata);
  for (const { start, end, encoding, value } of new Hunt(values).in(metadata)) {
    fill(result, start, end, encoding);
    if (encoding === 'raw') number(result, start, end, value);
  }
  for (const value of values) {
    if (!value.isTelling)
      for (const { start, end } of plainRanges(value, result)) {
        fill(result, start, end, 'raw');
        number(result, start, end, value);
      }
  }
  fillCutNames(result, values);
  restoreNumbers(result, metadata);
  return withChecksums(result);
}

/** Two files that only their values told apart must not get the same name: all but the first value end in their number. */
function number(bytes: Buffer, start: number, end: number, { id }: RemovedValue): void {
  const digits = id.replace(/\D+/g, '');
  if (digits !== '1' && digits.length <= (end - start) * mostDigits) bytes.write(digits, end - digits.length, 'latin1');
}

/** Less than what makes a value known as written over. */
const mostDigits = 0.35;
/** What a cut name may keep of a value. */
const shortestCut = 4;
const nameFields = [
  { at: 0, length: 100 },
  { at: 157, length: 100 },
];

/** The fields of a header hold the beginning of a long name, and of a value in it. */
function fillCutNames(metadata: Buffer, values: readonly RemovedValue[]): void {
  for (const part of metadataParts(metadata)) {
    if (part.kind !== 'extended' && part.kind !== 'header') continue;
    for (const { at, length } of nameFields) {
      const field = part.block.subarray(at, at + length);
      // Writers leave room for a NUL, or do not.
      const used = field.indexOf(0) < 0 ? length : field.indexOf(0);
      if (used < length - 1) continue;
      for (const value of values) {
        const bytes = plainBytes(value);
        for (let cut = Math.min(used, bytes.length - 1); cut >= shortestCut; cut--)
          if (field.compare(bytes, 0, cut, used - cut, used) === 0) fill(field, used - cut, used, 'raw');
      }
    }
  }
}

/** Mode, owner, size, time and type; the magic; the numbers of a device. */
const otherFields = [
  { at: 100, length: 57 },
  { at: 257, length: 8 },
  { at: 329, length: 16 },
];

/** A name that fills its field runs into the mode: a rule may take both for one value. */
function restoreNumbers(metadata: Buffer, original: Buffer): void {
  for (const part of metadataParts(original)) {
    if (part.kind !== 'extended' && part.kind !== 'header') continue;
    for (const { at, length } of otherFields) part.block.copy(metadata, part.start + at, at, at + length);
  }
}
