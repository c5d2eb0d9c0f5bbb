// An error names tags, members and references, and those are texts of an image like any other: a secret in one is masked.
import { type ErrorCode, UnbakeError } from '../model/error.ts';
import type { Ruleset } from '../model/rule.ts';

const codesOfImages: ReadonlySet<ErrorCode> = new Set(['damaged', 'limit', 'unread', 'unsupported', 'not-an-image', 'no-such-platform']);

/** Its texts may be those of an image; other errors are about the user's own words, and need no rules. */
export function isAboutImage(thrown: unknown): boolean {
  return thrown instanceof UnbakeError && codesOfImages.has(thrown.code);
}

export async function maskedError(thrown: unknown, ruleset: Ruleset): Promise<unknown> {
  // A bug's message may quote what it stumbled over.
  if (thrown instanceof Error && !(thrown instanceof UnbakeError)) thrown.message = await maskedText(thrown.message, ruleset);
  if (!(thrown instanceof UnbakeError)) return thrown;
  const hint = thrown.hint === undefined ? undefined : await maskedText(thrown.hint, ruleset);
  return new UnbakeError(thrown.code, await maskedText(thrown.message, ruleset), { ...(hint === undefined ? {} : { hint }), cause: thrown.cause });
}

/** Loads the rules when there is a text for them. */
export function maskWith(load: () => Promise<Ruleset>): (text: string) => Promise<string> {
  let loaded: Promise<Ruleset> | undefined;
  return async (text) => maskedText(text, await (loaded ??= load()));
}

export async function maskedText(text: string, ruleset: Ruleset): Promise<string> {
  const { detections } = await ruleset.detect(text, '', ruleset.detectors.keys());
  return detections.reduceRight((rest, { start, end, secret }) => rest.slice(0, start) + secret.mask + rest.slice(end), text);
}
