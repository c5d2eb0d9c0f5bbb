// What a scan of one image found, masked and not judged: at the next start of the image it is judged anew, and nothing of it is read.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Digest } from '../../model/digest.ts';
import type { Finding, Place } from '../../model/finding.ts';
import type { Report, SkipReason } from '../../model/report.ts';
import { Secret } from '../../model/secret.ts';
import type { ScannedStore } from '../scan.ts';
import type { CacheFolder } from './cache-folder.ts';
import { cacheKey, type ScanTerms } from './cache-key.ts';

export type UnjudgedReport = Omit<Report, 'verdict'>;

/** The image that a verdict is about. */
export interface VerdictSubject {
  readonly manifestDigest: Digest;
  readonly configDigest: Digest;
}

/** A finding as it is written: the mask in place of the secret. */
type KeptFinding = Omit<Finding, 'secret'> & { readonly secret: string };
type KeptVerdict = Omit<UnjudgedReport, 'findings'> & { readonly findings: readonly KeptFinding[] };

/** To be counted up with every change of what is written. */
const form = 1;
const passing: readonly SkipReason[] = ['rule-failed', 'missing', 'mismatch'];
/** An image with more is refused anyway, and takes long to tell of. */
const mostFindings = 50_000;
const maxOutputLength = 256 * 2 ** 20;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export class VerdictCache {
  readonly #folder: CacheFolder;
  readonly #terms: ScanTerms;

  constructor(folder: CacheFolder, terms: ScanTerms) {
    this.#folder = folder;
    this.#terms = terms;
  }

  /** The report as the scan gave it, its secrets without values. */
  async get(subject: VerdictSubject): Promise<UnjudgedReport | undefined> {
    const bytes = await this.#folder.read('verdict', this.#keyOf(subject));
    if (bytes === undefined) return undefined;
    try {
      const kept = JSON.parse((await decompress(bytes, { maxOutputLength })).toString()) as KeptVerdict;
      if (kept.images[0]?.manifestDigest !== subject.manifestDigest) return undefined;
      return { ...kept, findings: kept.findings.map((finding) => ({ ...finding, secret: maskedSecret(finding) })) };
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps the report of a scan of this image alone. Its texts are masked; should one hold a value all the same (its printed form, say),
   * it is not kept. Nor is what another run may not repeat: a rule that was ended, a blob that is not there.
   */
  async put(subject: VerdictSubject, { report, holdsValue }: Pick<ScannedStore, 'report' | 'holdsValue'>): Promise<void> {
    if (report.findings.length + report.skipped.length + report.notices.length > mostFindings) return;
    if (report.skipped.some(({ reason }) => passing.includes(reason)) || textsOf(report).some(holdsValue)) return;
    const text = Buffer.from(JSON.stringify(report));
    if (text.length <= maxOutputLength) await this.#folder.write('verdict', this.#keyOf(subject), await compress(text));
  }

  #keyOf({ manifestDigest, configDigest }: VerdictSubject): string {
    return cacheKey(form, [manifestDigest, configDigest], this.#terms);
  }
}

function maskedSecret({ secret, secretId }: KeptFinding): Secret {
  if (typeof secret !== 'string' || typeof secretId !== 'string') throw new RangeError('a finding without a secret');
  return new Secret({ mask: secret, identity: secretId });
}

/** All that was written by strangers. */
function textsOf({ reference, images, findings, skipped, notices }: UnjudgedReport): string[] {
  return [
    reference,
    ...images.flatMap(({ name, tags, layers }) => [name, ...tags, ...layers.flatMap(({ createdBy, mediaType }) => [createdBy ?? '', mediaType])]),
    ...findings.flatMap(({ place, fate, createdBy, alsoAt }) => [
      textOf(place),
      createdBy ?? '',
      ...[fate, ...alsoAt.map((other) => other.fate)].map((one) => ('byInstruction' in one ? (one.byInstruction ?? '') : '')),
      ...alsoAt.map(({ path }) => path),
    ]),
    ...[...skipped, ...notices].flatMap(({ place, detail }) => [place, detail]),
  ];
}

function textOf(place: Place): string {
  return 'path' in place ? place.path : 'pointer' in place ? place.pointer : place.what;
}
