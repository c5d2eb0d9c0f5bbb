// The one error of unbake. Thrown where the fact is known, printed only by the command line.

/** What went wrong, as a closed list; the command line turns it into an exit code. */
export type ErrorCode =
  | 'usage' // a wrong flag, reference, rule file, configuration or ignore file
  | 'not-found' // the image, tag, file or blob is not there
  | 'not-an-image' // the bytes are there and are no image in any form that is known
  | 'no-such-platform' // the image has no variant for the platform asked for
  | 'damaged' // truncated, wrong digest, corrupt compression, malformed JSON or tar
  | 'limit' // a named limit was reached
  | 'unsupported' // a form that is known and cannot be read here
  | 'unread' // a part of the image cannot be read, so nothing can be proved of the whole
  | 'refused' // the image has findings that count: it is not started
  | 'unproved' // what was made is not what it should be: it was thrown away
  | 'conflict' // a name or a port is taken, or a thing is still in use
  | 'runtime' // the OCI runtime, or what it needs of the machine, failed
  | 'io' // the operating system refused a read or a write
  | 'interrupted';

/**
 * An error with a sentence that says what happened (expected, got, where) and a hint with what to do next.
 * Neither ever holds a secret's value or bytes of an image that were not escaped.
 */
export class UnbakeError extends Error {
  override readonly name = 'UnbakeError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The name of the limit that was reached, when `code` is `limit`. */
  readonly limit: string | undefined;

  constructor(code: ErrorCode, sentence: string, options: { hint?: string; limit?: string; cause?: unknown } = {}) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.limit = options.limit;
  }
}

/** The sentence of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** True for errors of the operating system with this code, such as `ENOENT`. */
export function isSystemError(thrown: unknown, ...codes: string[]): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
