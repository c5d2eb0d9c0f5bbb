// An npm application with some thirty thousand files and more than half a GB in node_modules. The lock stays in bench/.work, so that the
// layer can be made again; where there is no registry the node_modules of this project stand in.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { applicationLayer, run, type TarLayer, tarOfFolder, work } from './image.ts';

const dependencies = {
  eslint: '10.15.0',
  express: '5.3.0',
  googleapis: '188.0.0',
  jest: '30.5.2',
  lodash: '4.18.1',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  rxjs: '7.8.2',
  typescript: '7.0.2',
  webpack: '5.112.2',
};

export function npmLayer(): TarLayer {
  const tar = join(work, 'npm.tar');
  const name = 'npm application';
  if (existsSync(tar)) return { name, tar };
  const folder = join(work, 'npm');
  const app = join(folder, 'srv/app');
  const lock = join(work, 'npm.lock.json');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true, dependencies }, undefined, 2));
  if (existsSync(lock)) cpSync(lock, join(app, 'package-lock.json'));
  const npm = ['--prefix', app, existsSync(lock) ? 'ci' : 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm of the same Node, not whatever the path has.
  if (run('env', [`PATH=${dirname(process.execPath)}:${process.env.PATH}`, 'npm', ...npm]) === undefined) return applicationLayer();
  cpSync(join(app, 'package-lock.json'), lock);
  tarOfFolder(folder, tar);
  return { name, tar };
}
