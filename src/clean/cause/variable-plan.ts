// ENV and ARG of a secret go; each RUN behind them that names the variable gets it as a secret of that RUN alone.
import type { Dockerfile } from './dockerfile.ts';
import { lines, listed } from './listed.ts';
import { flagOf, isMounted, type Mount, type Plan, type Remark } from './plan.ts';
import { basesOf, chainOf, type IsVisible, scopesOf } from './scopes.ts';
import { secretNames } from './secret-names.ts';
import type { Step } from './steps.ts';
import { namesExpanded, namesRead } from './variables-in-text.ts';

/** Commands that are run later, in a container, and see its environment then. */
const runLater = new Set(['CMD', 'ENTRYPOINT', 'HEALTHCHECK']);
const mountable = /^[A-Za-z_][\w.-]*$/;
/** Each takes a look at every RUN. */
const mostRemarkedNames = 50;

/** `names` are those of the environment and of build arguments in which a secret was found. Takes names that are defined times stages. */
export function planVariables(dockerfile: Dockerfile, steps: readonly Step[], names: readonly string[]): Plan {
  const { ids, remarks } = secretNames(steps, names, dockerfile.escape);
  const isVisible = scopesOf(dockerfile, steps, (name) => ids.has(name));
  const drops = steps.flatMap(({ instruction, definitions }) =>
    definitions.filter(({ name }) => ids.has(name)).map((piece) => ({ instruction, piece })),
  );
  const seenBy = (step: Step, found: ReadonlySet<string>) => [...found].filter((name) => ids.has(name) && isVisible(name, step));

  const mounts: { step: Step; name: string; mount: Mount }[] = steps.flatMap((step) =>
    step.instruction.keyword !== 'RUN'
      ? []
      : seenBy(step, namesRead(step.instruction.body))
          .filter((name) => mountable.test(name))
          .map((name) => ({ step, name, mount: { kind: 'env', id: ids.get(name)!, name } })),
  );
  const missing = mounts.filter(({ step, mount }) => !isMounted(step.instruction, mount));
  return {
    drops,
    mounts: missing.map(({ step, mount }) => ({ instruction: step.instruction, mount })),
    buildFlags: Array.from(new Set(missing.map(({ mount }) => mount.id)), (id) => `--secret id=${id},env=${id}`),
    remarks: [
      ...remarks,
      ...strangers(
        names.filter((name) => !ids.has(name)),
        dockerfile,
      ),
      ...steps.flatMap((step) => lostUses(step, dockerfile.escape, seenBy)),
      ...unnamed(steps, ids, new Set(mounts.map(({ name }) => name)), isVisible),
      ...neededLater(dockerfile, steps, ids, seenBy),
    ],
  };
}

type SeenBy = (step: Step, found: ReadonlySet<string>) => string[];

/** Names that this file does not set. */
function strangers(names: readonly string[], dockerfile: Dockerfile): Remark[] {
  if (names.length === 0) return [];
  const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const sentence = `${listed(names)} ${are} set by no ARG or ENV of this file: the base image (${listed(basesOf(dockerfile))}) brings ${them}, or the command that builds.`;
  return [{ line: 0, sentence }];
}

/** Places other than commands, into which the build would put the value. */
function lostUses(step: Step, escape: string, seenBy: SeenBy): Remark[] {
  const { keyword, flags, body, line } = step.instruction;
  if (step.definitions.length > 0 || runLater.has(keyword)) return [];
  const inFlags = flags.map(({ text }) => text).join(' ');
  const used = seenBy(step, namesExpanded(keyword === 'RUN' ? inFlags : `${inFlags} ${body}`, escape));
  if (used.length === 0) return [];
  const what = keyword === 'RUN' ? 'a flag of RUN' : keyword;
  return [
    { line, sentence: `${what} uses ${listed(used)}, which is empty now. A secret reaches the command of a RUN only: write this line without it.` },
  ];
}

/** Commands often read a variable without naming it: `npm ci` reads NPM_TOKEN. */
function unnamed(steps: readonly Step[], ids: ReadonlyMap<string, string>, named: ReadonlySet<string>, isVisible: IsVisible): Remark[] {
  const runs = steps.filter(({ instruction }) => instruction.keyword === 'RUN');
  return [...ids]
    .filter(([name]) => !named.has(name))
    .slice(0, mostRemarkedNames)
    .flatMap(([name, id]) => {
      const behind = runs.filter((step) => isVisible(name, step)).map(({ instruction }) => instruction.line);
      if (behind.length === 0) return [];
      const flag = flagOf({ kind: 'env', id, name });
      const sentence = `No RUN names ${name}. If one reads it all the same (${lines(behind)}), put ${flag} behind its RUN and build with --secret id=${id},env=${id}.`;
      return [{ line: 0, sentence }];
    });
}

/** The environment of the image was there when a container ran; a build argument was not. */
function neededLater(dockerfile: Dockerfile, steps: readonly Step[], ids: ReadonlyMap<string, string>, seenBy: SeenBy): Remark[] {
  const inImage = new Set(chainOf(dockerfile));
  const readers = new Map<string, number[]>();
  for (const step of steps) {
    const { keyword, isTrigger, stage, body, line } = step.instruction;
    if (keyword === 'ENV' && !isTrigger && inImage.has(stage))
      for (const { name } of step.definitions) if (ids.has(name) && !readers.has(name)) readers.set(name, []);
    if (runLater.has(keyword)) for (const name of seenBy(step, namesRead(body))) readers.set(name, [...(readers.get(name) ?? []), line]);
  }
  return Array.from(readers, ([name, found]) => {
    const who = found.length === 0 ? 'What needs it at run time' : `What needs it at run time (${lines(found)})`;
    return {
      line: 0,
      sentence: `${name} is not in the environment of the image any more. ${who} is given it there: docker run -e ${name}, or the secrets of your platform.`,
    };
  });
}
