// What is told of a cleaning for people to act on: which digests became which, what to rotate, what to delete from registries.
import type { CleanedImageInfo, Rotation } from '../../model/clean-report.ts';
import type { Digest } from '../../model/digest.ts';
import type { Finding } from '../../model/finding.ts';
import type { Image, OpenedStore } from '../../model/image.ts';
import type { Report } from '../../model/report.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import type { Applied } from '../apply/apply-plan.ts';
import type { Planned } from '../plan/planned.ts';

export function imageInfos(
  images: readonly Image[],
  { report, layers, mask }: ScannedStore,
  applied: Applied | undefined,
): readonly CleanedImageInfo[] {
  return images.flatMap((image, index) => {
    const cleaned = applied?.images.find((other) => other.image === image);
    if (applied !== undefined && cleaned === undefined) return [];
    const before = identity(image);
    const after = cleaned === undefined ? before : { manifestDigest: cleaned.manifest.digest, configDigest: cleaned.config.digest };
    const { name, tags } = report.images[index];
    return [
      {
        name: mask(name),
        tags: tags.map(mask),
        ...(image.platform === undefined ? {} : { platform: image.platform }),
        before,
        after,
        layers: report.images[index].layers.map((info, position) => {
          const scan = layers.get(image.layers[position].key)!;
          const now = cleaned?.layers[position];
          return {
            index: info.index,
            ...(info.createdBy === undefined ? {} : { createdBy: info.createdBy }),
            before: { digest: scan.digest, diffId: scan.diffId, size: scan.size },
            after:
              now === undefined
                ? { digest: scan.digest, diffId: scan.diffId, size: scan.size }
                : { digest: now.digest, diffId: now.diffId, size: now.blob.size },
            isTouched: now?.isRewritten ?? false,
          };
        }),
      },
    ];
  });
}

function identity({ manifestDigest, configDigest }: Image): CleanedImageInfo['before'] {
  return { ...(manifestDigest === undefined ? {} : { manifestDigest }), ...(configDigest === undefined ? {} : { configDigest }) };
}

/** By rule, worst first, as the findings come. */
export function rotations(selected: readonly Finding[], { rules }: Report): readonly Rotation[] {
  return [...Map.groupBy(selected, ({ ruleId }) => ruleId)].map(([ruleId, findings]) => {
    const rule = rules.find(({ id }) => id === ruleId);
    return {
      ruleId,
      name: rule?.name ?? ruleId,
      secrets: new Set(findings.map(({ secretId }) => secretId)).size,
      advice: rule?.advice ?? '',
      references: rule?.references ?? [],
    };
  });
}

/** Of manifests, configs and layers that held something, in the order of the images. */
export function revocable({ images }: OpenedStore, { layers }: ScannedStore, planned: readonly Planned[]): readonly Digest[] {
  const keys = new Set(planned.flatMap((step) => ('key' in step ? [step.key] : [])));
  const documents = new Set<string>(planned.flatMap((step) => (step.kind === 'metadata' ? [step.step.document] : [])));
  const digests: Digest[] = [];
  for (const image of images) {
    const held = image.layers.filter(({ key }) => keys.has(key)).map(({ key }) => layers.get(key)!.digest);
    if (held.length === 0 && !image.documents.some(({ digest }) => documents.has(digest))) continue;
    digests.push(...[image.manifestDigest, image.configDigest].filter((digest) => digest !== undefined), ...held);
  }
  digests.push(...planned.flatMap((step) => (step.kind === 'attached' ? [step.step.digest] : [])));
  return [...new Set(digests)];
}
