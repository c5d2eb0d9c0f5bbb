// The licences of the packages that are bundled, which ask to be handed on with them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/** `inputs`: paths of bundled sources, relative to `root`. Throws for a package that names no licence. */
export function licencesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const parts = [...folders].sort().map((folder) => licenceOf(join(root, folder)));
  return `This package holds code of the following packages, each under the terms that stand with it.\n\n${parts.join('\n')}`;
}

function licenceOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  if (manifest.license === undefined) throw new Error(`${manifest.name} names no licence`);
  const files = readdirSync(folder).filter((name) => /^(?:licen[cs]e|copying|notice)(?:$|[.-])/i.test(name));
  const author = typeof manifest.author === 'object' ? manifest.author.name : (manifest.author ?? 'its authors');
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim());
  const title = `${manifest.name} ${manifest.version} (${manifest.license})`;
  return `${title}\n${'='.repeat(title.length)}\n\n${texts.length === 0 ? `By ${author}.` : texts.join('\n\n')}\n`;
}
