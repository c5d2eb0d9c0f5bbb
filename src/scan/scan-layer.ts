// One layer blob to its LayerScan: decompressed, hashed on both sides, walked, searched. Everything that cannot be read is told.
import { createHash } from 'node:crypto';
import type { Blob } from '../model/blob.ts';
import { type Entry, printablePath, pathText } from '../model/entry.ts';
import type { Notice, Skipped, SkipReason } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import { Held } from '../store/held.ts';
import type { Aside } from '../tar/aside.ts';
import { Turns } from '../tar/turns.ts';
import { TarWalk, type TarSink } from '../tar/walk.ts';
import { Bodies } from './bodies.ts';
import { SeenCertificates } from './certificates.ts';
import type { Content } from './content.ts';
import { DocumentScanner, type DocumentSink } from './document-scanner.ts';
import { HeaderTexts } from './header-texts.ts';
import { Inside } from './inside.ts';
import { openHere, type OpenSource, type SourceTerms } from './layer-source.ts';
import type { LayerOrigin, LayerScan, LayerSighting } from './layer-scan.ts';
import { withoutNamedCopies } from './named-copies.ts';
import { withoutOuterCopies } from './outer-copies.ts';
import { OwnedBodies } from './owned/owned-bodies.ts';
import { readBodies } from './read-bodies.ts';
import { StrayText, wholeText } from './stray-text.ts';
import { attributeText } from './xattr.ts';

export interface LayerScanOptions extends SourceTerms {
  readonly ruleset: Ruleset;
  /** Reads and decompresses the blob; by default in this thread. */
  readonly open?: OpenSource;
}

export async function scanLayer(blob: Blob, options: LayerScanOptions): Promise<LayerScan> {
  const scan = new LayerScanning(options);
  const content = createHash('sha256');
  const turns = new Turns();
  const { compression, bytes, digest } = await (options.open ?? openHere)(blob, { ...options, isBorrowing: true }, scan.aside);
  let length = 0;
  try {
    for await (const chunk of bytes) {
      options.signal?.throwIfAborted();
      content.update(chunk);
      length += chunk.length;
      scan.walk.write(chunk);
      await scan.settle();
      await turns.take();
    }
    await scan.finish(blob);
  } finally {
    await scan.close();
  }
  return {
    digest: digest(),
    diffId: `sha256:${content.digest('hex')}`,
    size: blob.size,
    compression,
    isTar: scan.isTar,
    isWhole: !scan.isBroken,
    entries: scan.entries,
    sightings: scan.told(),
    certificates: scan.certificates.all,
    skipped: scan.skipped,
    notices: scan.notices,
    bytes: length,
    inside: scan.inside.counts,
  };
}

/** Bytes that are part of something else and never an archive of their own: searched as one text. */
export async function scanFragment(
  blob: Blob,
  options: LayerScanOptions,
): Promise<Pick<LayerScan, 'sightings' | 'skipped' | 'notices' | 'entries' | 'bytes' | 'inside'>> {
  const scan = new LayerScanning(options);
  let offset = 0;
  for await (const chunk of blob.open()) {
    await scan.aside.stray(chunk, wholeText, offset);
    offset += chunk.length;
  }
  await scan.finish();
  return { entries: [], sightings: scan.sightings, skipped: scan.skipped, notices: [], bytes: offset, inside: scan.inside.counts };
}

/** The state of one layer's scan, and where the walk and the decompressor tell what they see. */
class LayerScanning {
  readonly entries: Entry[] = [];
  readonly sightings: LayerSighting[] = [];
  readonly certificates = new SeenCertificates();
  readonly skipped: Skipped[] = [];
  readonly notices: Notice[] = [];
  readonly documents: DocumentScanner<LayerOrigin>;
  readonly inside: Inside;
  readonly owned = new OwnedBodies();
  readonly walk: TarWalk;
  readonly aside: Aside;
  isTar = true;
  /** The stream broke: the archive's own end tells nothing more. */
  isBroken = false;
  readonly #headers: HeaderTexts;
  readonly #stray: StrayText;
  /** Bytes beside the archive may come while a body is open: they have a scanner of their own. */
  readonly #besideDocuments: DocumentScanner<LayerOrigin>;
  readonly #beside: StrayText;
  readonly #bodies = new Bodies();
  readonly #options: LayerScanOptions;
  /** Indices of the entries in whose bodies something was found. */
  readonly #found = new Set<number>();
  #pendingBody: Entry | undefined;
  #isBodyOpen = false;
  /** The beginning of the open body, until it is known whether it is a container. */
  #unsearched: readonly { readonly bytes: Uint8Array; readonly offset: number }[] = [];

  constructor(options: LayerScanOptions) {
    const { ruleset, limits } = options;
    this.#options = options;
    const sink: DocumentSink<LayerOrigin> = {
      found: (sighting) => {
        this.sightings.push(sighting);
        if (sighting.origin.kind === 'body' || sighting.origin.kind === 'nested') this.#found.add(sighting.origin.entry.index);
      },
      certificate: (origin, certificate) => this.certificates.add(origin, certificate),
      failed: (origin, { ruleId, reason }, offset) => this.#skip('rule-failed', `${placeOf(origin)}, byte ${offset}`, `rule ${ruleId}: ${reason}`),
      limited: (origin, limit, detail, offset) => this.#skip('limit', `${placeOf(origin)}, byte ${offset}`, detail, limit),
    };
    this.documents = new DocumentScanner(ruleset, limits, sink);
    this.inside = new Inside(options, sink, (skipped) => this.skipped.push(skipped));
    this.#headers = new HeaderTexts(ruleset, this.documents);
    this.#stray = new StrayText(this.documents);
    this.#besideDocuments = new DocumentScanner(ruleset, limits, sink);
    this.#beside = new StrayText(this.#besideDocuments, true);
    this.walk = new TarWalk(this.#tarSink(), limits);
    this.aside = {
      stray: async (bytes, what, offset) => {
        this.#beside.write(bytes, what, offset);
        if (this.#besideDocuments.isFull) await this.#besideDocuments.settle();
      },
      damage: (detail, offset) => {
        this.isBroken = true;
        this.#skip('damaged', `compressed byte ${offset}`, `${detail}; ${this.#whereWalkStands()}`);
      },
      limit: (name, detail, offset) => {
        this.isBroken = true;
        this.#skip('limit', `compressed byte ${offset}`, `${detail}; ${this.#whereWalkStands()}`, name);
      },
    };
  }

  /** Between two chunks: rules run over what waits for them, and bodies that are whole are looked into. */
  async settle(): Promise<void> {
    this.#bodies.own();
    if (this.#unsearched.length > 0) this.#unsearched = this.#unsearched.map(({ bytes, offset }) => ({ bytes: Buffer.from(bytes), offset }));
    if (this.documents.isFull || this.owned.isFull) await this.#settleDocuments();
    if (this.#bodies.isWaiting) await this.#bodies.settle((entry, content, body, held) => this.#look(entry, content, body, held));
  }

  async #settleDocuments(): Promise<void> {
    await this.documents.settle();
    this.owned.settle((index) => this.#found.has(index));
  }

  async #look(entry: Entry, content: Content, body: Blob, held: Held): Promise<void> {
    await this.inside.look(entry, content, body, held);
    if (this.#found.has(entry.index)) await this.owned.add(entry, body);
  }

  /** `blob` is the layer, for what turns out only at the end of a body to be worth another look. */
  async finish(blob?: Blob): Promise<void> {
    this.walk.end(!this.isBroken);
    this.#stray.end();
    this.#headers.flush();
    await this.#settleDocuments();
    this.#beside.end();
    await this.#besideDocuments.settle();
    await this.settle();
    for (const { repository, problem } of this.inside.git.problems()) this.notices.push({ place: printablePath(repository), detail: problem });
    const { late } = this.#bodies;
    if (blob === undefined || late.length === 0) return;
    const held = new Held();
    try {
      const bodies = await readBodies(blob, late, this.#options.limits, (chunks) => held.hold(chunks));
      for (const entry of late) {
        const body = bodies.get(entry.index);
        if (body !== undefined) await this.#look(entry, { kind: 'container', container: 'zip', isSearched: true }, body, held);
      }
    } finally {
      await held.close();
    }
  }

  /** The sightings of the whole layer, each once, with all that is known of their places. */
  told(): readonly LayerSighting[] {
    const sightings = this.owned.graded(this.inside.git.located(withoutNamedCopies(withoutOuterCopies(this.sightings, this.inside.fronts))));
    for (const problem of this.owned.problems) this.notices.push({ place: '', detail: problem });
    return sightings;
  }

  /** Gives back what was kept, whatever became of the scan. */
  async close(): Promise<void> {
    this.owned.close();
    await this.#bodies.close();
  }

  #tarSink(): TarSink {
    return {
      entry: (entry, metadata) => {
        this.#stray.end();
        this.entries.push(entry);
        for (const block of metadata) this.#headers.add(entry, block);
        const text = attributeText(metadata);
        if (text !== undefined) this.#headers.add(entry, text);
        this.#pendingBody = entry;
      },
      body: (bytes, offset) => {
        if (this.#pendingBody !== undefined) {
          this.#headers.flush();
          this.documents.begin(pathText(this.#pendingBody.path), { kind: 'body', entry: this.#pendingBody });
          this.#bodies.begin(this.#pendingBody);
          this.owned.begin(this.#pendingBody);
          this.#pendingBody = undefined;
          this.#isBodyOpen = true;
        }
        this.#bodies.write(bytes);
        this.owned.write(bytes);
        if (this.#bodies.isDecided && this.#unsearched.length === 0) this.#searchPiece(bytes, offset);
        else this.#unsearched = [...this.#unsearched, { bytes, offset }];
        if (this.#bodies.isDecided) this.#searchBody();
      },
      endOfBody: () => {
        this.#pendingBody = undefined;
        if (this.#isBodyOpen) {
          this.#bodies.decide();
          this.#searchBody();
          this.owned.end(this.documents.end());
          this.#bodies.end();
        }
        this.#isBodyOpen = false;
      },
      stray: (bytes, what, offset) => {
        this.#headers.flush();
        this.#stray.write(bytes, what, offset);
      },
      noTar: () => (this.isTar = false),
      damage: (detail, offset) => this.#skip('damaged', `byte ${offset}${this.#lastEntry()}`, detail),
      limit: (name, detail, offset) => this.#skip('limit', `byte ${offset}${this.#lastEntry()}`, detail, name),
      notice: (detail, offset) => this.notices.push({ place: `byte ${offset}`, detail }),
    };
  }

  /** All that is in a container is looked at when it is whole. */
  #searchBody(): void {
    const unsearched = this.#unsearched;
    this.#unsearched = [];
    for (const { bytes, offset } of unsearched) this.#searchPiece(bytes, offset);
  }

  #searchPiece(bytes: Uint8Array, offset: number): void {
    if (!this.#bodies.isContainer) this.documents.write(bytes, offset);
  }

  #skip(reason: SkipReason, place: string, detail: string, limit?: string): void {
    this.skipped.push({ reason, place, detail, ...(limit === undefined ? {} : { limit }) });
  }

  #lastEntry(): string {
    const entry = this.entries.at(-1);
    return entry === undefined ? '' : `, after entry ${entry.index} (${printablePath(entry.path)})`;
  }

  #whereWalkStands(): string {
    return `the archive was read up to byte ${this.walk.offset}${this.#lastEntry()}`;
  }
}

function placeOf(origin: LayerOrigin): string {
  return origin.kind === 'stray' ? `${origin.what} at byte ${origin.offset}` : printablePath(origin.entry.path);
}
