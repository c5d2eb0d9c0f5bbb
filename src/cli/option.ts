// A flag that can also be given as an environment variable: --fail-on is UNBAKE_FAIL_ON.
import { Option } from 'commander';

/** With its environment variable, which commander must know before the option is added. */
export function option(flags: string, description: string): Option {
  const created = new Option(flags, description);
  return created.env(`UNBAKE_${created.long!.slice(2).toUpperCase().replaceAll('-', '_')}`);
}
