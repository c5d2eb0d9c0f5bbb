// How a secret in a file is removed: what later layers deleted is dropped, text is written over in place, archives are rewritten, and what
// cannot be changed safely becomes an empty file. `--mode` decides otherwise.
import picomatch from 'picomatch';
import { UnbakeError } from '../../model/error.ts';
import { type Treatment, treatments } from '../../model/plan.ts';
import type { FileNature, NestedFind } from '../values/hunt-layer.ts';

/** `--mode GLOB=TREATMENT`, or `env:NAME=TREATMENT` for variables. */
export interface Mode {
  readonly typed: string;
  readonly treatment: Treatment;
  matches(path: string): boolean;
}

const variable = 'env:';

/** Throws UnbakeError `usage`. */
export function parseMode(typed: string): Mode {
  const equals = typed.lastIndexOf('=');
  const glob = typed.slice(0, Math.max(0, equals));
  const treatment = typed.slice(equals + 1) as Treatment;
  if (glob === '' || !treatments.includes(treatment)) {
    throw new UnbakeError('usage', `--mode ${typed} is no GLOB=TREATMENT`, {
      hint: `write a path in the image, or env:NAME, then = and one of ${treatments.join(', ')}: --mode 'app/*.yml=redact'`,
    });
  }
  if (glob.startsWith(variable) && treatment !== 'drop' && treatment !== 'redact')
    throw new UnbakeError('usage', `--mode ${typed}: a variable can be dropped or redacted`);
  return { typed, treatment, matches: globMatcher(glob.startsWith(variable) ? glob : withoutSlash(glob)) };
}

/** Tells whether a path (without its leading slash), or a folder above it, is meant. */
export function globMatcher(glob: string): (path: string) => boolean {
  const isGlob = picomatch(glob, { dot: true });
  // A name may hold what means something in a glob: `[id].js`.
  const isMeant = (path: string) => path === glob || isGlob(path);
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (isMeant(path.slice(0, end))) return true;
    return false;
  };
}

export function withoutSlash(path: string): string {
  return path.replace(/^(?:\.?\/)+|\/+$/g, '');
}

/** The last mode that names the path. */
export function modeFor(modes: readonly Mode[], path: string): Mode | undefined {
  return modes.findLast((mode) => mode.matches(path));
}

export function modeForVariable(modes: readonly Mode[], name: string): Mode | undefined {
  return modeFor(
    modes.filter(({ typed }) => typed.startsWith(variable)),
    `${variable}${name}`,
  );
}

/** What is known of a file that holds a value. */
export interface FileFacts {
  readonly nature: FileNature;
  readonly isVisible: boolean;
  /** No container sees it, and it stands in the way of a folder of an older layer. */
  readonly isOverFolder: boolean;
  /** Of an archive that holds the value inside: the archive without it, or why that cannot be had. */
  readonly rewriting: NestedFind['rewritten'] | undefined;
  /** Why the place of the value cannot be written over, if so. */
  readonly unplaced: string | undefined;
  readonly isExecutable: boolean;
  readonly isWhiteout: boolean;
}

export interface Chosen {
  readonly treatment: Treatment;
  readonly reason: string;
}

export function treatmentFor(facts: FileFacts, mode: Mode | undefined): Chosen {
  if (facts.isWhiteout) return { treatment: 'empty', reason: 'the body of a whiteout, which is never unpacked: its name must stay' };
  if (facts.isOverFolder && (mode === undefined || mode.treatment === 'drop'))
    return { treatment: 'empty', reason: 'no container sees it, but without it files of an older layer below its path would come back' };
  if (mode !== undefined) return asked(facts, mode);
  if (!facts.isVisible) return { treatment: 'drop', reason: 'no container sees it: a later layer deleted or replaced it' };
  if (facts.rewriting !== undefined) {
    if ('blob' in facts.rewriting) return { treatment: 'rewrite', reason: `the secret stands inside an archive (${facts.nature})` };
    return { treatment: 'empty', reason: `the secret stands inside an archive that cannot be rewritten: ${facts.rewriting.cannot}` };
  }
  if (facts.unplaced !== undefined) return { treatment: 'empty', reason: facts.unplaced };
  if (facts.nature === 'text') return { treatment: 'redact', reason: 'a text file that containers see' };
  // The headers of a tar have checksums, the files in it have none.
  if (facts.nature === 'tar') return { treatment: 'redact', reason: 'an uncompressed archive that containers see' };
  const program = facts.isExecutable ? '; it is executable, so look whether --mode PATH=redact serves better' : '';
  return { treatment: 'empty', reason: `a ${facts.nature === 'binary' ? 'binary' : facts.nature} file cannot be written over safely${program}` };
}

function asked(facts: FileFacts, { typed, treatment }: Mode): Chosen {
  const reason = `asked for by --mode ${typed}`;
  if (treatment === 'drop' || treatment === 'empty') return { treatment, reason };
  if (facts.rewriting !== undefined) {
    if ('blob' in facts.rewriting) return { treatment: 'rewrite', reason };
    return { treatment: 'empty', reason: `${reason}, but the archive cannot be rewritten: ${facts.rewriting.cannot}` };
  }
  if (facts.unplaced !== undefined) return { treatment: 'empty', reason: `${reason}, but: ${facts.unplaced}` };
  return { treatment: 'redact', reason };
}
