// A small static web server in an image of three layers, with the programs of busybox and a leaked secret beside the pages. What `unbake run`
// is tried on: it serves port 8080, knows root and a user `web`, and has /bin/sh.
import { readFileSync } from 'node:fs';
import { archive, docker25Archive } from './forms.ts';
import { assemble, type BuiltImage, type ImagePlan } from './image.ts';
import * as planted from './planted.ts';
import { directory, file, symlink } from './raw-tar.ts';
import type { Scratch } from './scratch.ts';
import { tool } from './tool.ts';

const applets =
  'cat chmod chown cp date dd echo env false find free grep head hostname httpd id ifconfig ip kill ls mkdir mount nc ping printf ps pwd readlink rm sed seq sh sleep stat sync tail touch true umount wc wget whoami'.split(
    ' ',
  );

/** Stands in /srv/.env, and nothing that the server does needs it. */
export const leaked = planted.githubToken('web app');
export const leakedLine = `GITHUB_TOKEN=${leaked}\n`;
export const page = 'unbaked\n';

/** Needs busybox on the machine, statically linked (Debian's busybox-static). `config` is laid over that of the server. */
export function webApp(config: Readonly<Record<string, unknown>> = {}, more: Partial<ImagePlan> = {}): BuiltImage {
  const busybox = readFileSync(tool('sh', ['-c', 'command -v busybox']));
  const programs = [
    directory('bin/'),
    file('bin/busybox', busybox, { mode: 0o755 }),
    ...applets.map((name) => symlink(`bin/${name}`, 'busybox')),
    directory('etc/'),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/srv:/bin/sh\n'),
    file('etc/group', 'root:x:0:\nweb:x:1000:\nstaff:x:50:web\n'),
    directory('root/', { mode: 0o700 }),
    directory('tmp/', { mode: 0o1777 }),
  ];
  const site = [
    directory('srv/'),
    file('srv/index.html', page),
    file('srv/.env', leakedLine, { mode: 0o640, uid: 1000, gid: 1000, mtime: 1_700_000_000 }),
    file('srv/data.txt', 'not executable\n'),
  ];
  return assemble({
    layers: [
      { entries: programs, compression: 'gzip' },
      { entries: site, compression: 'gzip' },
    ],
    tags: ['web:1'],
    ...more,
    config: {
      Cmd: ['httpd', '-f', '-p', '8080', '-h', '/srv'],
      Env: ['PATH=/bin', 'SITE=/srv'],
      ExposedPorts: { '8080/tcp': {} },
      WorkingDir: '/srv',
      StopSignal: 'SIGKILL',
      ...config,
    },
  });
}

/** The path of a file with it, as `docker save` writes one. */
export function webAppArchive(files: Scratch, config: Readonly<Record<string, unknown>> = {}, more: Partial<ImagePlan> = {}): string {
  return files.file(archive(docker25Archive(webApp(config, more))));
}
