// Which blobs the index needs: everything that its descriptors lead to.
import type { Digest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import { type JsonNode, parseJson, stringField } from '../../model/json.ts';
import { isDigest } from '../../model/digest.ts';
import { defaultLimits } from '../../model/limits.ts';
import { ledToBy, manifestsBelow } from '../../store/layout-graph.ts';
import type { BlobFolder } from './blob-folder.ts';
import { type ImageIndex, indexText } from './image-index.ts';
import { LoneImageMembers } from './lone-image-members.ts';

/**
 * What is damaged leads to nothing: it cannot be run or saved any more. Throws UnbakeError `io` for what may be read another time. Reads
 * each manifest once.
 */
export async function reachableFrom(index: ImageIndex, blobs: BlobFolder): Promise<ReadonlySet<Digest>> {
  const members = new LoneImageMembers(blobs, '', await blobs.digests());
  const reached = new Set<Digest>();
  const root = parseJson(Buffer.from(indexText(index)), 'index.json of the image store', defaultLimits);
  const manifests = root.kind === 'object' ? root.entries.find(({ key }) => key === 'manifests')?.value : undefined;
  for (const node of manifests?.kind === 'array' ? manifests.items : [])
    for (const digest of await reachableFromOne(node, members)) reached.add(digest);
  return reached;
}

async function reachableFromOne(node: JsonNode, members: LoneImageMembers): Promise<Iterable<Digest>> {
  const digest = stringField(node, 'digest');
  if (!isDigest(digest)) return [];
  try {
    return ledToBy([digest], await manifestsBelow([node], members));
  } catch (thrown) {
    if (thrown instanceof UnbakeError && thrown.code !== 'io') return [digest];
    throw thrown;
  }
}
