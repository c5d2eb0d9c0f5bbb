// Reports of whole images, masked and not judged: a scan of the same image with the same rules loads no rules and reads 8 KiB of each layer.
// A report stands for what an archive holds to the last byte beside its layers, and for layers with these digests, sizes and samples.
import { createHash } from 'node:crypto';
import type { Digest } from '../../model/digest.ts';
import type { Image, LooseBlob, MetadataDocument, OpenedStore } from '../../model/image.ts';
import type { ScannedStore } from '../scan.ts';
import type { CacheFolder } from './cache-folder.ts';
import { cacheKey, type ScanTerms } from './cache-key.ts';
import { claimedDigest } from './claimed-digest.ts';
import { bytesOfReport, reportIn, type UnjudgedReport } from './kept-report.ts';
import { keyOf, seal, unseal } from './sealed.ts';

/** To be counted up with every change of what is written. */
const form = 1;
/** Of blobs that are no layers: with more, hashing them takes longer than what is won. */
const mostLooseBytes = 16 * 2 ** 20;

/** A store and what it is called in its report. */
export interface ReportSubject {
  readonly store: OpenedStore;
  readonly reference: string;
}

/** What the report of a store is found by and sealed with. */
interface Identity {
  readonly name: string;
  readonly seal: Buffer;
}

export class ReportCache {
  readonly #folder: CacheFolder;
  readonly #terms: ScanTerms;

  constructor(folder: CacheFolder, terms: ScanTerms) {
    this.#folder = folder;
    this.#terms = terms;
  }

  /** The report as an earlier scan gave it, its secrets without values, and its times those of that scan. */
  async get(subject: ReportSubject): Promise<UnjudgedReport | undefined> {
    const identity = await this.#identityOf(subject);
    const sealed = identity && (await this.#folder.read('report', identity.name));
    if (identity === undefined || sealed === undefined) return undefined;
    try {
      return await reportIn(unseal(sealed, identity.seal));
    } catch {
      // Sealed for other bytes, or not by us: the image is scanned.
      return undefined;
    }
  }

  /** Keeps the report of a scan of this store, if it may be kept, and every layer of it has the digest that it is told by. */
  async put(subject: ReportSubject, scanned: Pick<ScannedStore, 'report' | 'holdsValue' | 'layers'>): Promise<void> {
    const layers = subject.store.images.flatMap((image) => image.layers);
    if (layers.some((layer) => scanned.layers.get(layer.key)?.digest !== claimedDigest(layer))) return;
    const bytes = await bytesOfReport(scanned);
    const identity = bytes && (await this.#identityOf(subject));
    if (bytes !== undefined && identity !== undefined) await this.#folder.write('report', identity.name, seal(bytes, identity.seal));
  }

  /** Undefined: the store cannot be told from another without reading more than is worth it. */
  async #identityOf({ store, reference }: ReportSubject): Promise<Identity | undefined> {
    const loose = [...store.loose, ...store.images.flatMap(({ attached }) => attached)];
    if (store.problem !== undefined || loose.reduce((sum, { blob }) => sum + blob.size, 0) > mostLooseBytes) return undefined;
    const samples = createHash('sha256').update('unbake sealed report\n');
    try {
      for (const layer of new Map(store.images.flatMap(({ layers }) => layers.map((each) => [each.key, each]))).values()) {
        const digest = claimedDigest(layer);
        if (digest === undefined) return undefined;
        samples.update(await keyOf(digest, layer.blob));
      }
      const { form: storeForm, documents, skipped, notices } = store;
      const whole = [
        reference,
        storeForm,
        await Promise.all(store.images.map(identityOfImage)),
        documents.map(identityOfDocument),
        await Promise.all(store.loose.map(identityOfLoose)),
        skipped,
        notices,
      ];
      return { name: cacheKey(form, [JSON.stringify(whole)], this.#terms), seal: samples.digest() };
    } catch {
      // What cannot be read is for the scan to tell.
      return undefined;
    }
  }
}

async function identityOfImage({ layers, documents, attached, ...rest }: Image): Promise<unknown> {
  return [
    rest,
    layers.map(({ blob, ...layer }) => [layer, blob.size]),
    documents.map(identityOfDocument),
    await Promise.all(attached.map(identityOfLoose)),
  ];
}

function identityOfDocument({ name, digest }: MetadataDocument): readonly [name: string, digest: Digest] {
  return [name, digest];
}

async function identityOfLoose({ name, blob, isFragment }: LooseBlob): Promise<unknown> {
  const hash = createHash('sha256');
  for await (const chunk of blob.open()) hash.update(chunk);
  return [name, isFragment === true, hash.digest('hex')];
}
