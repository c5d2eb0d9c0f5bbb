// What is left to a person after files were taken out of a Dockerfile.
import type { Departures } from './departures.ts';
import type { Brought, FoundFile } from './file-causes.ts';
import { namesakesOf, type Stages } from './file-origins.ts';
import { nameIn } from './image-path.ts';
import { lines, listed } from './listed.ts';
import { flagOf, type Remark } from './plan.ts';
import { basesOf } from './scopes.ts';
import type { SecretFile } from './secret-files.ts';
import { buildFlagOf, idOf, isPlain } from './secret-id.ts';
import type { Word } from './words.ts';

interface FileAndHow {
  readonly file: FoundFile;
  readonly how: Brought;
}

/**
 * On what brought each file, as far as no COPY of the build context did, and where that is not sure. Files of one line are told
 * together. `dropped` are sources that go anyway.
 */
export function remarksOnOrigins(stages: Stages, brought: readonly FileAndHow[], dropped: ReadonlySet<Word>): Remark[] {
  const namesakes = (path: string) =>
    namesakesOf(stages, nameIn(path)).flatMap(({ step, source }) => (dropped.has(source.word) ? [] : [step.instruction.line]));
  const made = new Map<number, string[]>();
  const images = new Map<string, { readonly line: number; readonly image: string; readonly paths: string[] }>();
  const strangers: string[] = [];
  const remarks: Remark[] = [];
  for (const { file, how } of brought) {
    for (const line of how.kind === 'copied' ? [] : namesakes(file.path))
      remarks.push({ line, sentence: `this copies a ${nameIn(file.path)} to another place than ${file.path}: if that is the file, take it out.` });
    switch (how.kind) {
      case 'made':
        for (const { instruction } of how.steps) made.set(instruction.line, [...(made.get(instruction.line) ?? []), file.path]);
        break;
      case 'image': {
        const { line } = how.step.instruction;
        const same = images.get(`${line} ${how.image}`);
        if (same === undefined) images.set(`${line} ${how.image}`, { line, image: how.image, paths: [file.path] });
        else same.paths.push(file.path);
        break;
      }
      case 'stranger':
        strangers.push(file.path);
        break;
      case 'copied':
        remarks.push(...doubts(file.path, how, namesakes(file.path)));
    }
  }
  for (const [line, paths] of made) remarks.push({ line, sentence: madeHere(paths) });
  for (const { line, image, paths } of images.values())
    remarks.push({ line, sentence: `${listed(paths)}: copied from ${image}, so the secret has to be taken out of that image.` });
  if (strangers.length > 0) {
    const sentence = `${listed(strangers)}: no instruction of this file names ${strangers.length === 1 ? 'it' : 'them'}. Look into the base image (${listed(basesOf(stages.dockerfile))}), and into what the RUN instructions leave behind.`;
    remarks.push({ line: 0, sentence });
  }
  return remarks;
}

function madeHere(paths: readonly string[]): string {
  const [path] = paths;
  const id = idOf(path);
  const how = isPlain(path)
    ? `RUN ${flagOf({ kind: 'file', id, target: path, isForAll: false })} ..., built with ${buildFlagOf(id, nameIn(path))}`
    : 'RUN --mount=type=secret,id=...,target=... ...';
  return `this RUN makes or changes ${listed(paths)}. Leave that out, and give the command the finished file instead: ${how}.`;
}

function doubts(path: string, how: Brought & { readonly kind: 'copied' }, namesakes: readonly number[]): Remark[] {
  const remarks: Remark[] = [];
  const told = new Set<string>();
  const name = nameIn(path);
  for (const { step, provenance } of how.origins) {
    if ('path' in provenance) told.add(provenance.path);
    if (provenance.kind !== 'unclear') continue;
    const sentence = `where ${path} stands in the build context cannot be told, so .dockerignore leaves out every ${name}.`;
    remarks.push({ line: step.instruction.line, sentence });
    for (const line of namesakes) remarks.push({ line, sentence: `this copies a ${name}, which .dockerignore leaves out now: change one of them.` });
  }
  if (told.size > 1)
    remarks.push({ line: 0, sentence: `${path} can have been any of ${listed([...told])} in the build context: all were taken out.` });
  return remarks;
}

/** On what becomes of the commands that used the files. `mounted` are the ids that some RUN has. */
export function remarksOnFiles(stages: Stages, secrets: readonly SecretFile[], { runs, behind }: Departures, mounted: ReadonlySet<string>): Remark[] {
  const remarks: Remark[] = [];
  for (const { step, path, id, mentions } of runs) {
    const { line } = step.instruction;
    const isUsed = mentions.some(({ deed }) => deed === 'reads' || deed === 'changes');
    if (isUsed && !isPlain(path))
      remarks.push({
        line,
        sentence: `this RUN names ${path}, whose name cannot stand in a flag: mount it elsewhere, with --mount=type=secret,id=${id}.`,
      });
    else if (isUsed && mentions.some(({ deed }) => deed !== 'reads'))
      remarks.push({ line, sentence: `this RUN changes or removes ${path}, which cannot be done to a mounted secret: leave that out.` });
    else if (!isUsed && mentions.some(({ deed, isForced }) => deed === 'removes' && !isForced))
      remarks.push({ line, sentence: `this RUN removes ${path}, which is not there any more, so it will fail: leave that out.` });
    else if (!isUsed && mentions.some(({ deed }) => deed === 'writes'))
      remarks.push({ line, sentence: `this RUN writes ${path}, which would bring it back: leave that out.` });
  }
  remarks.push(...secrets.flatMap((secret) => unnamed(secret, mounted, behind)), ...neededLater(secrets));
  for (const step of stages.steps.flat()) {
    for (const { text } of step.instruction.keyword === 'RUN' ? step.instruction.flags : []) {
      const bound = secrets.find(({ contextPath }) => contextPath !== undefined && isBound(text, contextPath));
      if (bound !== undefined)
        remarks.push({
          line: step.instruction.line,
          sentence: `this RUN binds ${bound.contextPath} of the build context, where .dockerignore leaves it out now: make it type=secret,id=${bound.id}.`,
        });
    }
  }
  return remarks;
}

/** Commands often read a file without naming it: `npm ci` reads .npmrc. */
function unnamed({ id, contextPath, found }: SecretFile, mounted: ReadonlySet<string>, behind: Departures['behind']): Remark[] {
  const [place] = behind.get(id) ?? [];
  if (mounted.has(id) || place === undefined) return [];
  const { path } = place;
  const flag = isPlain(path) ? flagOf({ kind: 'file', id, target: path, isForAll: false }) : `--mount=type=secret,id=${id}`;
  const build = buildFlagOf(id, contextPath ?? nameIn(found[0].path));
  const sentence = `No RUN uses ${path} by name. If one reads it all the same (${lines(place.lines)}), put ${flag} behind its RUN and build with ${build}.`;
  return [{ line: 0, sentence }];
}

function neededLater(secrets: readonly SecretFile[]): Remark[] {
  const visible = new Set(secrets.flatMap(({ found }) => found.filter(({ isVisible }) => isVisible).map(({ path }) => path)));
  if (visible.size === 0) return [];
  const [are, them] = visible.size === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    {
      line: 0,
      sentence: `${listed([...visible])} ${are} not in the image any more: what needs ${them} at run time has to be given ${them} there, as a mounted file.`,
    },
  ];
}

function isBound(flag: string, contextPath: string): boolean {
  if (!flag.startsWith('--mount=')) return false;
  const options = flag.slice('--mount='.length).split(',');
  const isOfContext = !options.some((option) => option.startsWith('from=') || option === 'type=secret');
  return isOfContext && ['source', 'src'].some((key) => options.some((option) => option.replace(/=\.?\//, '=') === `${key}=${contextPath}`));
}
