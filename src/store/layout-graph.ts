// What leads to what in an OCI layout: from descriptors to manifests and indexes, and from those to blobs. The place of a digest tells what
// it is: what stands in `manifests` is read, the rest is not.
import { type Blob, bytesOf } from '../model/blob.ts';
import { type Digest, isDigest, parseDigest } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';
import { arrayField, field, type JsonNode, parseJson, stringField } from '../model/json.ts';
import { defaultLimits } from '../model/limits.ts';
import type { Members } from './members.ts';
import { blobName } from './output-contents.ts';

interface Manifest {
  readonly manifests: readonly Digest[];
  /** Config, layers, and whatever else is not read. */
  readonly leaves: readonly Digest[];
  /** What it is about, when it is a signature or another artifact. That is no way to lead to it. */
  readonly subject: Digest | undefined;
}

export type Manifests = ReadonlyMap<Digest, Manifest>;

/** Every manifest and index below these descriptors that is there. Throws UnbakeError `damaged` or `limit` for one that cannot be read. */
export async function manifestsBelow(descriptors: readonly JsonNode[], members: Members): Promise<Manifests> {
  const found = new Map<Digest, Manifest>();
  const pending = descriptors.map((node) => ({ node, where: 'index.json' }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const digest = digestIn(next.node, next.where);
    const blob = found.has(digest) ? undefined : await members.get(blobName(digest));
    const root = blob && (await manifestIn(next.node, digest, blob));
    if (root === undefined) continue;
    const where = `manifest ${digest}`;
    const config = field(root, 'config');
    const children = arrayField(root, 'manifests', where);
    const leaves = [...(config === undefined ? [] : [config]), ...arrayField(root, 'layers', where), ...arrayField(root, 'blobs', where)];
    const subject = stringField(field(root, 'subject'), 'digest');
    found.set(digest, {
      manifests: children.map((node) => digestIn(node, where)),
      leaves: leaves.map((node) => digestIn(node, where)),
      subject: isDigest(subject) ? subject : undefined,
    });
    for (const node of children) pending.push({ node, where });
  }
  return found;
}

/** These digests and every one below them, whether it is there or not. */
export function ledToBy(digests: readonly Digest[], manifests: Manifests): Set<Digest> {
  const reached = new Set<Digest>();
  const pending = [...digests];
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    for (const below of manifests.get(digest)?.leaves ?? []) pending.push(below);
    for (const below of manifests.get(digest)?.manifests ?? []) pending.push(below);
  }
  return reached;
}

function digestIn(node: JsonNode, where: string): Digest {
  return parseDigest(stringField(node, 'digest'), `a digest in ${where}`);
}

/** Undefined for what an index may hold besides manifests: by its media type no JSON, and indeed none. */
async function manifestIn(node: JsonNode, digest: Digest, blob: Blob): Promise<JsonNode | undefined> {
  const mediaType = stringField(node, 'mediaType') ?? '';
  try {
    if (blob.size > defaultLimits.manifestBytes) {
      throw new UnbakeError('limit', `the manifest ${digest} has ${blob.size} bytes: more than ${defaultLimits.manifestBytes} are not parsed`, {
        limit: 'manifestBytes',
        hint: 'write to a folder of its own',
      });
    }
    return parseJson(await bytesOf(blob), `manifest ${digest}`, defaultLimits);
  } catch (thrown) {
    if (thrown instanceof UnbakeError && thrown.code !== 'io' && mediaType !== '' && !mediaType.endsWith('json')) return undefined;
    throw thrown;
  }
}
