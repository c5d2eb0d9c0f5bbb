// How the secrets came in, and what to change about it: a patch for the Dockerfile when one is given, advice otherwise.
import type { CauseInfo } from '../../model/clean-report.ts';
import type { Finding } from '../../model/finding.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import { adviceFor } from '../cause/advice.ts';
import { causesOf } from './causes-of.ts';

/** `patch` is exact, and so may hold values of the Dockerfile; the one in `info` is masked. */
export async function causeInfo(
  findings: readonly Finding[],
  scanned: ScannedStore,
  dockerfile: { readonly name: string; readonly text: string } | undefined,
): Promise<{ readonly info: CauseInfo; readonly patch: string }> {
  const causes = causesOf(findings, scanned);
  if (dockerfile === undefined) return { info: { advice: adviceFor(causes), dockerignore: [], buildFlags: [], remarks: [] }, patch: '' };
  const { patchDockerfile } = await import('../cause/dockerfile-patch.ts');
  const { patch, shownPatch, dockerignore, buildFlags, remarks } = patchDockerfile(dockerfile.text, dockerfile.name, causes, scanned.mask);
  return { info: { advice: [], patch: shownPatch, dockerignore, buildFlags, remarks }, patch };
}
