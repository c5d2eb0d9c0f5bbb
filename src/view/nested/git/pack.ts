// A pack of git as a container: each object is a document, whole, whether it is stored whole or as a delta. Read once from start to end;
// a delta whose base comes later waits for it.
import { type Blob, blobOf } from '../../../model/blob.ts';
import type { Descent, GitObject } from '../descent.ts';
import { innerPlace, type Place } from '../names.ts';
import { Window } from '../window.ts';
import { deltaResultSize, insertedBytes, withDelta } from './delta.ts';
import { namingHash, type ObjectType } from './object-head.ts';
import { largestObject, PackBases, type PackObject } from './pack-bases.ts';
import { type PackEntry, packEntryAt } from './pack-entry.ts';
import { zlibBytes, zlibStream } from './zlib-bytes.ts';

const headSize = 12;
/** The SHA-1 over the pack. */
const trailerSize = 20;

export async function readPack(blob: Blob, place: Place, descent: Descent): Promise<void> {
  await new PackReading(blob, place, descent).run();
}

class PackReading {
  readonly #blob: Blob;
  readonly #place: Place;
  readonly #descent: Descent;
  readonly #end: number;
  readonly #window: Window;
  readonly #bases: PackBases;
  /** Offsets of deltas by what they wait for: the SHA-1 of an object, or the offset of a delta that waits itself. */
  readonly #waiting = new Map<string | number, number[]>();
  readonly #waits = new Set<number>();

  constructor(blob: Blob, place: Place, descent: Descent) {
    this.#blob = blob;
    this.#place = place;
    this.#descent = descent;
    this.#end = Math.max(headSize, blob.size - trailerSize);
    this.#window = new Window(blob);
    this.#bases = new PackBases(blob, this.#end, (bytes) => descent.mayDecode(place.way, bytes));
  }

  async run(): Promise<void> {
    const head = await this.#window.read(0, headSize);
    if (head.length < headSize) return this.#descent.tell(this.#place.way, 'damaged', 'the git pack is truncated inside its head');
    let count = 0;
    let offset = headSize;
    while (offset < this.#end) {
      if (!this.#descent.mayReadMember(this.#place.way)) return;
      const next = await this.#object(offset);
      if (this.#isOver) return;
      if (next === undefined) break;
      offset = next;
      count++;
    }
    const announced = head.readUInt32BE(8);
    if (offset >= this.#end && count !== announced)
      this.#descent.tell(this.#place.way, 'damaged', `the git pack announces ${announced} objects and has ${count}`);
    await this.#giveUpWaiting();
  }

  get #isOver(): boolean {
    return this.#descent.budget.reached !== undefined;
  }

  /** Reads one object and returns where the next begins; undefined when that cannot be known. */
  async #object(offset: number): Promise<number | undefined> {
    const entry = await packEntryAt(this.#window, offset);
    if (entry === undefined || entry.dataStart >= this.#end) return this.#lost(offset, 'no object begins there');
    if (entry.size > largestObject) return this.#largeObject(entry);
    const stream = await zlibBytes(this.#blob, this.#window, entry.dataStart, this.#end, entry.size);
    if ('problem' in stream) return this.#lost(offset, stream.problem);
    const object = entry.kind === 'object' ? { type: entry.type, content: stream.bytes } : await this.#made(entry, stream.bytes);
    if (object !== undefined) await this.#release(await this.#show(offset, object));
    return stream.end;
  }

  #lost(offset: number, detail: string): undefined {
    this.#descent.tell(this.#place.way, 'damaged', `the git pack cannot be read at byte ${offset} (${detail}): what follows is not read`);
    return undefined;
  }

  /** Passes in pieces; its name is known only behind its end, so it is kept before it is shown. */
  async #largeObject(entry: PackEntry): Promise<number | undefined> {
    const unnamed = this.#placeOf(entry);
    const { bytes, outcome } = zlibStream(this.#blob, entry.dataStart, this.#end);
    if (entry.kind === 'object') {
      const hash = namingHash(entry.type, entry.size);
      const hashed = async function* () {
        for await (const chunk of bytes) {
          hash.update(chunk);
          yield chunk;
        }
      };
      const content = await this.#descent.keep(unnamed.way, hashed());
      const isWhole = 'end' in outcome() && content.size === entry.size;
      const sha1 = hash.digest().toString('latin1');
      const isNew = !isWhole || this.#bases.name(sha1, entry.offset);
      if (isNew && isWhole) await this.#descent.kept(this.#placeNamed(sha1), content, gitObject(sha1, entry.type));
      else if (isNew) await this.#descent.kept(unnamed, content);
      await this.#release(this.#waitingFor(sha1, entry.offset));
    } else {
      this.#descent.tell(unnamed.way, 'unsupported', `a delta of ${entry.size} bytes: it is read as it is, not put together with its base`);
      await this.#descent.document(unnamed, bytes);
    }
    const result = outcome();
    if ('end' in result) return result.end;
    return this.#isOver ? undefined : this.#lost(entry.offset, result.problem);
  }

  /** The object that a delta makes; undefined when it waits for its base, or when only its own bytes could be shown. */
  async #made(entry: PackEntry, delta: Buffer): Promise<PackObject | undefined> {
    const offset = this.#bases.offsetOf(entry);
    const isBaseWaiting = offset !== undefined && this.#waits.has(offset);
    const base = isBaseWaiting ? 'unknown' : await this.#bases.baseOf(entry);
    switch (base) {
      case 'over':
        return undefined;
      case 'unknown':
        this.#wait(entry, isBaseWaiting ? offset : entry.kind === 'name-delta' ? entry.base : entry.offset);
        return undefined;
      case 'large':
        return this.#showInserted(entry, delta, 'unsupported', `its base has more than ${largestObject} bytes`);
      case 'damaged':
        return this.#showInserted(entry, delta, 'damaged', 'its base cannot be read');
    }
    if ((deltaResultSize(delta) ?? 0) > largestObject)
      return this.#showInserted(entry, delta, 'unsupported', `it makes more than ${largestObject} bytes`);
    const content = withDelta(base.content, delta);
    // The attempt has cost what the object would have: very many of them must come to an end.
    if (content === undefined && !this.#descent.mayDecode(this.#place.way, deltaResultSize(delta) ?? 0)) return undefined;
    if (content === undefined) return this.#showInserted(entry, delta, 'damaged', 'it does not fit its base');
    return { type: base.type, content };
  }

  async #showInserted(entry: PackEntry, delta: Buffer, reason: 'unsupported' | 'damaged', detail: string): Promise<undefined> {
    const place = this.#placeOf(entry);
    this.#descent.tell(place.way, reason, `a delta of which only the bytes that it adds were read: ${detail}`);
    await this.#descent.document(place, blobOf(insertedBytes(delta)).open());
    return undefined;
  }

  /** Shows an object, unless the pack has it twice. Returns which deltas waited for it. */
  async #show(offset: number, object: PackObject): Promise<number[]> {
    const sha1 = namingHash(object.type, object.content.length).update(object.content).digest().toString('latin1');
    this.#bases.hold(offset, object);
    if (this.#bases.name(sha1, offset)) {
      const content = blobOf(object.content);
      await this.#descent.document(this.#placeNamed(sha1), content.open(), { standing: content, git: gitObject(sha1, object.type) });
    }
    return this.#waitingFor(sha1, offset);
  }

  #wait(entry: PackEntry, awaited: string | number): void {
    this.#waits.add(entry.offset);
    const others = this.#waiting.get(awaited);
    if (others === undefined) this.#waiting.set(awaited, [entry.offset]);
    else others.push(entry.offset);
  }

  #waitingFor(sha1: string, offset: number): number[] {
    const waiting = [...(this.#waiting.get(sha1) ?? []), ...(this.#waiting.get(offset) ?? [])];
    this.#waiting.delete(sha1);
    this.#waiting.delete(offset);
    return waiting;
  }

  /** Makes the objects of deltas whose base is there now, and then those of what waited for them. */
  async #release(ready: number[]): Promise<void> {
    for (let offset = ready.pop(); offset !== undefined && !this.#isOver; offset = ready.pop()) {
      this.#waits.delete(offset);
      const again = await this.#bases.decodedAgain(offset);
      if (typeof again === 'string') continue;
      const object = await this.#made(again.entry, again.bytes);
      if (object !== undefined) for (const waiting of await this.#show(offset, object)) ready.push(waiting);
    }
  }

  /** What waits still waits for an object that another pack has. */
  async #giveUpWaiting(): Promise<void> {
    const offsets = [...this.#waits].sort((a, b) => a - b);
    if (offsets.length === 0) return;
    this.#descent.tell(
      this.#place.way,
      'missing',
      `${offsets.length} objects of the git pack are deltas whose base is not in it: only the bytes that they add were read`,
    );
    for (const offset of offsets) {
      const again = await this.#bases.decodedAgain(offset);
      if (this.#isOver) return;
      if (typeof again !== 'string') await this.#descent.document(this.#placeOf(again.entry), blobOf(insertedBytes(again.bytes)).open());
    }
  }

  #placeNamed(sha1: string): Place {
    return innerPlace(this.#place, `git object ${hexOf(sha1)}`);
  }

  #placeOf(entry: PackEntry): Place {
    return innerPlace(this.#place, `git ${entry.kind === 'object' ? 'object' : 'delta'} at byte ${entry.offset}`);
  }
}

function gitObject(sha1: string, type: ObjectType): GitObject {
  return { id: hexOf(sha1), type };
}

function hexOf(sha1: string): string {
  return Buffer.from(sha1, 'latin1').toString('hex');
}
