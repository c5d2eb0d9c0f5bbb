// An error on its way to another thread: it arrives as what it was, an UnbakeError with all that it says, or an error of the system with
// its code.
import { type ErrorCode, UnbakeError } from '../../model/error.ts';

export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of an UnbakeError. */
  readonly own?: { readonly code: ErrorCode; readonly hint: string | undefined; readonly limit: string | undefined };
  /** Of the operating system, such as `ENOENT`. */
  readonly code?: string;
  readonly cause?: PackedError;
}

/** An error may be its own cause. */
const mostCauses = 8;

export function packError(thrown: unknown, depth = 0): PackedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  const { name, message, stack, cause } = thrown;
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(thrown instanceof UnbakeError ? { own: { code: thrown.code, hint: thrown.hint, limit: thrown.limit } } : {}),
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    ...(cause === undefined || depth === mostCauses ? {} : { cause: packError(cause, depth + 1) }),
  };
}

export function unpackError({ name, message, stack, own, code, cause: packed }: PackedError): Error {
  const cause = packed === undefined ? undefined : unpackError(packed);
  if (own !== undefined) {
    const { hint, limit } = own;
    return new UnbakeError(own.code, message, { ...(hint === undefined ? {} : { hint }), ...(limit === undefined ? {} : { limit }), cause });
  }
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
