// What an image is built for: `os/architecture[/variant]`, in Go's spelling (image-spec, image-index.md, "platform").
import { UnbakeError } from './error.ts';
import { type JsonNode, stringField } from './json.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** A platform, or `all`: everything that is there. */
export type PlatformChoice = Platform | 'all';

export function parsePlatform(text: string): PlatformChoice {
  if (text === 'all') return 'all';
  const [os, architecture, variant, ...rest] = text.split('/');
  if (!os || !architecture || rest.length > 0 || variant === '') {
    throw new UnbakeError('usage', `--platform ${text} is not a platform`, {
      hint: 'write os/architecture or os/architecture/variant, such as linux/arm64, or all',
    });
  }
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** Of a config or of a descriptor's `platform`; undefined when it does not say, or says `unknown` as attestations do. */
export function platformOf(node: JsonNode | undefined): Platform | undefined {
  const os = stringField(node, 'os');
  const architecture = stringField(node, 'architecture');
  const variant = stringField(node, 'variant');
  if (!os || !architecture || os === 'unknown') return undefined;
  return variant ? { os, architecture, variant } : { os, architecture };
}

/** A choice without a variant takes every variant; what does not say its platform may be for any. */
export function matchesPlatform(platform: Platform | undefined, choice: PlatformChoice): boolean {
  if (choice === 'all' || platform === undefined) return true;
  return (
    platform.os === choice.os &&
    platform.architecture === choice.architecture &&
    (choice.variant === undefined || platform.variant === choice.variant)
  );
}
