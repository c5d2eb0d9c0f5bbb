// Writing one image into a layout that holds others: those stay, with every blob that they lead to, and what nothing leads to any more is
// left behind. index.json is cut and joined as text, so that what others wrote there stays as they wrote it.
import type { Blob } from '../model/blob.ts';
import { type Digest, parseDigest } from '../model/digest.ts';
import { arrayField, field, type JsonNode, parseJson, stringField } from '../model/json.ts';
import { defaultLimits } from '../model/limits.ts';
import { ledToBy, type Manifests, manifestsBelow } from './layout-graph.ts';
import type { Members } from './members.ts';
import { ociIndex } from './oci-layout.ts';
import { blobName, type OutputContents } from './output-contents.ts';

/** A descriptor of index.json. */
interface Named {
  readonly node: JsonNode;
  readonly digest: Digest;
  readonly full: string | undefined;
  readonly ref: string | undefined;
}

/**
 * The contents and beside them the images of the layout `existing` with this index, but those of the same names, and the unnamed
 * artifacts that are about nothing but them (image-spec, manifest.md, "subject"). Throws UnbakeError `damaged` or `limit` when it cannot
 * be known what an image leads to. Blobs that were missing stay missing. Reads each manifest once.
 */
export async function withKeptImages(contents: OutputContents, oldIndex: Buffer, existing: Members): Promise<OutputContents> {
  const oldRoot = parseJson(oldIndex, `${ociIndex} of the output`, defaultLimits);
  const manifests = field(oldRoot, 'manifests');
  const earlier = namedIn(oldRoot);
  const written = namedIn(parseJson(contents.index, ociIndex, defaultLimits));
  const graph = await manifestsBelow(
    earlier.map(({ node }) => node),
    existing,
  );
  const kept = keptOf(earlier, written, new Set(contents.blobs.keys()), graph);

  const blobs = new Map<Digest, Blob>();
  for (const digest of ledToBy(kept.map(digestOf), graph)) {
    const blob = await existing.get(blobName(digest));
    if (blob !== undefined) blobs.set(digest, blob);
  }
  for (const [digest, blob] of contents.blobs) blobs.set(digest, blob);

  const textOf = (bytes: Buffer) => (item: Named) => bytes.subarray(item.node.span.start, item.node.span.end).toString('latin1');
  const list = [...kept.map(textOf(oldIndex)), ...written.map(textOf(contents.index))].join(',');
  if (manifests?.kind !== 'array') return { ...contents, blobs };
  const index = Buffer.concat([
    oldIndex.subarray(0, manifests.span.start),
    Buffer.from(`[${list}]`, 'latin1'),
    oldIndex.subarray(manifests.span.end),
  ]);
  return { ...contents, blobs, index };
}

function keptOf(earlier: readonly Named[], written: readonly Named[], own: ReadonlySet<Digest>, graph: Manifests): readonly Named[] {
  let kept = earlier.filter((item) => !written.some((other) => isSame(other, item)));
  for (;;) {
    const staying = ledToBy(kept.map(digestOf), graph);
    const stays = new Set(kept);
    const replaced = ledToBy(earlier.filter((item) => !stays.has(item)).map(digestOf), graph);
    const isGone = (digest: Digest) => replaced.has(digest) && !staying.has(digest) && !own.has(digest);
    const isOrphan = ({ digest, full, ref }: Named) => {
      const subject = graph.get(digest)?.subject;
      return full === undefined && ref === undefined && subject !== undefined && isGone(subject);
    };
    const left = kept.filter((item) => !isOrphan(item));
    if (left.length === kept.length) return kept;
    kept = left;
  }
}

function namedIn(root: JsonNode): readonly Named[] {
  return arrayField(root, 'manifests', ociIndex).map((node, index) => {
    const annotations = field(node, 'annotations');
    return {
      node,
      digest: parseDigest(stringField(node, 'digest'), `${ociIndex}.manifests[${index}].digest`),
      full: stringField(annotations, 'io.containerd.image.name'),
      ref: stringField(annotations, 'org.opencontainers.image.ref.name'),
    };
  });
}

function digestOf({ digest }: Named): Digest {
  return digest;
}

/** `1.0` of two images is one name only where no full name says otherwise. Without names it is the same image when it has the same digest. */
function isSame(written: Named, earlier: Named): boolean {
  if (written.full !== undefined && earlier.full !== undefined) return written.full === earlier.full;
  if (written.ref !== undefined && earlier.ref !== undefined) return written.ref === earlier.ref;
  return earlier.full === undefined && earlier.ref === undefined && written.digest === earlier.digest;
}
