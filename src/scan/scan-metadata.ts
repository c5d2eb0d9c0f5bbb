// The metadata around the layers, searched by the same rules as files: every string of every document is a small document.
import type { Place, Position } from '../model/finding.ts';
import type { MetadataDocument } from '../model/image.ts';
import type { Limits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import type { Skipped } from '../model/report.ts';
import type { Detection, Ruleset } from '../model/rule.ts';
import { DocumentScanner } from './document-scanner.ts';
import { toldOf } from './kept-sightings.ts';
import { type MetadataText, metadataTexts } from './metadata-texts.ts';
import type { Trace } from './trace.ts';

export interface MetadataSighting {
  readonly detection: Detection;
  readonly decoded?: readonly string[];
  readonly place: Place & { readonly kind: 'metadata' };
  readonly trace: Trace & { readonly kind: 'metadata' };
}

interface DocumentText extends MetadataText {
  readonly document: MetadataDocument;
}

export interface MetadataScan {
  readonly sightings: readonly MetadataSighting[];
  readonly skipped: readonly Skipped[];
  /** Values that were looked at. */
  readonly documents: number;
}

/** Something may stand encoded in a value of so many bytes. */
const shortestEncoded = 32;

export async function scanMetadata(documents: readonly MetadataDocument[], ruleset: Ruleset, limits: Limits): Promise<MetadataScan> {
  const sightings: MetadataSighting[] = [];
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  const scanner = new DocumentScanner<DocumentText>(ruleset, limits, {
    found: ({ origin, position, ...told }) => {
      const { detection } = told;
      const { pointer, before } = exactPlace(origin, position);
      // The same words stand in a command line and in its parts, in a string and in what it unpacks to.
      const value = `${pointer.replace(/![a-z0-9]+$/, '')}\0${detection.secret.reveal()}`;
      if (seen.has(value)) return;
      seen.add(value);
      const isFirstLine = position.line === 1;
      sightings.push({
        ...toldOf({ ...told, origin, position }),
        trace: { kind: 'metadata', document: origin.document, pointer },
        place: {
          kind: 'metadata',
          pointer: printable(pointer),
          position: {
            ...position,
            column: position.column - (isFirstLine ? before : 0),
            endColumn: position.endColumn - (position.endLine === 1 ? before : 0),
            offset: position.offset - Buffer.byteLength(origin.text.slice(0, before)),
          },
        },
      });
    },
    failed: ({ pointer }, { ruleId, reason }) =>
      skipped.push({ reason: 'rule-failed', place: printable(pointer), detail: `rule ${ruleId}: ${reason}` }),
    limited: ({ pointer }, limit, detail) => skipped.push({ reason: 'limit', place: printable(pointer), detail, limit }),
  });
  let count = 0;
  for (const document of documents) {
    for (const text of metadataTexts(document.name, document.root)) {
      count++;
      const bytes = Buffer.from(text.text);
      if (bytes.length >= shortestEncoded || scanner.mayMatch(bytes)) scanner.scan(text.name, { ...text, document }, bytes);
      if (scanner.isFull) await scanner.settle();
    }
  }
  await scanner.settle();
  return { sightings, skipped, documents: count };
}

/** The value that the secret stands in, and how many characters of the searched text stand before that value. */
function exactPlace(
  { pointer, text, prefixLength, words }: MetadataText,
  { offset }: Position,
): { readonly pointer: string; readonly before: number } {
  const index = Buffer.from(text).toString('utf8', 0, offset).length;
  const word = words?.findLast(({ start }) => start <= index);
  if (word !== undefined) return { pointer: word.pointer, before: word.start };
  return { pointer, before: Math.min(prefixLength, index) };
}
