// Where the configuration is: the file that `--config` names, else `unbake.config.*` of the working folder, and of no folder above it.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { type Config, parseConfig } from './config.ts';

const configNames = ['unbake.config.yml', 'unbake.config.yaml', 'unbake.config.json'];

/** Its path, when this folder has one. Throws UnbakeError `usage` for two: nobody could tell which one holds. */
export function findConfig(folder: string): string | undefined {
  const found = configNames.filter((name) => existsSync(join(folder, name)));
  if (found.length > 1) {
    throw new UnbakeError('usage', `there is more than one configuration in the working folder: ${found.join(' and ')}`, {
      hint: 'name one with --config FILE, or none with --no-config.',
    });
  }
  return found[0] === undefined ? undefined : join(folder, found[0]);
}

/** Folders of rules in it are absolute afterwards. Throws UnbakeError `usage`. */
export async function readConfig(path: string, name: string): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UnbakeError('usage', `the configuration ${printable(name)} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const config = parseConfig(await documentOf(text, name), name);
  return { ...config, folders: config.folders.map((folder) => resolve(dirname(path), folder)) };
}

async function documentOf(text: string, name: string): Promise<unknown> {
  const isJson = name.endsWith('.json');
  try {
    return isJson ? JSON.parse(text) : (await import('./config-yaml.ts')).parseYaml(text);
  } catch (cause) {
    throw new UnbakeError('usage', `the configuration ${printable(name)} is not valid ${isJson ? 'JSON' : 'YAML'}: ${printable(messageOf(cause))}`, {
      cause,
    });
  }
}
