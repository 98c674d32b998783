import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds in a clock tick of /proc, USER_HZ: 100 a second on every Linux that Node.js runs on. */
const tick = 10;

/**
 * CPU milliseconds that process groups took so far, with all that their processes have started and waited for. What left
 * its group and was not waited for (a daemon) counts until it ends.
 */
export function cpuOfGroups(groups: ReadonlySet<number>): number {
  let found = 0;
  for (const name of readdirSync("/proc")) {
    const fields = /^\d+$/.test(name) ? statOf(name) : undefined;
    if (fields !== undefined && groups.has(Number(fields[2]))) found += ticks(fields, 11, 15);
  }
  return found * tick;
}

/** CPU milliseconds of the programs that this process has started and waited for, so far. */
export function cpuOfEndedChildren(): number {
  return ticks(statOf("self") ?? [], 13, 15) * tick;
}

/** From the state on: 2 is the process group, 11 and 12 its own time, 13 and 14 that of what it waited for (proc(5)). */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function ticks(fields: readonly string[], from: number, to: number): number {
  return fields.slice(from, to).reduce((total, field) => total + Number(field), 0);
}
