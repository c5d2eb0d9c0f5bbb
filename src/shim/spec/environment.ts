// The variables of a container. None of the machine's is among them but those that a flag names.

export interface EnvironmentParts {
  readonly hostname: string;
  readonly isTty: boolean;
  /** Each over those before it; `NAME` without a value takes the variable away. */
  readonly image: readonly string[];
  readonly vault: readonly string[];
  readonly request: readonly string[];
}

/** docker's default for images that name none. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** In docker's order: PATH, HOSTNAME, TERM with a terminal, then the image's, the vault's and the request's. A name stands once, with its last value. */
export function environmentOf({ hostname, isTty, image, vault, request }: EnvironmentParts): readonly string[] {
  const defaults = [`PATH=${defaultPath}`, `HOSTNAME=${hostname}`, ...(isTty ? ['TERM=xterm'] : [])];
  return overlaid(defaults, [...image, ...vault, ...request]);
}

/** `over` put over `env`: a known name gets its new value in its old place. */
export function overlaid(env: readonly string[], over: readonly string[]): readonly string[] {
  const values = new Map<string, string | undefined>();
  for (const variable of [...env, ...over]) values.set(nameOf(variable), variable.includes('=') ? variable : undefined);
  return [...values.values()].filter((variable) => variable !== undefined);
}

export function hasVariable(env: readonly string[], name: string): boolean {
  return env.some((variable) => nameOf(variable) === name);
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
}
