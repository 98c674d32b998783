import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const diskPrefix = "job-";
/** In a folder on disk: where its folder in memory is, for whoever comes after a death of the controller. */
const memoryLink = ".memory";

/**
 * The private folder of one start of Ansible, 0700, gone with it. In memory where the machine has a memory file system:
 * what is written in it (a task's parameters, sudo passwords) then never reaches a disk. Its path is short, because
 * sockets live in it (108 bytes).
 */
export interface JobFolder {
  readonly path: string;
  /** As private, on the engine's own disk: for what may be large (output on its way, Ansible's temporary files). */
  readonly disk: string;
  /** Path of a name in it. */
  at(...names: string[]): string;
  /** Writes a file that only this account reads. */
  write(name: string, text: string): string;
  remove(): void;
}

export function makeJobFolder(engineFolder: string): JobFolder {
  const path = mkdtempSync(join(writable("/dev/shm") ? "/dev/shm" : tmpdir(), "om-"));
  const disk = mkdtempSync(join(engineFolder, diskPrefix));
  symlinkSync(path, join(disk, memoryLink));
  // `up`: signed-in hosts; `c`: control sockets; `a`: agents.
  for (const name of ["up", "c", "a"]) mkdirSync(join(path, name), { mode: 0o700 });
  const at = (...names: string[]) => join(path, ...names);
  return {
    path,
    disk,
    at,
    write(name, text) {
      writeFileSync(at(name), text, { mode: 0o600, flag: "wx" });
      return at(name);
    },
    remove() {
      for (const folder of [path, disk]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes what an earlier life of the engine left; `end` comes first for each folder, for what may still use it. */
export async function removeLeftFolders(engineFolder: string, end: (folder: string) => Promise<void>): Promise<void> {
  for (const name of readdirSync(engineFolder).filter((each) => each.startsWith(diskPrefix))) {
    const disk = join(engineFolder, name);
    const memory = linkIn(disk);
    if (memory !== undefined) {
      await end(memory);
      rmSync(memory, { recursive: true, force: true });
    }
    rmSync(disk, { recursive: true, force: true });
  }
}

function linkIn(disk: string): string | undefined {
  try {
    return readlinkSync(join(disk, memoryLink));
  } catch {
    // It died before the link was made, and so before anything was written.
    return undefined;
  }
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
