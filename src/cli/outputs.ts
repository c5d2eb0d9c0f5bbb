// `-f FORMAT -o FILE` pairs: several reports of one run, at most one of them on standard output.
import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { type Format, parseFormat } from '../report/format.ts';

export interface Output {
  format?: Format;
  file?: string;
}

/** A format begins a new pair, unless the last one has only a file. */
export function collectFormat(outputs: Output[], text: string): Output[] {
  const format = parseFormat(text);
  const last = outputs.at(-1);
  if (last !== undefined && last.format === undefined) last.format = format;
  else outputs.push({ format });
  return outputs;
}

export function collectOutput(outputs: Output[], file: string): Output[] {
  const last = outputs.at(-1);
  if (last !== undefined && last.file === undefined) last.file = file;
  else outputs.push({ file });
  return outputs;
}

/** What to write where; `-` and nothing at all are standard output. Without a format the file's name tells. */
export function resolveOutputs(outputs: readonly Output[]): readonly { readonly format: Format; readonly file: string | undefined }[] {
  if (outputs.length === 0) return [{ format: 'text', file: undefined }];
  const resolved = outputs.map(({ format, file }) => ({ format: format ?? formatOf(file), file: file === '-' ? undefined : file }));
  if (resolved.filter(({ file }) => file === undefined).length > 1) {
    throw new UnbakeError('usage', 'only one report can go to standard output', { hint: 'give each -f FORMAT its own -o FILE' });
  }
  return resolved;
}

function formatOf(file: string | undefined): Format {
  const extension = file === undefined ? '' : extname(file);
  return extension === '.sarif' ? 'sarif' : extension === '.json' ? 'json' : 'text';
}

/** Writes the pieces as they come. With values in it, a file is its owner's alone. */
export async function writeOutput(pieces: Iterable<string>, file: string | undefined, isPrivate: boolean): Promise<void> {
  if (file === undefined) return writeStandardOutput(pieces);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'w', isPrivate ? 0o600 : 0o644);
    if (isPrivate) await handle.chmod(0o600);
    for (const batch of batches(pieces)) await handle.write(batch);
  } catch (cause) {
    throw new UnbakeError('io', `the report cannot be written to ${file}: ${messageOf(cause)}`, { cause });
  } finally {
    await handle?.close();
  }
}

/** Whoever reads may have seen enough (`| head`): that is no error, and nobody is there to be told of one. */
export function writeStandardOutput(pieces: Iterable<string>): Promise<void> {
  return writeStream(pieces, process.stdout);
}

/** The same to standard output or error. */
export async function writeStream(pieces: Iterable<string>, stream: NodeJS.WriteStream): Promise<void> {
  stream.on('error', () => undefined);
  for (const batch of batches(pieces)) {
    const error = await new Promise<Error | null | undefined>((resolve) => stream.write(batch, resolve));
    if (isSystemError(error, 'EPIPE')) return;
    const name = stream === process.stdout ? 'standard output' : 'standard error';
    if (error) throw new UnbakeError('io', `the report cannot be written to ${name}: ${messageOf(error)}`, { cause: error });
  }
}

function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < 64 * 1024) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}
