// Whether to colour. chalk looks at neither NO_COLOR nor the stream that is written to, so it is decided here.

/** `auto` colours terminals; NO_COLOR and FORCE_COLOR decide for it when they are set (no-color.org, force-color.org). */
export function colorLevel(when: 'auto' | 'always' | 'never', stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): 0 | 1 {
  if (when !== 'auto') return when === 'always' ? 1 : 0;
  if (environment['NO_COLOR']) return 0;
  const force = environment['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force === '0' || force === 'false' ? 0 : 1;
  return stream.isTTY === true && environment['TERM'] !== 'dumb' ? 1 : 0;
}
