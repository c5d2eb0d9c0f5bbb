// An image with a secret in every place that cleaning has to reach: seen, deleted, overwritten, hidden, linked, in binaries, in metadata.
import { redactionCharacter } from '../../src/model/redaction.ts';
import { assemble, type BuiltImage, type ImagePlan } from './image.ts';
import * as planted from './planted.ts';
import { directory, file, hardlink, opaque, whiteout } from './raw-tar.ts';

const pem = planted.privateKey('ed25519', 'clean key');

export const secrets = {
  visible: planted.githubToken('clean visible'),
  /** What is secret in a key file: the line between its first and its last. */
  key: pem.split('\n')[1]!,
  binary: planted.stripeKey('clean binary'),
  deleted: planted.npmToken('clean deleted'),
  overwritten: planted.slackToken('clean overwritten'),
  hidden: planted.githubToken('clean hidden'),
  variable: planted.githubToken('clean variable'),
  argument: planted.githubToken('clean argument'),
} as const;

/** What stands in the files, by path. The names beside a key are hard links to it, one to the other. */
export const bodies = {
  '/srv/app/.env': Buffer.from(`PORT=80\nGITHUB_TOKEN=${secrets.visible}\n`),
  '/srv/app/copy.txt': Buffer.from(`${Buffer.from(`token: ${secrets.visible} end`).toString('base64')}\n`),
  '/srv/app/key': Buffer.from(pem),
  '/srv/app/program.bin': Buffer.concat([
    Buffer.from([0x7f, 0, 1, 2, 0]),
    Buffer.from(`key=${secrets.binary}`),
    Buffer.alloc(300, 1),
    Buffer.alloc(9),
  ]),
  '/srv/app/.npmrc': Buffer.from(`//registry.npmjs.org/:_authToken=${secrets.deleted}\n`),
  '/srv/app/config.json': Buffer.from(`{"slack": "${secrets.overwritten}"}\n`),
  '/srv/cache/old.env': Buffer.from(`GITHUB_TOKEN=${secrets.hidden}\n`),
} as const;

/** Of every file that holds a secret, so that whoever changes it is seen. */
export const owned = { uid: 1000, gid: 1001, mtime: 1_700_000_000, mode: 0o640 } as const;

export const linkNames = ['/srv/app/key', '/srv/app/key-link', '/srv/app/key-link-of-link'] as const;

/** Kept by every cleaning, whatever its mode. */
export const harmless = { path: '/srv/app/readme', body: 'nothing to see here\n' } as const;

const entryOf = (path: keyof typeof bodies): Buffer => file(path.slice(1), bodies[path], owned);

/** `base` are entries of a layer below: programs to run. Layers are counted from it on. */
export function leakyImage(base: readonly Buffer[] = [file('etc/base', 'a base\n')], plan: Partial<ImagePlan> = {}): BuiltImage {
  return assemble({
    tags: ['leaky:1'],
    config: {
      Cmd: ['/bin/sh'],
      Env: ['PATH=/bin', `API_TOKEN=${secrets.variable}`, 'MODE=production'],
      Labels: { note: `built with ${secrets.argument}`, kept: 'yes' },
    },
    emptyLayers: [
      { before: 1, createdBy: `ENV API_TOKEN=${secrets.variable}` },
      { before: 2, createdBy: `ARG GITHUB_TOKEN=${secrets.argument}` },
    ],
    layers: [
      { entries: base, compression: 'gzip' },
      {
        entries: [
          directory('srv/'),
          directory('srv/app/', { uid: 1000, gid: 1001 }),
          entryOf('/srv/app/.env'),
          entryOf('/srv/app/copy.txt'),
          entryOf('/srv/app/key'),
          hardlink('srv/app/key-link', 'srv/app/key', owned),
          hardlink('srv/app/key-link-of-link', 'srv/app/key-link', owned),
          entryOf('/srv/app/program.bin'),
          entryOf('/srv/app/.npmrc'),
          entryOf('/srv/app/config.json'),
          file(harmless.path.slice(1), harmless.body),
          directory('srv/cache/'),
          entryOf('/srv/cache/old.env'),
        ],
        compression: 'gzip',
        createdBy: 'COPY . /srv # buildkit',
      },
      {
        entries: [
          directory('srv/'),
          directory('srv/app/'),
          whiteout('srv/app/.npmrc'),
          file('srv/app/config.json', '{}\n', owned),
          directory('srv/cache/'),
          opaque('srv/cache'),
          file('srv/cache/new', 'fresh\n'),
        ],
        createdBy: 'RUN rm /srv/app/.npmrc && refresh',
      },
    ],
    ...plan,
  });
}

/** How a cleaning was asked to treat the files: `default` is without any `--mode`. */
export const treatments = ['default', 'drop', 'empty', 'redact'] as const;
export type Asked = (typeof treatments)[number];

export function modeFlags(asked: Asked): string[] {
  return asked === 'default' ? [] : ['--mode', `**=${asked}`];
}

/** What a container sees afterwards, as `stat -c '%u:%g %a %Y %s'` tells it, by path. */
export function seenAfter(asked: Asked): Record<string, string> {
  const { uid, gid, mode, mtime } = owned;
  const told = (size: number) => `${uid}:${gid} ${mode.toString(8)} ${mtime} ${size}`;
  const visible = (path: keyof typeof bodies): string => {
    if (asked === 'drop') return 'missing';
    const isEmpty = asked === 'empty' || (asked === 'default' && path === '/srv/app/program.bin');
    return told(isEmpty ? 0 : bodies[path].length);
  };
  return {
    '/srv/app/.env': visible('/srv/app/.env'),
    '/srv/app/copy.txt': visible('/srv/app/copy.txt'),
    ...Object.fromEntries(linkNames.map((name) => [name, visible('/srv/app/key')])),
    '/srv/app/program.bin': visible('/srv/app/program.bin'),
    '/srv/app/.npmrc': 'missing',
    '/srv/app/config.json': told('{}\n'.length),
    '/srv/cache/old.env': 'missing',
    [harmless.path]: `0:0 644 0 ${harmless.body.length}`,
  };
}

/** The body of /srv/app/.env where it is redacted: as long as before, the token written over. */
export const redactedEnv = `PORT=80\nGITHUB_TOKEN=${redactionCharacter.repeat(secrets.visible.length)}\n`;
