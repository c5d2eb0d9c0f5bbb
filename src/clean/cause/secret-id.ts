// What a secret is called on the command line of a build and in `--mount`: `--secret id=env,src=.env`.
import { nameIn } from './image-path.ts';

/** Of a file: its name without leading dots, other characters than letters, digits, `_`, `.` and `-` replaced. */
export function idOf(path: string): string {
  return (
    nameIn(path)
      .replace(/^\.+/, '')
      .replaceAll(/[^\w.-]+/g, '-') || 'secret'
  );
}

/** The id, with a number behind it when it is taken; takes it. */
export function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number++) id = `${wanted}-${number}`;
  taken.add(id);
  return id;
}

/** True for paths that mean themselves in a flag of RUN and in a shell: no white space, quote, comma, `$` or escape. */
export function isPlain(path: string): boolean {
  return /^[\p{L}\p{N}_./@+~-]+$/u.test(path) && !path.startsWith('-');
}

/** `--secret id=env,src=.env`; FILE for a name that would have to be quoted. */
export function buildFlagOf(id: string, file: string): string {
  return `--secret id=${id},src=${isPlain(file) ? file : 'FILE'}`;
}

/** A line of .dockerignore for one path of the context, or for a name anywhere in it (Dockerfile reference, ".dockerignore file"). */
export function ignoreLine(path: string, isAnywhere: boolean): string {
  const escaped = path.replaceAll(/[*?[\]\\]/g, String.raw`\$&`).replace(/^[#!]/, String.raw`\$&`);
  // White space at an end would be trimmed, and a line end would end it: `?` is any one character.
  const kept = escaped
    .replace(/^\s/, '?')
    .replace(/\s$/, '?')
    .replaceAll(/[\u0000-\u001f\u007f]/g, '?');
  return isAnywhere ? `**/${kept}` : kept;
}
