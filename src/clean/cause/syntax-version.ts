// Secret mounts need a frontend that knows them: `# syntax=docker/dockerfile:1` names the newest one. A file knows them since 1.2, a
// variable (`env=`) since 1.10 (Dockerfile reference, "RUN --mount=type=secret"; release notes of the frontend).
import { topOf } from './directives.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { Edit } from './edits.ts';
import type { Mount, Remark } from './plan.ts';

/** The edit of the directive that the mounts need, if any, and what is to be said about it. */
export function syntaxFor(
  { text, directives }: Dockerfile,
  mounts: readonly Mount[],
): { readonly edits: readonly Edit[]; readonly remarks: readonly Remark[] } {
  if (mounts.length === 0) return { edits: [], remarks: [] };
  const needed = mounts.some(({ kind }) => kind === 'env') ? 10 : 2;
  const directive = directives.find(({ name }) => name === 'syntax');
  if (directive === undefined) {
    const top = topOf(text);
    const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
    // A `#!` line may be all that there is above.
    return { edits: [{ start: top, end: top, replacement: `# syntax=docker/dockerfile:1${eol}` }], remarks: [] };
  }

  const line = text.slice(0, directive.piece.start).split('\n').length;
  const [, repository, tag = 'latest', digest] =
    /^((?:docker\.io\/)?docker\/dockerfile(?:-upstream)?)(?::([^@]*))?(@.*)?$/.exec(directive.value) ?? [];
  if (repository === undefined)
    return { edits: [], remarks: [{ line, sentence: `it is for this frontend to know secret mounts, as docker/dockerfile:1.${needed} does.` }] };
  const [, minor, rest] = /^1\.(\d+)(.*)$/.exec(tag) ?? [];
  const isOld = tag === 'experimental' || (minor !== undefined && Number(minor) < needed);
  if (!isOld) return { edits: [], remarks: [] };
  if (digest !== undefined)
    return { edits: [], remarks: [{ line, sentence: `secret mounts need docker/dockerfile:1.${needed} or newer: give its digest here.` }] };
  const channel = rest?.endsWith('-labs') ? '-labs' : '';
  return {
    edits: [{ ...directive.piece, replacement: `${repository}:1${channel}` }],
    remarks: [{ line, sentence: `secret mounts need docker/dockerfile:1.${needed} or newer, so the version was raised to 1${channel}.` }],
  };
}
