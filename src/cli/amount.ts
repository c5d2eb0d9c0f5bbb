// The values of flags as a time and as a size.
import { InvalidArgumentError } from 'commander';

const milliseconds: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const bytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** In milliseconds: `7d`, `36h`, `90m`. */
export function timeSpan(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('It is not a time such as 36h, 7d or 4w.');
  return Number(count) * milliseconds[unit];
}

/** In bytes: `500MB`, `1.5GiB`, `0`. */
export function byteSize(text: string): number {
  const [, count, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([a-z]*)$/i.exec(text) ?? [];
  const each = bytes[unit.toLowerCase()];
  if (count === undefined || each === undefined) throw new InvalidArgumentError('It is not a size such as 500MB or 1GiB.');
  return Math.floor(Number(count) * each);
}
