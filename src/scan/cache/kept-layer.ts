// A LayerScan as it is written: everything but the values of secrets, and nothing at all where a text of it holds one.
import { type Entry, pathText } from '../../model/entry.ts';
import { Secret, type SecretTraits } from '../../model/secret.ts';
import type { LayerOrigin, LayerScan, LayerSighting } from '../layer-scan.ts';
import { valueSearch } from '../mask.ts';
import { columnsOf, entriesOf, type EntryColumns } from './entry-columns.ts';
import { traitsOf } from './secret-traits.ts';

/** Layers with more are not kept: writing one down takes memory for each. */
const mostEntries = 1_000_000;
const mostSightings = 100_000;
const mostCharacters = 32 * 2 ** 20;

type Numbered<Origin> = Origin extends { readonly entry: Entry } ? Omit<Origin, 'entry'> & { readonly entry: number } : Origin;

/** The entry by its index. */
type KeptOrigin = Numbered<LayerOrigin>;

interface KeptSighting extends Pick<LayerSighting, 'position' | 'decoded'> {
  readonly origin: KeptOrigin;
  readonly detection: Omit<LayerSighting['detection'], 'secret'> & { readonly secret: number };
}

export interface KeptLayer extends Omit<LayerScan, 'entries' | 'sightings'> {
  readonly entries: EntryColumns;
  readonly secrets: readonly SecretTraits[];
  readonly sightings: readonly KeptSighting[];
}

/**
 * False for a scan that another run may not repeat, that is very large, or that has a text (a path, a link target, a message) with the
 * value of a secret in it: masked, such a path would no longer be the one that another layer deletes.
 */
export function mayBeKept({ entries, sightings, skipped, notices }: LayerScan, holdsValue: (text: string) => boolean): boolean {
  if (entries.length > mostEntries || sightings.length > mostSightings) return false;
  if (entries.reduce((sum, entry) => sum + charactersOf(entry), 0) > mostCharacters) return false;
  if (skipped.some(({ reason }) => reason === 'rule-failed') || entries.some(({ index }, position) => index !== position)) return false;
  // A short value is looked for where it was found: in names of this layer.
  const holdsName = valueSearch(distinctSecrets(sightings.filter(({ origin }) => origin.kind === 'header' || origin.kind === 'stray')), []);
  const holds = (text: string) => holdsValue(text) || holdsName(text);
  const isTelling = (text: string | undefined) => text !== undefined && (holds(text) || (/[\x80-\xff]/.test(text) && holds(pathText(text))));
  return !(
    entries.some(({ path, rawPath, linkTarget }) => isTelling(path) || (rawPath !== path && isTelling(rawPath)) || isTelling(linkTarget)) ||
    [...skipped, ...notices].some(({ place, detail }) => isTelling(place) || isTelling(detail)) ||
    sightings.some(({ origin }) => textsOfOrigin(origin).some(isTelling))
  );
}

function distinctSecrets(sightings: readonly LayerSighting[]): Secret[] {
  return [...new Map(sightings.map(({ detection: { secret } }) => [secret.identity, secret])).values()];
}

function textsOfOrigin(origin: LayerOrigin): readonly (string | undefined)[] {
  if (origin.kind === 'stray') return [origin.what];
  return origin.kind === 'nested' ? [...origin.way, origin.git?.path] : [];
}

/** Of its texts, as they are written. */
function charactersOf({ path, rawPath, linkTarget }: Entry): number {
  return path.length + (rawPath === path ? 0 : rawPath.length) + (linkTarget?.length ?? 0);
}

export function toKept({ entries, sightings, ...rest }: LayerScan, fingerprintKey: string | undefined): KeptLayer {
  const numbers = new Map<string, number>();
  const secrets: SecretTraits[] = [];
  const numberOf = (secret: Secret): number => {
    let number = numbers.get(secret.identity);
    if (number === undefined) numbers.set(secret.identity, (number = secrets.push(traitsOf(secret, fingerprintKey)) - 1));
    return number;
  };
  const kept = sightings.map(({ origin, detection, ...rest }): KeptSighting => {
    const keptOrigin = origin.kind === 'stray' ? origin : { ...origin, entry: origin.entry.index };
    return { origin: keptOrigin, ...rest, detection: { ...detection, secret: numberOf(detection.secret) } };
  });
  return { ...rest, entries: columnsOf(entries), secrets, sightings: kept };
}

/** Throws, whatever it may be, for what `toKept` has not made. */
export function fromKept({ entries: columns, secrets: traits, sightings, ...rest }: KeptLayer): LayerScan {
  const entries = entriesOf(columns);
  const secrets = traits.map((known) => new Secret(known));
  return {
    ...rest,
    entries,
    sightings: sightings.map(({ origin, detection, ...told }) => ({
      origin: withEntry(origin, entries),
      ...told,
      detection: { ...detection, secret: at(secrets, detection.secret) },
    })),
  };
}

function withEntry(origin: KeptOrigin, entries: readonly Entry[]): LayerOrigin {
  return origin.kind === 'stray' ? origin : ({ ...origin, entry: at(entries, origin.entry) } as LayerOrigin);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`there is no ${index}`);
  return item;
}
