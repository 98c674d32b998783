import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The private folder of one start of Ansible, 0700, gone with it. In memory where the machine has a memory file system:
 * what is written in it (a task's parameters, sudo passwords) then never reaches a disk. Its path is short, because
 * sockets live in it (108 bytes).
 */
export interface JobFolder {
  readonly path: string;
  /** Path of a name in it. */
  at(...names: string[]): string;
  /** Writes a file that only this account reads. */
  write(name: string, text: string): string;
  remove(): void;
}

export function makeJobFolder(): JobFolder {
  const path = mkdtempSync(join(writable("/dev/shm") ? "/dev/shm" : tmpdir(), "om-"));
  // `up`: signed-in hosts; `c`: control sockets; `a`: agents; `output`: long output on its way to the engine.
  for (const name of ["up", "c", "a", "output", "tmp"]) mkdirSync(join(path, name), { mode: 0o700 });
  const at = (...names: string[]) => join(path, ...names);
  return {
    path,
    at,
    write(name, text) {
      writeFileSync(at(name), text, { mode: 0o600, flag: "wx" });
      return at(name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
