// What tests of Dockerfile patches share: a Dockerfile that is patched without anything to be hidden.
import type { Cause } from '../../../src/clean/cause/cause.ts';
import { type DockerfilePatch, patchDockerfile } from '../../../src/clean/cause/dockerfile-patch.ts';

export const variable = (name: string): Cause => ({ kind: 'variable', name });
export const argument = (name: string): Cause => ({ kind: 'argument', name });
export const file = (path: string, createdBy?: string, isVisible = true): Cause => ({
  kind: 'file',
  path,
  isVisible,
  ...(createdBy === undefined ? {} : { createdBy }),
});

export function patchOf(lines: readonly string[], ...causes: readonly Cause[]): DockerfilePatch {
  return patchDockerfile(`${lines.join('\n')}\n`, 'Dockerfile', causes, (text) => text);
}

/** The lines of the patched file. */
export function patchedLines(lines: readonly string[], ...causes: readonly Cause[]): readonly string[] {
  return patchOf(lines, ...causes)
    .patched.trimEnd()
    .split('\n');
}

/** The one remark that fits. */
export function remark(patch: DockerfilePatch, form: RegExp): string {
  const found = patch.remarks.filter((sentence) => form.test(sentence));
  if (found.length !== 1) throw new Error(`${found.length} remarks fit ${form}: ${JSON.stringify(patch.remarks)}`);
  return found[0];
}
