// Every bound of a scan, in one place: what it guards against and what happens when it is reached. All can be set with --limit NAME=N.
import { UnbakeError } from './error.ts';

export interface Limits {
  /** Uncompressed bytes of one entry that rules look at; what lies beyond is listed as not read. */
  readonly entryBytes: number;
  /** Uncompressed bytes of one layer or archive. Guards the time a decompression bomb can take. */
  readonly layerBytes: number;
  /** Uncompressed bytes for each compressed one, asked once a stream has given more than a GiB. Zeros reach 1,030 in gzip and some 30,000 in zstd. */
  readonly expansionRatio: number;
  /** Bytes of a manifest, index or config that are parsed; registries refuse more than 4 MiB. */
  readonly manifestBytes: number;
  /** How deep indexes may stand in indexes. */
  readonly indexDepth: number;
  /** How deep JSON values may be nested. */
  readonly jsonDepth: number;
  /** Values in one JSON document: each takes memory, whatever its length. Configs have hundreds. */
  readonly jsonValues: number;
  /** Bytes of a PAX or GNU long-name record that are kept to be understood; longer ones are only searched. */
  readonly extendedHeaderBytes: number;
  /** How many containers may stand in each other inside of a file. */
  readonly nestedDepth: number;
  /** Decoded bytes of all that is inside of one file. */
  readonly nestedBytes: number;
  /** Decoded bytes for each stored one of a file, asked once more than 64 MiB were decoded. */
  readonly nestedRatio: number;
  /** Members of archives and objects of git inside of one file. */
  readonly nestedMembers: number;
  /** Findings of one layer or document that are kept. */
  readonly findings: number;
  /** Milliseconds that one rule may take over one window of text, which is of 32 KiB at most; most take none. What backtracks on and on is ended. */
  readonly ruleMilliseconds: number;
}

export const defaultLimits: Limits = {
  entryBytes: 64 * 2 ** 30,
  layerBytes: 256 * 2 ** 30,
  expansionRatio: 100_000,
  manifestBytes: 16 * 2 ** 20,
  indexDepth: 8,
  jsonDepth: 500,
  jsonValues: 200_000,
  extendedHeaderBytes: 2 ** 20,
  nestedDepth: 8,
  nestedBytes: 8 * 2 ** 30,
  nestedRatio: 2000,
  nestedMembers: 2 ** 20,
  findings: 100_000,
  ruleMilliseconds: 2000,
};

/** Reads `NAME=N` pairs over the defaults; N may end in k, M or G (1024 based). */
export function parseLimits(pairs: readonly string[]): Limits {
  const limits: Record<string, number> = { ...defaultLimits };
  for (const pair of pairs) {
    const match = /^([a-zA-Z]+)=(\d+)([kMG]?)$/.exec(pair);
    const name = match?.[1] ?? '';
    if (!match || !Object.hasOwn(defaultLimits, name)) {
      throw new UnbakeError('usage', `--limit ${pair} is not a limit`, {
        hint: `write NAME=N with one of ${Object.keys(defaultLimits).join(', ')}`,
      });
    }
    limits[name] = Number(match[2]) * { '': 1, k: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[3] as '' | 'k' | 'M' | 'G'];
  }
  return limits as unknown as Limits;
}
