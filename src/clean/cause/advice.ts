// What to do so that the next build bakes nothing in, told from the history of the image alone: for those who give no Dockerfile.
import { printable } from '../../model/printable.ts';
import type { Cause } from './cause.ts';
import { instructionTold } from './created-by.ts';
import { nameIn } from './image-path.ts';
import { listed } from './listed.ts';
import { flagOf } from './plan.ts';
import { buildFlagOf, idOf, isPlain } from './secret-id.ts';

type FileCause = Cause & { readonly kind: 'file' };

/** Longer instructions are cut: what matters of them is which one it was. */
const longestShown = 120;
const plainName = /^[A-Za-z_][\w.-]{0,100}$/;

/**
 * One paragraph for each thing to do, in one line; causes with the same remedy share it. Holds names, paths and instructions as the
 * causes give them, made printable.
 */
export function adviceFor(causes: readonly Cause[]): readonly string[] {
  const files = Map.groupBy(
    causes.filter((cause) => cause.kind === 'file'),
    ({ createdBy }) => createdBy,
  );
  const named = (kind: 'variable' | 'argument') => unique(causes.flatMap((cause) => (cause.kind === kind ? [cause.name] : [])));
  const instructions = unique(causes.flatMap((cause) => (cause.kind === 'instruction' ? [cause.createdBy] : [])));
  return [
    ...Array.from(files, ([createdBy, some]) => onFiles(createdBy, some)),
    ...onVariables(named('variable'), named('argument')),
    ...instructions.map(onInstruction),
  ];
}

function onFiles(createdBy: string | undefined, files: readonly FileCause[]): string {
  const paths = unique(files.map(({ path }) => path));
  const [path] = paths;
  const example = isPlain(path)
    ? `RUN ${flagOf({ kind: 'file', id: idOf(path), target: path, isForAll: false })} ..., built with ${buildFlagOf(idOf(path), nameIn(path))}`
    : 'RUN --mount=type=secret,id=NAME,target=PATH ..., built with --secret id=NAME,src=FILE';
  const keyword = createdBy === undefined ? undefined : instructionTold(createdBy).keyword;
  const came = createdBy === undefined ? '' : ` came in with "${shown(createdBy)}"`;
  const deleted = files.every(({ isVisible }) => !isVisible) ? ' Deleting it later leaves it in its layer.' : '';
  const subject = `${listed(paths.map(shown))}${came}`;
  if (keyword === 'RUN') return `${subject}: let that RUN leave nothing behind, and give it the finished file as a secret: ${example}.${deleted}`;
  const names = listed(unique(paths.map(nameIn)).map(shown));
  return `${subject}: copy ${paths.length === 1 ? 'it' : 'them'} no more, put ${names} into .dockerignore, and give the file to the RUN that needs it: ${example}.${deleted}`;
}

function onVariables(variables: readonly string[], args: readonly string[]): string[] {
  const all = unique([...variables, ...args]);
  if (all.length === 0) return [];
  const name = all.find((one) => plainName.test(one)) ?? 'NAME';
  const flag = flagOf({ kind: 'env', id: name, name });
  const keywords = [...(variables.length > 0 ? ['ENV'] : []), ...(args.length > 0 ? ['ARG'] : [])].join(' and ');
  const build = `Take ${keywords} of ${listed(all.map(shown))} out of the Dockerfile, and give the value to the RUN that needs it: RUN ${flag} ..., built with --secret id=${name},env=${name}.`;
  const run = variables.length === 0 ? '' : ` At run time give it to the container: docker run -e ${name}, or the secrets of your platform.`;
  return [build + run];
}

function onInstruction(createdBy: string): string {
  const { keyword } = instructionTold(createdBy);
  const remedy =
    keyword === 'RUN'
      ? 'give it to that RUN with --mount=type=secret,id=NAME,env=NAME, built with --secret id=NAME,env=NAME, and write $NAME'
      : 'take it out, as everybody who has the image reads it';
  return `A secret is written out in "${shown(createdBy)}": ${remedy}.`;
}

function unique<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}

function shown(text: string): string {
  return printable(text.length > longestShown ? `${text.slice(0, longestShown)}...` : text);
}
