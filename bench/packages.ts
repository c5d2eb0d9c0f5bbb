// Two layers of Debian packages, as `apt-get install` would add them to the Debian root: a system with compilers and interpreters, and
// Python libraries. apt of that root resolves and fetches them; they are unpacked beside it, and no script of theirs runs.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianRoot, installedFiles, must, run, type TarLayer, tarOfFiles, tarOfFolder, work } from './image.ts';

const system = ['python3', 'nodejs', 'git', 'gcc', 'make', 'curl', 'ca-certificates', 'openssl', 'openssh-client'];
const python = ['python3-numpy', 'python3-django', 'python3-sqlalchemy', 'python3-requests'];
/** Of the sample of installed packages, which stands in where others cannot be fetched. */
const sampleBytes = 450e6;

export function systemLayer(): TarLayer | undefined {
  const tar = join(work, 'system.tar');
  return layerOf('apt packages', tar, system) ?? sampledPackages(tar);
}

export function pythonLayer(): TarLayer | undefined {
  return layerOf('Python packages', join(work, 'python.tar'), [...system, ...python], system);
}

/** The packages and what they need, without what `but` would have brought already. Undefined where it takes what is not there: root, the network. */
function layerOf(name: string, tar: string, packages: readonly string[], but: readonly string[] = []): TarLayer | undefined {
  if (existsSync(tar)) return { name, tar };
  const root = debianRoot();
  if (root === undefined) return undefined;
  const bench = join(root, 'bench');
  const archives = join(bench, 'archives');
  const target = join(bench, 'unpacked');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const known = but.length === 0 ? [] : fetched(root, archives, but);
  const wanted = known && fetched(root, archives, packages)?.filter((archive) => !known.includes(archive));
  if (wanted === undefined) return undefined;
  for (const archive of wanted) must('chroot', [root, 'dpkg-deb', '-x', `/bench/archives/${archive}`, '/bench/unpacked']);
  // Which versions they were: stable moves, if slowly.
  writeFileSync(`${tar}.packages`, `${wanted.join('\n')}\n`);
  tarOfFolder(target, tar);
  return { name, tar };
}

/** File names of the packages and all that they need beyond the root, in their order. */
function fetched(root: string, archives: string, packages: readonly string[]): readonly string[] | undefined {
  if (readdirSync(join(root, 'var/lib/apt/lists')).length < 3 && run('chroot', [root, 'apt-get', 'update']) === undefined) return undefined;
  const apt = ['apt-get', '-o', 'Dir::Cache::archives=/bench/archives', '-y', '--no-install-recommends', 'install', ...packages];
  if (run('chroot', [root, ...apt, '--download-only']) === undefined) return undefined;
  const uris = run('chroot', [root, 'apt-get', '-o', 'Dir::Cache::archives=/bench/none', ...apt.slice(3), '--print-uris']);
  const names = uris?.match(/(?<=^'\S+' )\S+\.deb(?= )/gm)?.toSorted();
  return names?.filter((archive) => existsSync(join(archives, archive)));
}

/** Every so-manieth file of the packages that this machine has, so that all kinds are in it; undefined where it has none. */
export function sampledPackages(tar: string): TarLayer | undefined {
  const name = 'a sample of the installed Debian packages';
  if (existsSync(tar)) return { name, tar };
  const files = installedFiles();
  if (files === undefined) return undefined;
  const total = files.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  const step = Math.max(1, Math.round(total / sampleBytes));
  tarOfFiles(
    files.filter((_, index) => index % step === 0),
    tar,
  );
  return { name, tar };
}
