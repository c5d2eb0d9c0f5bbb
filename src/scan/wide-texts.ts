// Texts of wide characters (UTF-16, UTF-32) in a document that streams by: each run is read as a text of its own.
import type { Cursor } from '../view/cursor.ts';
import type { DecodedText } from '../view/text.ts';
import { decodeUtf16, type WideRun, wideRuns } from '../view/wide.ts';
import type { HeldText } from './held-text.ts';

export interface WideText {
  readonly content: DecodedText;
  /** Offset of its first byte in the document. */
  readonly start: number;
  readonly cursor: Cursor;
  readonly detectors: readonly number[];
  /** Nothing of the document stands before it that belongs to the same text. */
  readonly isStart: boolean;
}

/** An open run at the end of the buffer is carried over up to this many bytes; half of it when it is longer. */
const longestCarry = 64 * 1024;
/** Bytes of a run before which it may not be recognised. */
const shortestSeen = 40;
/** A unit may begin before the byte that is not NUL. */
const longestUnit = 4;
/** How far a UTF-16 text is read beyond a run of latin1 characters in it. */
const wideReach = 2048;

export class WideTexts {
  readonly #held: HeldText;
  readonly #detectorsIn: (text: Buffer) => readonly number[];
  readonly #found: (text: WideText) => void;
  #mark: 'utf-16le' | 'utf-16be' | undefined;
  /** Offset of the first byte behind a byte-order mark. */
  #textStart = 0;
  /** Up to where runs were looked for, and whether a run was cut there. */
  #searched = 0;
  #isCut = false;
  #isBigEndian = false;
  /** There were NULs; without them no run can be open. */
  #hasNuls = false;

  /** `held` is filled and trimmed by the caller; texts in which detectors may find something are handed to `found`. */
  constructor(held: HeldText, detectorsIn: (text: Buffer) => readonly number[], found: (text: WideText) => void) {
    this.#held = held;
    this.#detectorsIn = detectorsIn;
    this.#found = found;
  }

  /** A document begins; `textStart` is the offset behind its byte-order mark. */
  begin(textStart: number, mark: 'utf-16le' | 'utf-16be' | undefined): void {
    this.#mark = mark;
    this.#textStart = textStart;
    this.#searched = textStart;
    this.#isCut = false;
    this.#hasNuls = false;
  }

  /** What stands before this offset was searched, or is a hole. */
  skipTo(offset: number): void {
    this.#searched = offset;
  }

  /** What stands before this offset is needed no more. */
  get neededFrom(): number {
    return Math.max(this.#searched - longestUnit, this.#held.end - longestCarry);
  }

  /**
   * Looks at all that is held and was not looked at. To be called when bytes with a NUL among them were added, and with `isEnd` when nothing
   * follows that belongs to it: then it does nothing where there was no NUL.
   */
  search(isEnd: boolean): void {
    if (!isEnd) this.#hasNuls = true;
    if (!this.#hasNuls) return;
    const from = Math.max(0, this.#searched - this.#held.start);
    const wasCut = this.#isCut;
    // The beginning of a run may stand at the end without being seen as one yet.
    this.#searched = Math.max(this.#searched, this.#held.end - shortestSeen);
    this.#isCut = false;
    // Text that begins with the file, or goes on from a run that was cut, is of one kind.
    const bigEndianStart = wasCut ? (this.#isBigEndian ? from : -1) : this.#textStart - this.#held.start;
    for (const run of wideRuns(this.#held.bytes(), from, bigEndianStart)) {
      if (run.isOpen && !isEnd) {
        const isLong = this.#held.length - run.start >= longestCarry;
        this.#isCut = isLong;
        this.#isBigEndian = run.isBigEndian;
        this.#searched = this.#held.start + (isLong ? unitsBefore(run, this.#held.length - longestCarry / 2) : run.start);
        if (!isLong) return;
      } else {
        this.#searched = Math.max(this.#searched, this.#held.start + run.start + run.text.length * run.stride);
      }
      const detectors = this.#detectorsIn(run.text);
      if (detectors.length > 0) this.#hand(run, detectors, !(wasCut && run.start < from + run.stride));
    }
  }

  #hand(run: WideRun, detectors: readonly number[], isStart: boolean): void {
    const { stride, start } = run;
    const before = this.#held.bytes(0, start);
    const { line } = this.#held.cursorAt(start);
    const lineStart = before.lastIndexOf(0x0a);
    const column = lineStart < 0 ? this.#held.firstColumn + start / stride : (start - lineStart) / stride;
    const unit = run.isBigEndian ? start - stride + 1 : start;
    const isText =
      this.#mark !== undefined &&
      stride === 2 &&
      run.isBigEndian === (this.#mark === 'utf-16be') &&
      (this.#held.start + unit - this.#textStart) % 2 === 0;
    const end = Math.min(this.#held.length, start + run.text.length * stride + wideReach);
    const content = isText
      ? decodeUtf16(this.#held.bytes(unit, end - ((end - unit) % 2)), this.#mark!)
      : { text: run.text.toString('latin1'), byteOf: (index: number) => index * stride };
    this.#found({ content, start: this.#held.start + unit, cursor: { line, column: Math.floor(column) }, detectors, isStart });
  }
}

/** The last place at or before `limit` where a unit of the run begins. */
function unitsBefore({ start, stride, isBigEndian }: WideRun, limit: number): number {
  const first = isBigEndian ? start - stride + 1 : start;
  return limit - ((limit - first) % stride);
}
