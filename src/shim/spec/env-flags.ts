// Variables of the command line: files of --env-file first, then --env, both in docker's form, which knows no quotes.
import { messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

export interface EnvSurroundings {
  /** The content of a file, as text; may throw anything. */
  readText(path: string): Promise<string>;
  /** The variables of the machine: `--env NAME` takes the value from there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * `NAME=value`, or NAME alone when `--env NAME` names one that the machine has not: the image's is taken away. As with docker one that another flag or a file sets
 * stays. Throws UnbakeError `usage`, without values.
 */
export async function parseEnvFlags(
  files: readonly string[],
  variables: readonly string[],
  surroundings: EnvSurroundings,
): Promise<readonly string[]> {
  const env: string[] = [];
  for (const file of files) {
    let text: string;
    try {
      text = await surroundings.readText(file);
    } catch (cause) {
      throw new UnbakeError('usage', `--env-file ${printable(file)} cannot be read: ${printable(messageOf(cause))}`, {
        hint: 'name a file of NAME=value lines',
        cause,
      });
    }
    env.push(...parseEnvFile(text, file, surroundings.environment));
  }
  for (const variable of variables) {
    if (variable === '' || variable.startsWith('='))
      throw new UnbakeError('usage', '--env: a variable has no name', { hint: 'write NAME=value, or NAME' });
    env.push(withValue(variable, surroundings.environment));
  }
  const set = new Set(env.filter((variable) => variable.includes('=')).map((variable) => variable.slice(0, variable.indexOf('='))));
  return env.filter((variable) => variable.includes('=') || !set.has(variable));
}

/**
 * A line is `NAME=value` with the value as it stands there, NAME alone for the machine's value if it has one, a comment behind `#`, or empty. Throws UnbakeError
 * `usage` with the number of the line, and nothing of what it says.
 */
export function parseEnvFile(text: string, file: string, environment: EnvSurroundings['environment']): readonly string[] {
  const env: string[] = [];
  for (const [index, whole] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = whole.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const wrong = (why: string) =>
      new UnbakeError('usage', `--env-file ${printable(file)}: ${why} in line ${index + 1}`, {
        hint: 'write NAME=value, without quotes or spaces before the =',
      });
    const equals = line.indexOf('=');
    const name = equals < 0 ? line : line.slice(0, equals);
    if (name === '') throw wrong('a variable has no name');
    if (/\s/.test(name)) throw wrong('the name of a variable has a space');
    if (/[\0\ufffd]/.test(line)) throw wrong('there are bytes that are not text');
    const variable = equals < 0 ? withValue(name, environment) : line;
    if (variable.includes('=')) env.push(variable);
  }
  return env;
}

function withValue(variable: string, environment: EnvSurroundings['environment']): string {
  if (variable.includes('=')) return variable;
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
  return value === undefined ? variable : `${variable}=${value}`;
}
