// Small JSON blobs of a store: read whole, verified, parsed. What is wrong with them is told, and what can be read is used.
import { type Blob, bytesOf } from '../model/blob.ts';
import { type Digest, digestOf, hashFor, hexOf } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';
import type { LooseBlob, MetadataDocument } from '../model/image.ts';
import { oddKeys, parseJson } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import type { Notice, Skipped } from '../model/report.ts';

/** What goes wrong while a store is opened, gathered. */
export interface Findings {
  readonly skipped: Skipped[];
  readonly notices: Notice[];
  /** What could not be understood, to be searched as text. */
  readonly loose: LooseBlob[];
}

/** `known` are the keys that readers of this document look for: other spellings of them are told. */
export async function readJson(blob: Blob, name: string, limits: Limits, known: readonly string[], findings: Findings): Promise<MetadataDocument> {
  const asText = { name, blob, isFragment: true } as const;
  try {
    if (blob.size > limits.manifestBytes) {
      throw new UnbakeError('limit', `${name} has ${blob.size} bytes: more than ${limits.manifestBytes} are not parsed`, {
        limit: 'manifestBytes',
        hint: 'raise it with --limit manifestBytes=N if this is meant',
      });
    }
    const bytes = await bytesOf(blob);
    const root = parseJson(bytes, name, limits, (trailing) => {
      findings.skipped.push({ reason: 'damaged', place: name, detail: trailing.message });
      findings.loose.push(asText);
    });
    for (const detail of oddKeys(root, known, name)) findings.notices.push({ place: name, detail });
    return { name, root, bytes, digest: digestOf(bytes) };
  } catch (thrown) {
    findings.loose.push(asText);
    throw thrown;
  }
}

/** Compares a metadata blob with the digest that leads to it; layers are compared while they are scanned. */
export async function verifyBlob(
  blob: Blob,
  announced: { readonly digest?: Digest; readonly size?: number },
  name: string,
  { skipped }: Pick<Findings, 'skipped'>,
): Promise<void> {
  if (announced.size !== undefined && announced.size !== blob.size) {
    skipped.push({ reason: 'mismatch', place: name, detail: `its size is ${blob.size} bytes and should be ${announced.size}` });
  }
  if (announced.digest === undefined) return;
  const hash = hashFor(announced.digest);
  for await (const chunk of blob.open()) hash.update(chunk);
  const actual = hash.digest('hex');
  if (actual !== hexOf(announced.digest))
    skipped.push({ reason: 'mismatch', place: name, detail: `its digest is ${actual} and should be ${hexOf(announced.digest)}` });
}

/** Turns what is wrong with one document into a line of the report, so that the rest goes on. */
export function toSkipped(thrown: unknown, place: string): Skipped {
  if (!(thrown instanceof UnbakeError)) throw thrown;
  if (thrown.code === 'limit')
    return { reason: 'limit', place, detail: thrown.message, ...(thrown.limit === undefined ? {} : { limit: thrown.limit }) };
  if (thrown.code === 'not-found') return { reason: 'missing', place, detail: thrown.message };
  if (thrown.code === 'damaged') return { reason: 'damaged', place, detail: thrown.message };
  throw thrown;
}
