// A flag that can also be given as an environment variable: --fail-on is UNBAKE_FAIL_ON, the -o of clean is UNBAKE_CLEAN_OUTPUT.
import { InvalidArgumentError, Option } from 'commander';

/**
 * With its environment variable, which commander must know before the option is added. `command`: the one command that the variable is
 * for, where the same flag means another thing elsewhere.
 */
export function option(flags: string, description: string, command = ''): Option {
  const created = new Option(flags, description);
  const words = [...(command === '' ? [] : [command]), created.long!.slice(2)];
  return created.env(`UNBAKE_${words.join('_').toUpperCase().replaceAll('-', '_')}`);
}

/** The value of a flag as a time in seconds, at most a day. */
export function seconds(text: string): number {
  const value = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('It is not a number of seconds above 0.');
}

/** The value of a flag as a whole number, which may be negative. */
export function integer(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number.');
}
