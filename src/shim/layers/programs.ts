// The programs that do for an unpack what Node has no call for. They get names of ours only, never one of an image: those may be no text.
import { spawn, spawnSync } from 'node:child_process';
import { printable } from '../../model/printable.ts';
import { UnbakeError } from '../../model/error.ts';
import { programPath, requiredProgram } from '../runtime.ts';

const env = { PATH: programPath, LC_ALL: 'C' };

/** Makes a node at a path of ours, mode 0600. Throws UnbakeError `unsupported`, `runtime` when the program is missing. */
export function makeNode(path: string, type: 'b' | 'c' | 'p', major = 0, minor = 0): void {
  const mknod = requiredProgram('mknod', 'coreutils', 'an image with special files or deletions');
  const numbers = type === 'p' ? [] : [String(major), String(minor)];
  const { status, stderr } = spawnSync(mknod, ['-m', '600', '--', path, type, ...numbers], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return;
  throw new UnbakeError('unsupported', `a special file cannot be made: ${firstLine(stderr)}`, {
    hint: 'images and containers have to lie on a file system that can hold device nodes: name a folder with --root DIR or UNBAKE_ROOT',
  });
}

/** Writes out what the file system of a folder still has in memory, so that no name outlives its content in a power cut. */
export async function syncFileSystem(folder: string): Promise<void> {
  const sync = requiredProgram('sync', 'coreutils', 'the store of unpacked layers');
  const child = spawn(sync, ['-f', folder], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const complaint: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  const status = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (status !== 0) throw new UnbakeError('io', `unpacked layers cannot be written to the disk: ${firstLine(Buffer.concat(complaint))}`);
}

/** Runs a program of the machine in a folder; `complaint` is its first line on standard error, printable. */
export function runProgram(program: string, args: readonly string[], folder: string): { readonly isDone: boolean; readonly complaint: string } {
  const { status, stderr, error } = spawnSync(program, args, { env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 2 ** 26 });
  return { isDone: status === 0, complaint: firstLine(stderr) || printable(error?.message ?? '') };
}

function firstLine(bytes: Buffer | null): string {
  return printable((bytes ?? Buffer.alloc(0)).subarray(0, 300).toString('utf8').trim().split('\n')[0] ?? '');
}
