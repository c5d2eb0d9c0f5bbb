// The user's own `.secretlintrc.*`: its rules run beside ours, and what it says of the recommended preset is honoured.
// A `.js` file, and every rule, is code of the user's: only a folder that the user named is ever looked at.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { SecretLintCoreConfigRule, SecretLintRuleCreator, SecretLintRulePresetCreator } from '@secretlint/types';
import { messageOf, UnbakeError } from '../model/error.ts';
import { presetPackage, type RuleSettings } from './preset-rule.ts';
import { findRc } from './rc-path.ts';

export interface UserRules {
  /** In secretlint's form; never rules of the recommended preset. */
  readonly rules: readonly SecretLintCoreConfigRule[];
  /** Settings for rules of the recommended preset, by their full id. */
  readonly presetSettings: ReadonlyMap<string, RuleSettings>;
  /** Whether the preset as a whole is switched off. */
  readonly isPresetDisabled: boolean;
  /** Changes with the file and with the modules it names. */
  readonly fingerprint: string;
}

export const noUserRules: UserRules = { rules: [], presetSettings: new Map(), isPresetDisabled: false, fingerprint: '' };

const ownRequire = createRequire(import.meta.url);
const folderOfLoad = new AsyncLocalStorage<{ readonly directory: string; readonly resolved: Set<string> }>();
let isHooked = false;

/** Looks into this folder only, not above it. No file there is no error. */
export async function loadUserRules(directory: string, presetRuleIds: readonly string[]): Promise<UserRules> {
  const rcPath = findRc(directory);
  if (rcPath === undefined) return noUserRules;
  const [loader, resolver, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/config-loader'),
    import('@secretlint/resolver'),
    import('@secretlint/profiler'),
  ]);
  secretLintProfiler.setEnabled(false);
  if (!isHooked) resolver.registerResolveHook(resolveRule);
  isHooked = true;
  const load = { directory: resolve(directory), resolved: new Set<string>() };
  try {
    const { configDescriptor } = await loader.loadConfigDescriptor({
      cwd: load.directory,
      ...(rcPath.endsWith('package.json') ? {} : { configFilePath: rcPath }),
    });
    const { config } = await folderOfLoad.run(load, () => loader.loadPackagesFromConfigDescriptor({ configDescriptor }));
    const sources = [...load.resolved].sort().map((file) => readFileSync(file, 'utf8'));
    return sortOut(config.rules, presetRuleIds, JSON.stringify([configDescriptor, sources]));
  } catch (cause) {
    throw new UnbakeError('usage', `the secretlint configuration ${rcPath} cannot be used: ${causesOf(cause)}`, {
      hint: 'Rules named there are looked for in its own folder first, then among those that come with unbake.',
      cause,
    });
  }
}

/** secretlint looks for rules beside itself; a globally installed unbake would not see the project's. */
function resolveRule(specifier: string): { url: string } | undefined {
  const load = folderOfLoad.getStore();
  if (load === undefined) return undefined;
  const require = createRequire(join(load.directory, 'package.json'));
  const attempts = [() => require.resolve(specifier), () => require.resolve(resolve(load.directory, specifier)), () => ownRequire.resolve(specifier)];
  for (const attempt of attempts) {
    try {
      const url = attempt();
      load.resolved.add(url);
      return { url };
    } catch {
      continue; // the next place
    }
  }
  return undefined;
}

function sortOut(configured: readonly { id: string; rule: unknown }[], presetRuleIds: readonly string[], fingerprint: string): UserRules {
  const rules: SecretLintCoreConfigRule[] = [];
  const presetSettings = new Map<string, RuleSettings>();
  let isPresetDisabled = false;
  const place = (rule: SecretLintCoreConfigRule) => {
    const id = rule.rule.meta.id;
    const { id: _id, rule: _rule, ...settings } = rule;
    if (presetRuleIds.includes(id)) presetSettings.set(id, settings);
    else if (rule.disabled !== true && rule.rule.meta.type === 'scanner') rules.push(rule);
  };
  for (const entry of configured) {
    const creator = entry.rule as SecretLintRuleCreator | SecretLintRulePresetCreator;
    if (creator.meta.type !== 'preset') {
      place(entry as SecretLintCoreConfigRule);
      continue;
    }
    const preset = entry as {
      id: string;
      rule: SecretLintRulePresetCreator;
      rules?: (RuleSettings & { id: string })[];
      options?: object;
      disabled?: boolean;
    };
    if (creator.meta.id === presetPackage && preset.disabled === true) isPresetDisabled = true;
    if (preset.disabled === true) continue;
    // A preset tells its rules only when it is created.
    preset.rule.create(
      {
        sharedOptions: {},
        registerRule(rule: SecretLintRuleCreator) {
          const { id: _id, ...settings } = preset.rules?.find(({ id }) => id === rule.meta.id) ?? { id: rule.meta.id };
          place({ ...settings, id: rule.meta.id, rule });
        },
      } as unknown as Parameters<SecretLintRulePresetCreator['create']>[0],
      preset.options ?? {},
    );
  }
  return { rules, presetSettings, isPresetDisabled, fingerprint };
}

/** secretlint gathers several errors into one; their first lines are what helps. */
function causesOf(thrown: unknown): string {
  const errors = thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : [thrown];
  return errors
    .map((error) =>
      messageOf(error)
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, 2)
        .join(' '),
    )
    .join('; ');
}
