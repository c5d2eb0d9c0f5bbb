// Takes values out of the strings of configs, manifests and indexes. A variable goes as a whole, elsewhere the value is written over.
import type { Digest } from '../../model/digest.ts';
import type { MetadataDocument } from '../../model/image.ts';
import { type JsonEdit, removals } from '../../model/json-edit.ts';
import { redactionCharacter } from '../../model/redaction.ts';
import { Secret } from '../../model/secret.ts';
import type { Hunt } from '../values/hunt.ts';
import { type MetadataString, metadataStrings } from './metadata-strings.ts';
import { type Cause, causeOf, foundHere, type FoundValue, type PlannedMetadata } from './planned.ts';
import { fill, type Marked } from '../values/redact.ts';
import { plainRanges, type RemovedValue } from '../values/removed-value.ts';
import { type Mode, modeForVariable } from './treatment.ts';

/** Values that are known to stand in a string of a document, by its digest and pointer: found there by a rule. */
export type KnownPlaces = (document: Digest, pointer: string) => readonly FoundValue[];

/** A variable that is taken out of a config; its whole value, for the vault. */
export interface RemovedVariable {
  readonly name: string;
  readonly value: Secret;
}

export class MetadataCleaner {
  readonly #hunt: Hunt;
  readonly #known: KnownPlaces;
  readonly #modes: readonly Mode[];

  constructor(hunt: Hunt, known: KnownPlaces, modes: readonly Mode[]) {
    this.#hunt = hunt;
    this.#known = known;
    this.#modes = modes;
  }

  /** A step for each string that holds a value. */
  plan(document: MetadataDocument, mask: (text: string) => string): readonly PlannedMetadata[] {
    return this.#strings(document).map(({ string, cause }) => {
      const variable = variableOf(string);
      const mode = variable === undefined ? undefined : modeForVariable(this.#modes, variable.name);
      const treatment = variable !== undefined && mode?.treatment !== 'redact' ? 'drop' : 'redact';
      const why =
        variable === undefined ? 'written over where it stands' : treatment === 'drop' ? 'the variable is taken out: give it at run time' : '';
      return {
        kind: 'metadata',
        values: [...cause.values],
        step: {
          kind: 'metadata',
          document: document.digest,
          pointer: mask(pointerOf(string)),
          treatment,
          reason: mode === undefined ? why : `asked for by --mode ${mode.typed}`,
          ...causeOf(cause),
        },
      };
    });
  }

  /** The edits for the steps of the plan that speak of this document, and the variables that were in its way. */
  edits(
    document: MetadataDocument,
    steps: readonly PlannedMetadata[],
    mask: (text: string) => string,
  ): { readonly edits: readonly JsonEdit[]; readonly variables: readonly RemovedVariable[] } {
    const treatments = new Map(steps.filter(({ step }) => step.document === document.digest).map(({ step }) => [step.pointer, step.treatment]));
    const edits: JsonEdit[] = [];
    const variables: RemovedVariable[] = [];
    const dropped = new Map<NonNullable<MetadataString['item']>['array'], Set<number>>();
    for (const { string, cause } of this.#strings(document)) {
      const treatment = treatments.get(mask(pointerOf(string)));
      if (treatment === undefined) continue;
      const variable = variableOf(string);
      if (variable !== undefined && string.pointer.startsWith('config.')) variables.push(variable);
      if (treatment === 'drop' && string.item !== undefined) {
        const indices = dropped.get(string.item.array) ?? new Set();
        dropped.set(string.item.array, indices.add(string.item.index));
      } else edits.push({ span: string.span, text: JSON.stringify(this.#redacted(string.value, [...cause.values])) });
    }
    for (const [array, indices] of dropped) edits.push(...removals(array, (index) => indices.has(index)));
    return { edits, variables };
  }

  #strings(document: MetadataDocument): { readonly string: MetadataString; readonly cause: Cause }[] {
    const strings = metadataStrings(document);
    const keys = new Map(strings.flatMap(({ pointer, value, isKey }) => (isKey === true ? [[pointer, value] as const] : [])));
    return strings.flatMap((string) => {
      const hits = this.#hunt.in(Buffer.from(string.value));
      const isIn = (value: RemovedValue, text: string | undefined) => text !== undefined && plainRanges(value, Buffer.from(text)).length > 0;
      // A key and its value have one pointer: what stands in the key alone is not in the value.
      const known = this.#known(document.digest, string.pointer).filter(
        ({ value }) => isIn(value, string.value) || (string.isKey !== true && !isIn(value, keys.get(string.pointer))),
      );
      if (hits.length + known.length === 0) return [];
      const here = foundHere(known);
      const encodings = hits.length > 0 ? new Set(hits.map(({ encoding }) => encoding)) : here.encodings;
      return [{ string, cause: { ...here, values: new Set([...here.values, ...hits.map(({ value }) => value)]), encodings } }];
    });
  }

  #redacted(text: string, values: readonly RemovedValue[]): string {
    const bytes = Buffer.from(text);
    const hits = this.#hunt.in(bytes);
    const ranges: Marked[] = [...hits];
    for (const value of values) {
      const plain = value.isTelling ? [] : plainRanges(value, bytes);
      // It stands there in a form that has no way back, such as base64 of a short value: the whole string goes.
      if (plain.length === 0 && !hits.some((hit) => hit.value === value)) return redactionCharacter.repeat(text.length);
      for (const range of plain) ranges.push({ ...range, encoding: 'raw' });
    }
    for (const { start, end, encoding } of ranges) fill(bytes, start, end, encoding);
    return bytes.toString();
  }
}

/** As a plan calls it. */
function pointerOf({ pointer, isKey }: MetadataString): string {
  return isKey === true ? `${pointer} (key)` : pointer;
}

/** `NAME=value`, as an item of `Env`. */
function variableOf({ item, value }: MetadataString): RemovedVariable | undefined {
  const equals = value.indexOf('=');
  if (item?.field !== 'Env' || equals < 1) return undefined;
  return { name: value.slice(0, equals), value: new Secret(value.slice(equals + 1)) };
}
