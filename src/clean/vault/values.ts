// Variables of a vault: the name of each one's file, the file's content, and what an env file can hold. The only file of the vault that
// reveals values; they stay behind closures, so that printing a member shows nothing.
import type { Blob } from '../../model/blob.ts';
import type { Secret } from '../../model/secret.ts';
import type { VaultVariable } from './contents.ts';
import { safeName } from './files.ts';

export interface StoredVariable {
  readonly name: string;
  /** Name inside the vault, before encryption. */
  readonly file: string;
  /** The value as it is, no line feed added. */
  readonly content: Blob;
  readonly images: readonly number[];
  /** The variable that the container of the first image saw: the last one of its name there. */
  readonly isPutBack: boolean;
  readonly isInEnvFile: boolean;
  /** What cannot be in the environment of a process: a value with a NUL, or more than Linux takes in one string (128 KiB with its NUL). */
  readonly isPossible: boolean;
}

/** In the order given. Files are called as their variables, made safe and unique whatever the case of letters. */
export function storedVariables(variables: readonly VaultVariable[]): readonly StoredVariable[] {
  const fileNames = uniqueNames();
  const lastOfName = new Map(variables.filter(({ images }) => images.includes(0)).map((variable) => [variable.name, variable]));
  return variables.map((variable) => {
    const { name, value, images } = variable;
    const size = Buffer.byteLength(`${name}=${value.reveal()}`);
    const isPutBack = lastOfName.get(name) === variable;
    return {
      name,
      file: `variables/${fileNames(name)}`,
      content: hiddenText(() => value.reveal()),
      images,
      isPutBack,
      isInEnvFile: isPutBack && fitsEnvFile(name, value, size),
      isPossible: !value.reveal().includes('\0') && size < 128 * 1024,
    };
  });
}

/** `NAME=value` a line, as `docker run --env-file` reads it; undefined when no variable can stand there. */
export function envFile(variables: readonly VaultVariable[], stored: readonly StoredVariable[]): Blob | undefined {
  const lines = variables.filter((_, index) => stored[index]!.isInEnvFile);
  if (lines.length === 0) return undefined;
  return hiddenText(() => lines.map(({ name, value }) => `${name}=${value.reveal()}\n`).join(''));
}

/** docker's reader takes lines of up to 64 KiB, cuts a carriage return off their ends, and knows no escape. It ends names at `=` and takes `#` for a comment. */
function fitsEnvFile(name: string, value: Secret, size: number): boolean {
  return /^(?!#)[!-<>-~]+$/.test(name) && size < 64 * 1024 && !/[\n\0]|\r$/.test(value.reveal());
}

function hiddenText(text: () => string): Blob {
  return {
    size: Buffer.byteLength(text()),
    async *open(start = 0) {
      const bytes = Buffer.from(text());
      if (start < bytes.length) yield bytes.subarray(start);
    },
  };
}

function uniqueNames(): (name: string) => string {
  const taken = new Map<string, number>();
  return (name) => {
    // A leading dot hides a file.
    const safe = safeName(name, 100).replace(/^[.-]|^$/, '_');
    for (;;) {
      const count = (taken.get(safe.toLowerCase()) ?? 0) + 1;
      taken.set(safe.toLowerCase(), count);
      if (count === 1) return safe;
      const next = `${safe}-${count}`;
      if (taken.has(next.toLowerCase())) continue;
      taken.set(next.toLowerCase(), 1);
      return next;
    }
  };
}
