// What an image says of itself, as annotations of the runtime configuration (image-spec, conversion.md, "Annotation Fields").
import type { RunImage } from '../../model/run-image.ts';

const prefix = 'org.opencontainers.image.';

/**
 * Labels win over fields. Of the labels only those of the specification's own name are taken: runtimes act on annotations (`run.oci.*` of crun can change the filter
 * of system calls, `org.systemd.property.*` the unit), and an image must not.
 */
export function annotationsOf(image: RunImage): Readonly<Record<string, string>> {
  const fields: Readonly<Record<string, string | undefined>> = {
    os: image.os,
    architecture: image.architecture,
    variant: image.variant,
    author: image.author,
    created: image.created,
    stopSignal: image.stopSignal,
    exposedPorts: image.exposedPorts.join(','),
  };
  return Object.fromEntries([
    ...Object.entries(fields).flatMap(([name, value]) => (value ? [[`${prefix}${name}`, value] as const] : [])),
    ...Object.entries(image.labels).filter(([name]) => name.startsWith(prefix)),
  ]);
}
