// The patch that keeps a Dockerfile from baking the same secrets in again: secrets reach the commands that need them as
// `RUN --mount=type=secret` and stay out of every layer. Lines that are not concerned stay byte for byte.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Cause } from './cause.ts';
import { type Instruction, readDockerfile } from './dockerfile.ts';
import { applyEdits, type Edit, editsFor } from './edits.ts';
import type { FoundFile } from './file-causes.ts';
import { stagesOf } from './file-origins.ts';
import { planFiles } from './file-plan.ts';
import type { Plan, Remark } from './plan.ts';
import { type Step, stepsOf } from './steps.ts';
import { syntaxFor } from './syntax-version.ts';
import { unifiedDiff } from './unified-diff.ts';
import { planVariables } from './variable-plan.ts';
import { type Left, remarksOnWrittenOut } from './written-out.ts';

export interface DockerfilePatch {
  /**
   * Unified diff (a/Dockerfile, b/Dockerfile), exact, for `git apply` and `patch -p1`; '' when nothing is to be changed. Its old lines hold
   * what the file holds, secrets included.
   */
  readonly patch: string;
  /** The same to be looked at: values of removed variables and everything that `mask` hides are hidden, controls escaped. */
  readonly shownPatch: string;
  readonly patched: string;
  /** Lines for .dockerignore. */
  readonly dockerignore: readonly string[];
  /** Arguments of `docker build` that the patched file needs: `--secret id=...,env=...`, `--secret id=...,src=...`. */
  readonly buildFlags: readonly string[];
  /** What was not patched by machine and why, or has to be known, in sentences; lines are those of the file as given. Masked and printable. */
  readonly remarks: readonly string[];
}

/** Each question about one of them can take a look at the whole file. */
const mostNames = 500;
const mostFiles = 500;

/**
 * `text` is the file, decoded as UTF-8; `name` its path for the headers of the patch and for messages; `mask` hides the secrets that
 * were found, in any text. Throws UnbakeError `usage` when the text is no Dockerfile, and `unsupported` when the result would not be the
 * one that was meant. Files of usual size take milliseconds; the worst that is taken (1 MiB, 5,000 instructions, 250 stages) seconds.
 */
export function patchDockerfile(text: string, name: string, causes: readonly Cause[], mask: (text: string) => string): DockerfilePatch {
  const dockerfile = readDockerfile(text, name);
  const steps = stepsOf(dockerfile);
  const names = new Set(causes.flatMap((cause) => (cause.kind === 'variable' || cause.kind === 'argument' ? [cause.name] : [])));
  const files = filesOf(causes);
  const variables = planVariables(dockerfile, steps, [...names].slice(0, mostNames));
  const taken = new Set(variables.mounts.map(({ mount }) => mount.id));
  const copied = planFiles(stagesOf(dockerfile, steps), files.slice(0, mostFiles), taken, mask);

  const mounts = [...variables.mounts, ...copied.mounts];
  const drops = [...variables.drops, ...copied.drops];
  const syntax = syntaxFor(
    dockerfile,
    Array.from(mounts, ({ mount }) => mount),
  );
  const { edits, kept } = editsFor(text, steps, { drops, mounts });
  const patched = applyEdits(
    text,
    [...syntax.edits, ...edits].sort((a, b) => a.start - b.start),
  );
  const remarks = [
    ...syntax.remarks,
    ...variables.remarks,
    ...copied.remarks,
    ...onTriggers(mounts.map(({ instruction }) => instruction)),
    ...remarksOnWrittenOut(leftOf(patched, name, kept), causes, mask),
    ...(names.size > mostNames ? [{ line: 0, sentence: `Only ${mostNames} of ${names.size} variables were looked for.` }] : []),
    ...(files.length > mostFiles ? [{ line: 0, sentence: `Only ${mostFiles} of ${files.length} files were looked for.` }] : []),
  ];
  return {
    patch: unifiedDiff(name, text, patched),
    shownPatch: shown(unifiedDiff(name, applyEdits(text, hidden(steps, drops)), patched), mask),
    patched,
    dockerignore: copied.ignored,
    buildFlags: [...variables.buildFlags, ...copied.buildFlags],
    remarks: sentences(remarks, mask),
  };
}

/** A trigger runs in the build of another image. */
function onTriggers(mounted: readonly Instruction[]): Remark[] {
  const sentence = 'a build of an image FROM this one runs this, and needs the same --secret flags.';
  return mounted.filter(({ isTrigger }) => isTrigger).map(({ line }) => ({ line, sentence }));
}

/** One for each path, in order. */
function filesOf(causes: readonly Cause[]): FoundFile[] {
  const files = new Map<string, FoundFile>();
  for (const cause of causes) {
    if (cause.kind !== 'file') continue;
    const { path, createdBy, isVisible } = cause;
    const same = files.get(path);
    const told = [...(same?.createdBy ?? []), ...(createdBy === undefined ? [] : [createdBy])];
    files.set(path, { path, createdBy: told, isVisible: isVisible || same?.isVisible === true });
  }
  return [...files.values()];
}

/** The patched file read again. Throws UnbakeError `unsupported` when it has other instructions than those that were kept. */
function leftOf(patched: string, name: string, kept: readonly Instruction[]): Left[] {
  const { instructions } = readDockerfile(patched, name);
  if (instructions.length !== kept.length || instructions.some(({ keyword }, index) => keyword !== kept[index].keyword)) {
    throw new UnbakeError('unsupported', `${printable(name)} is written in a way that cannot be patched safely`, {
      hint: 'Leave --dockerfile out to get advice instead.',
    });
  }
  return instructions.map(({ start, end }, index) => ({ instruction: kept[index], text: patched.slice(start, end) }));
}

/** The values of variables that go: their names say that they are secrets, whether or not they are the ones that were found. */
function hidden(steps: readonly Step[], drops: Plan['drops']): Edit[] {
  const gone = new Set(drops.map(({ piece }) => piece.start));
  return steps
    .flatMap(({ definitions }) => definitions)
    .filter(({ start, valueStart, end }) => gone.has(start) && end > valueStart)
    .map(({ valueStart, end }) => ({ start: valueStart, end, replacement: '********' }));
}

function shown(patch: string, mask: (text: string) => string): string {
  return mask(patch)
    .split('\n')
    .map((line) => line.replace(/\r$/, '').split('\t').map(printable).join('\t'))
    .join('\n');
}

function sentences(remarks: readonly Remark[], mask: (text: string) => string): string[] {
  const inOrder = remarks.toSorted((a, b) => (a.line || Infinity) - (b.line || Infinity));
  return [...new Set(inOrder.map(({ line, sentence }) => printable(mask(line === 0 ? sentence : `Line ${line}: ${sentence}`))))];
}
