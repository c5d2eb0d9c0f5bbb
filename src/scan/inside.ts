// Looks into a body that is more than text: every document of a container and every text of a known format is searched like a body, and
// what formats tell (a private key in a key store) becomes a sighting of its rule.
import { type Blob, bytesOf } from '../model/blob.ts';
import { type Entry, pathText, printablePath } from '../model/entry.ts';
import type { Limits } from '../model/limits.ts';
import type { Skipped, SkipReason } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import type { Held } from '../store/held.ts';
import { type FormatKind, readFormat, textFormats } from '../view/format/format.ts';
import { type NestedDocument, readNested } from '../view/nested/nested.ts';
import type { Content } from './content.ts';
import { DocumentScanner, type DocumentSink } from './document-scanner.ts';
import { formatDetection } from './format-detection.ts';
import { GitPlaces } from './git-places.ts';
import { KeptDocument, longestFormat } from './kept-document.ts';
import type { LayerOrigin } from './layer-scan.ts';

/** What users set for what a reading of a container reaches. */
const limitNames: Readonly<Record<string, keyof Limits>> = {
  depth: 'nestedDepth',
  bytes: 'nestedBytes',
  ratio: 'nestedRatio',
  members: 'nestedMembers',
};

export class Inside {
  readonly #ruleset: Ruleset;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  readonly #sink: DocumentSink<LayerOrigin>;
  readonly #skipped: (skipped: Skipped) => void;
  readonly #documents: DocumentScanner<LayerOrigin>;
  readonly git = new GitPlaces();
  /** Of bodies that were searched before an archive was found in them, by the index of the entry: where it begins. */
  readonly fronts = new Map<number, number>();
  /** What was looked at. */
  readonly counts = { documents: 0, bytes: 0 };

  constructor(
    { ruleset, limits, signal }: { readonly ruleset: Ruleset; readonly limits: Limits; readonly signal?: AbortSignal },
    sink: DocumentSink<LayerOrigin>,
    skipped: (skipped: Skipped) => void,
  ) {
    this.#ruleset = ruleset;
    this.#limits = limits;
    this.#signal = signal;
    this.#sink = sink;
    this.#skipped = skipped;
    this.#documents = new DocumentScanner(ruleset, limits, sink);
  }

  /** Sightings reach the sink before this returns. */
  async look(entry: Entry, content: Content, body: Blob, held: Held): Promise<void> {
    switch (content.kind) {
      case 'container':
        await this.#container(entry, content, body, held);
        break;
      case 'format':
        if (body.size > longestFormat) this.#tooLong(entry, [], body.size);
        else await this.#format({ kind: 'body', entry }, content.format, await bytesOf(body), pathText(entry.path));
        break;
      case 'unreadable':
        this.#tell(entry, [], content.reason, content.detail);
    }
    await this.#documents.settle();
  }

  async #container(entry: Entry, { container, isSearched }: Content & { readonly kind: 'container' }, body: Blob, held: Held): Promise<void> {
    const { nestedDepth, nestedBytes, nestedRatio, nestedMembers } = this.#limits;
    const visit = async (document: NestedDocument) => {
      // Members of a zip have no place in its own bytes: what has one stands in front of them.
      const isFront = document.way.length === 1 && document.base?.way.length === 0;
      if (isSearched === true && isFront) this.fronts.set(entry.index, document.size!);
      else await this.#document(entry, document);
    };
    await readNested(body, container, visit, {
      hold: (chunks) => held.hold(chunks),
      limits: { depth: nestedDepth, bytes: nestedBytes, ratio: nestedRatio, members: nestedMembers },
      name: pathText(entry.path),
      members: 'apart',
      isBorrowing: true,
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      skipped: (way, reason, detail, limit) => this.#tell(entry, way, reason, detail, limit === undefined ? undefined : (limitNames[limit] ?? limit)),
    });
  }

  async #document(entry: Entry, { way, name, bytes, git, base }: NestedDocument): Promise<void> {
    const origin = { kind: 'nested' as const, entry, way, ...(base === undefined ? {} : { base }) };
    const path = (git === undefined ? undefined : this.git.nameOf(entry, git)) ?? name;
    const keeping = new KeptDocument(path, (size) => git !== undefined && GitPlaces.wants(git, size));
    this.#documents.begin(path, origin);
    for await (const chunk of bytes) {
      this.#documents.write(chunk);
      if (this.#documents.isFull) await this.#documents.settle();
      keeping.write(chunk);
    }
    this.#documents.end();
    keeping.end();
    this.counts.documents++;
    this.counts.bytes += keeping.size;
    if (git !== undefined) this.git.see(origin, git, keeping.bytes);
    if (keeping.format === undefined) return;
    if (keeping.bytes === undefined) this.#tooLong(entry, way, keeping.size);
    else {
      const sized = base === undefined ? origin : { ...origin, base: { ...base, size: keeping.size } };
      await this.#format(sized, keeping.format, keeping.bytes, path);
    }
  }

  async #format(origin: LayerOrigin & { readonly kind: 'body' | 'nested' }, kind: FormatKind, file: Buffer, path: string): Promise<void> {
    // Of these only the borders of texts are wanted: where no keyword stands in the bytes, none stands in the texts.
    if (textFormats.has(kind) && !this.#documents.mayMatch(file)) return;
    const { finds, texts, skipped } = readFormat(kind, file, path);
    const { entry } = origin;
    const way = origin.kind === 'nested' ? origin.way : [];
    for (const find of finds) {
      const sighting = formatDetection(find, file, this.#ruleset);
      if (sighting !== undefined) this.#sink.found({ origin, ...sighting });
    }
    for (const { step, text, isDecrypted } of texts) {
      this.counts.documents++;
      this.counts.bytes += text.length;
      // What was decrypted stands nowhere as it is: where it came from is then the place.
      const whole =
        isDecrypted === true && origin.kind === 'nested' && origin.base !== undefined ? { base: origin.base, isOfWhole: true as const } : {};
      this.#documents.scan([pathText(entry.path), ...way].at(-1)!, { kind: 'nested', entry, way: [...way, step], ...whole }, text);
      if (this.#documents.isFull) await this.#documents.settle();
    }
    if (skipped !== undefined) this.#tell(entry, way, skipped.reason, skipped.detail, skipped.limit);
  }

  #tooLong(entry: Entry, way: readonly string[], size: number): void {
    const detail = `a file of ${size} bytes is read as text only: of its format no more than ${longestFormat} are looked at`;
    this.#tell(entry, way, 'limit', detail, 'formatBytes');
  }

  #tell(entry: Entry, way: readonly string[], reason: SkipReason, detail: string, limit?: string): void {
    const place = [printablePath(entry.path), ...way].join('!/');
    this.#skipped({ reason, place, detail, ...(limit === undefined ? {} : { limit }) });
  }
}
