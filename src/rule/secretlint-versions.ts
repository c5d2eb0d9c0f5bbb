// Which secretlint is installed: part of what a set of rules is.
import { createRequire } from 'node:module';

const packages = ['config-loader', 'core', 'profiler', 'resolver', 'secretlint-rule-preset-recommend'];

/** Of each of its packages that we use, always in the same order; none of them is loaded. */
export function secretlintVersions(): readonly string[] {
  const require = createRequire(import.meta.url);
  return packages.map((name) => (require(`@secretlint/${name}/package.json`) as { version: string }).version);
}
