// By which part of it each keyword is found. The search looks at four bytes at every other place; so a keyword needs two such windows,
// one for when it begins at an even place and one for an odd place, and may have any of those that stand in it.
import type { SieveKeyword } from './sieve-keyword.ts';
import { shareOfWindows } from './window-rarity.ts';

export interface WindowChoice {
  /** By the hash of a window: 0; 2 when the three bytes of a bucket may begin with it; 4 when they may also begin one byte behind. */
  readonly windows: Uint8Array;
  /** Where in each keyword the three bytes stand that it is looked up by, when it begins at an even and at an odd place. */
  readonly even: Uint8Array;
  readonly odd: Uint8Array;
}

/** A window stands at most this many bytes behind the beginning of its keyword. */
const farthest = 6;
/** What an entry of the table of windows costs, in windows that are met in vain: it is met by chance too. */
const entryShare = 0.6 / 65536;
/** What each keyword costs that has the same three bytes: such bytes are common in texts as well, and each comparison takes time. */
const keywordShare = 2e-6;

/** Chooses the windows that cost least, the shortest keywords first, as they have no choice. */
export function chooseWindows(keywords: readonly SieveKeyword[]): WindowChoice {
  const windows = new Uint8Array(65536);
  const even = new Uint8Array(keywords.length);
  const odd = new Uint8Array(keywords.length);
  const sharing = new Uint32Array(32768);
  for (const { bytes } of keywords) for (let at = 0; at + 3 <= bytes.length; at++) sharing[headOf(bytes, at)]++;
  const byLength = Array.from(keywords.keys()).sort((a, b) => keywords[a].bytes.length - keywords[b].bytes.length);
  for (const id of byLength) {
    even[id] = choose(windows, sharing, keywords[id].bytes, 0);
    odd[id] = choose(windows, sharing, keywords[id].bytes, -1);
  }
  return { windows, even, odd };
}

/** As `headOf` of assembly/sieve.ts has it. */
export function headOf(bytes: Uint8Array, at: number): number {
  const folded = ((bytes[at] | 0x20) << 8) | ((bytes[at + 1] | 0x20) << 16) | ((bytes[at + 2] | 0x20) << 24);
  return Math.imul(folded, 0x9e3779b1) >>> 17;
}

/** Marks the cheapest window at every other place from `first` on, and gives where the three bytes stand that are looked up behind it. */
function choose(windows: Uint8Array, sharing: Uint32Array, bytes: Uint8Array, first: 0 | -1): number {
  let chosen = 0;
  let least = Infinity;
  const last = Math.min(farthest, bytes.length - 3);
  for (let at: number = first; at <= last; at += 2) {
    const added = unmarked(windows, bytes, at);
    const share = added === 0 ? 0 : shareOf(bytes, at);
    const cost = share + added * entryShare + sharing[headOf(bytes, Math.max(0, at))] * keywordShare;
    if (cost >= least) continue;
    least = cost;
    chosen = at;
  }
  unmarked(windows, bytes, chosen, chosen < 0 ? 4 : 2);
  return Math.max(0, chosen);
}

function shareOf(bytes: Uint8Array, at: number): number {
  return shareOfWindows(at < 0 ? undefined : bytes[at], bytes[at + 1], bytes[at + 2], at + 3 < bytes.length ? bytes[at + 3] : undefined);
}

/** How many windows with the keyword's bytes from `at` on, and any byte outside of it, are not marked yet. Marks them with `mark`. */
function unmarked(windows: Uint8Array, bytes: Uint8Array, at: number, mark = 0): number {
  const isFirstFree = at < 0;
  const isLastFree = at + 3 >= bytes.length;
  let count = 0;
  for (let first = isFirstFree ? 0 : bytes[at] & 7, firsts = isFirstFree ? 8 : 1; firsts > 0; firsts--, first++) {
    for (let last = isLastFree ? 0 : bytes[at + 3] & 7, lasts = isLastFree ? 8 : 1; lasts > 0; lasts--, last++) {
      const window = windowOf(first, bytes[at + 1], bytes[at + 2], last);
      if (windows[window] === 0) count++;
      if (windows[window] < mark) windows[window] = mark;
    }
  }
  return count;
}

/** As `sift` of assembly/sieve.ts has it; of the first and the last byte the lowest three bits. */
function windowOf(first: number, second: number, third: number, last: number): number {
  return (Math.imul(first | ((second | 0x20) << 8), 0x66fb) + Math.imul(third | 0x20 | (last << 8), 0xc5a5)) & 0xffff;
}
