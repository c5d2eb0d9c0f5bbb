// Which secretlint is installed: part of what a set of rules is. A bundle holds the versions that it was made of.
import loader from '@secretlint/config-loader/package.json' with { type: 'json' };
import core from '@secretlint/core/package.json' with { type: 'json' };
import profiler from '@secretlint/profiler/package.json' with { type: 'json' };
import resolver from '@secretlint/resolver/package.json' with { type: 'json' };
import preset from '@secretlint/secretlint-rule-preset-recommend/package.json' with { type: 'json' };

/** Of each of its packages that we use, always in the same order; none of them is loaded. */
export function secretlintVersions(): readonly string[] {
  return [loader, core, profiler, resolver, preset].map(({ version }) => version);
}
