// The processes that a process started, and those that they started. A runtime's `exec` puts its process into a session of its own, so the
// process group does not reach it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Their process ids; none when /proc is not that of our own process namespace. */
export function processesBelow(pid: number): number[] {
  const children = childrenOfAll();
  const below = new Set(children.get(pid));
  for (const found of below) for (const child of children.get(found) ?? []) below.add(child);
  return [...below];
}

function childrenOfAll(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return children;
    for (const name of readdirSync('/proc')) {
      const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
      if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    }
  } catch {
    // Without /proc there is nothing to tell.
  }
  return children;
}

/** The program's name stands in brackets and may hold anything, brackets and spaces too: the last bracket ends it (proc(5)). */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
